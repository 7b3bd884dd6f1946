package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// literal gives the value of an instruction that pushes one: a number, text, or a container.
func (d *Decoder) literal(code byte) (any, error) {
	switch code {
	case opNone:
		return nil, nil
	case opNewTrue:
		return true, nil
	case opNewFalse:
		return false, nil
	case opEmptyTuple:
		return Tuple{}, nil
	case opEmptyList:
		return &List{}, nil
	case opEmptyDict:
		return &Dict{}, nil
	case opEmptySet:
		return &Set{}, nil
	case opTuple1, opTuple2, opTuple3:
		return asValue(d.popTuple(int(code-opTuple1) + 1))
	case opTuple, opList, opDict, opFrozenSet:
		return d.marked(code)
	case opString, opBinString, opShortBinString, opUnicode, opBinUnicode, opShortBinUnicode, opBinUnicode8:
		return d.literalText(code)
	case opBinBytes:
		return asBytes(d.sized(4))
	case opShortBinBytes:
		return asBytes(d.sized(1))
	case opBinBytes8, opByteArray8:
		return asBytes(d.sized(8))
	}
	return d.number(code)
}

func (d *Decoder) number(code byte) (any, error) {
	switch code {
	case opBinInt1:
		v, err := d.unsigned(1)
		return int64(v), err
	case opBinInt2:
		v, err := d.unsigned(2)
		return int64(v), err
	case opBinInt:
		v, err := d.unsigned(4)
		return int64(int32(v)), err
	case opLong1, opLong4:
		width := 1
		if code == opLong4 {
			width = 4
		}
		data, err := d.sized(width)
		if err != nil {
			return nil, err
		}
		return long(data), nil
	case opBinFloat:
		data, err := d.bytes(8)
		if err != nil {
			return nil, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(data)), nil
	case opInt, opLong, opFloat:
		line, err := d.line()
		if err != nil {
			return nil, err
		}
		return numberText(code, line)
	}
	return nil, fmt.Errorf("the instruction is unknown or not supported")
}

// numberText reads a number of protocol 0, where INT 00 and 01 are booleans and LONG ends with an L.
func numberText(code byte, line string) (any, error) {
	if code == opFloat {
		v, err := strconv.ParseFloat(line, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no number", line)
		}
		return v, nil
	}
	if code == opInt && (line == "00" || line == "01") {
		return line == "01", nil
	}
	digits := strings.TrimSuffix(line, "L")
	if v, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return v, nil
	}
	v, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return nil, fmt.Errorf("%q is no integer", line)
	}
	return v, nil
}

// literalText reads text. Python 2's byte strings (STRING and its short forms) are taken for text, as torch.load does.
func (d *Decoder) literalText(code byte) (any, error) {
	var data []byte
	var err error
	switch code {
	case opBinString, opBinUnicode:
		data, err = d.sized(4)
	case opShortBinString, opShortBinUnicode:
		data, err = d.sized(1)
	case opBinUnicode8:
		data, err = d.sized(8)
	case opString:
		line, err := d.line()
		if err != nil {
			return nil, err
		}
		if len(line) < 2 || (line[0] != '\'' && line[0] != '"') || line[len(line)-1] != line[0] {
			return nil, fmt.Errorf("%q is not in quotes", line)
		}
		return unescape(line[1 : len(line)-1])
	case opUnicode:
		line, err := d.line()
		if err != nil {
			return nil, err
		}
		return rawUnicode(line)
	}
	if err != nil {
		return nil, err
	}
	if (code == opBinUnicode || code == opShortBinUnicode || code == opBinUnicode8) && !utf8.Valid(data) {
		return nil, fmt.Errorf("the text is not UTF-8")
	}
	return string(data), nil
}

// unescape resolves the escapes of Python 2's byte strings. Go's and Python's agree on those that Python's writer uses.
func unescape(text string) (any, error) {
	var out strings.Builder
	for text != "" {
		if strings.HasPrefix(text, `\'`) || strings.HasPrefix(text, `\"`) {
			out.WriteByte(text[1])
			text = text[2:]
			continue
		}
		if text[0] != '\\' {
			out.WriteByte(text[0])
			text = text[1:]
			continue
		}
		r, _, rest, err := strconv.UnquoteChar(text, 0)
		if err != nil || r > 0xff {
			return nil, fmt.Errorf("the escape at %q is unknown", text)
		}
		out.WriteByte(byte(r))
		text = rest
	}
	return out.String(), nil
}

// rawUnicode reads Python's raw-unicode-escape: \u with four and \U with eight hexadecimal digits are escapes, any other byte is a Latin-1 character.
func rawUnicode(text string) (any, error) {
	var out strings.Builder
	for text != "" {
		if strings.HasPrefix(text, `\u`) || strings.HasPrefix(text, `\U`) {
			r, _, rest, err := strconv.UnquoteChar(text, 0)
			if err != nil {
				return nil, fmt.Errorf("the escape at %q is unknown", text)
			}
			out.WriteRune(r)
			text = rest
			continue
		}
		out.WriteRune(rune(text[0]))
		text = text[1:]
	}
	return out.String(), nil
}

// marked makes a container of the values above the last mark.
func (d *Decoder) marked(code byte) (any, error) {
	values, err := d.popMark()
	if err != nil {
		return nil, err
	}
	switch code {
	case opList:
		return &List{Items: append([]any{}, values...)}, nil
	case opFrozenSet:
		return &Set{Items: append([]any{}, values...)}, nil
	case opDict:
		dict := &Dict{}
		return dict, setPairs(dict, values)
	}
	return append(Tuple{}, values...), nil
}

func asBytes(data []byte, err error) (any, error) { return Bytes(data), err }

func asValue(t Tuple, err error) (any, error) { return t, err }
