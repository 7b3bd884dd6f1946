package export

import "fmt"

// Values are written as hexadecimal words of a fixed number of digits: two's complement, cut to the value's bit width.

const hexDigits = "0123456789abcdef"

// wordDigits is the number of digits of a word of the given width.
func wordDigits(bits int) int { return (bits + 3) / 4 }

// appendWord writes the low bits of v.
func appendWord(text []byte, v int64, bits int) []byte {
	for i := wordDigits(bits) - 1; i >= 0; i-- {
		digit := v >> (4 * i)
		if left := bits - 4*i; left < 4 {
			digit &= 1<<left - 1
		}
		text = append(text, hexDigits[digit&15])
	}
	return text
}

// parseWord reads a signed value of the given width. The digits may hold the sign further up, as a wider signal shows it, but
// no other bits.
func parseWord(word []byte, bits int) (int64, error) {
	v, digits, err := parseDigits(word)
	if err != nil {
		return 0, err
	}
	signed := int64(v<<(64-bits)) >> (64 - bits)
	all := uint64(1)<<(4*digits) - 1 // all ones for 16 digits, too: the shift gives 0
	if v>>bits != 0 && uint64(signed)&all != v {
		return 0, fmt.Errorf("%q is wider than %d bits", word, bits)
	}
	return signed, nil
}

// parseDigits reads 1 to 16 digits, which $readmemh allows to be parted by underscores.
func parseDigits(word []byte) (v uint64, digits int, err error) {
	for _, c := range word {
		var d byte
		switch {
		case c >= '0' && c <= '9':
			d = c - '0'
		case c >= 'a' && c <= 'f':
			d = c - 'a' + 10
		case c >= 'A' && c <= 'F':
			d = c - 'A' + 10
		case c == '_' && digits > 0:
			continue
		case c == 'x' || c == 'X' || c == 'z' || c == 'Z':
			return 0, 0, fmt.Errorf("%q has unknown bits: the device has not driven them", clip(word))
		default:
			return 0, 0, fmt.Errorf("%q is no hexadecimal word", clip(word))
		}
		if digits++; digits > 16 {
			return 0, 0, fmt.Errorf("%q has more than 16 digits", clip(word))
		}
		v = v<<4 | uint64(d)
	}
	if digits == 0 {
		return 0, 0, fmt.Errorf("%q is no hexadecimal word", clip(word))
	}
	return v, digits, nil
}

// clip keeps an error short, whatever the file held.
func clip(text []byte) []byte {
	const most = 40
	if len(text) > most {
		return append(text[:most:most], "..."...)
	}
	return text
}
