package dump

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// appendReals appends the text of integers at a fix position as real numbers: C's "%12g" each, newlines between.
func appendReals(text []byte, values []int16, position int) []byte {
	var number [32]byte
	for i, q := range values {
		if i > 0 {
			text = append(text, '\n')
		}
		digits := appendReal(number[:0], q, position)
		for range 12 - len(digits) {
			text = append(text, ' ')
		}
		text = append(text, digits...)
	}
	return text
}

// appendReal appends the real number q/2^position with six significant digits, as C's "%g" has it.
func appendReal(text []byte, q int16, position int) []byte {
	return strconv.AppendFloat(text, math.Ldexp(float64(q), -position), 'g', 6, 64)
}

// appendIntegers appends integers as C's "%g" has them, newlines between; up to six digits that is plain decimal.
func appendIntegers(text []byte, values []int16) []byte {
	for i, q := range values {
		if i > 0 {
			text = append(text, '\n')
		}
		text = strconv.AppendInt(text, int64(q), 10)
	}
	return text
}

// lines calls f for each line of a text, without the spaces around it. Newlines may be those of Windows, and the last line
// may end in one.
func lines(text []byte, f func(number int, line []byte) error) error {
	for number := 1; len(text) > 0; number++ {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		if err := f(number, bytes.TrimSpace(line)); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		text = rest
	}
	return nil
}

// parseNumber reads a finite decimal number. Go's own forms, with 0x and underscores, are none.
func parseNumber(text []byte) (float64, error) {
	for _, c := range text {
		if strings.IndexByte("+-.0123456789eE", c) < 0 {
			return 0, strconv.ErrSyntax
		}
	}
	return strconv.ParseFloat(string(text), 64)
}

// parseIntegers reads the text of a _fix file: width integers, or any number of them if width is negative.
func parseIntegers(values []int16, text []byte, width int) ([]int16, error) {
	values = values[:0]
	err := lines(text, func(_ int, line []byte) error {
		if len(values) == width {
			return fmt.Errorf("there are more than %d values", width)
		}
		if v, ok := shortInteger(line); ok {
			values = append(values, v)
			return nil
		}
		v, err := parseNumber(line)
		if err != nil || v != math.Trunc(v) {
			return fmt.Errorf("%.40q is no integer", line)
		}
		if v < math.MinInt16 || v > math.MaxInt16 {
			return fmt.Errorf("%s does not fit into 16 bits", line)
		}
		values = append(values, int16(v))
		return nil
	})
	if err == nil && width >= 0 && len(values) < width {
		err = fmt.Errorf("line %d: the file ends after %d values of %d", len(values)+1, len(values), width)
	}
	return values, err
}

// shortInteger reads what nearly every line of integers is: at most four digits, with a minus sign or without.
func shortInteger(line []byte) (v int16, ok bool) {
	digits, negative := bytes.CutPrefix(line, []byte{'-'})
	if len(digits) == 0 || len(digits) > 4 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = 10*v + int16(c-'0')
	}
	if negative {
		v = -v
	}
	return v, true
}

// parseReals reads the text of a file of real numbers, as many as width says.
func parseReals(values []float64, text []byte, width int) ([]float64, error) {
	values = values[:0]
	err := lines(text, func(_ int, line []byte) error {
		if len(values) == width {
			return fmt.Errorf("there are more than %d values", width)
		}
		v, err := parseNumber(line)
		if err != nil {
			return fmt.Errorf("%.40q is no number", line)
		}
		values = append(values, v)
		return nil
	})
	if err == nil && len(values) < width {
		err = fmt.Errorf("line %d: the file ends after %d values of %d", len(values)+1, len(values), width)
	}
	return values, err
}

// agree tells whether a real number from a file is the integer q at a fix position: exactly, or as six digits can say it.
func agree(real float64, q int16, position int) bool {
	if real == math.Ldexp(float64(q), -position) {
		return true
	}
	var text [32]byte
	rounded, err := strconv.ParseFloat(string(appendReal(text[:0], q, position)), 64)
	return err == nil && real == rounded
}

// positionOf gives the fix position at which a real number is the integer q, which is not zero.
func positionOf(real float64, q int16) (int, bool) {
	if real == 0 {
		return 0, false
	}
	p := math.Round(math.Log2(float64(q) / real))
	if math.IsNaN(p) || p < -32 || p > 31 {
		return 0, false
	}
	return int(p), agree(real, q, int(p))
}
