package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
)

// maxLine bounds the lines that hold names and numbers.
const maxLine = 4096

func (d *Decoder) byte() (byte, error) {
	b, err := d.r.ReadByte()
	if err != nil {
		return 0, short(err)
	}
	d.offset++
	return b, nil
}

// bytes reads n bytes. The memory grows with what arrives.
func (d *Decoder) bytes(n uint64) ([]byte, error) {
	if d.text > MaxText || n > uint64(MaxText-d.text) {
		return nil, fmt.Errorf("%d bytes: the texts of a pickle may take %d together", n, MaxText)
	}
	d.text += int64(n)
	if n <= 512 {
		data := make([]byte, n)
		got, err := io.ReadFull(d.r, data)
		d.offset += int64(got)
		return data, short(err)
	}
	var data bytes.Buffer
	got, err := io.CopyN(&data, d.r, int64(n))
	d.offset += got
	return data.Bytes(), short(err)
}

// unsigned reads an unsigned integer of n ≤ 8 bytes, little endian.
func (d *Decoder) unsigned(n int) (uint64, error) {
	var raw [8]byte
	got, err := io.ReadFull(d.r, raw[:n])
	d.offset += int64(got)
	if err != nil {
		return 0, short(err)
	}
	return binary.LittleEndian.Uint64(raw[:]), nil
}

// sized reads a length of n bytes and as many bytes as it says.
func (d *Decoder) sized(n int) ([]byte, error) {
	length, err := d.unsigned(n)
	if err != nil {
		return nil, err
	}
	return d.bytes(length)
}

// line reads up to the next newline, which is left out.
func (d *Decoder) line() (string, error) {
	var text []byte
	for {
		b, err := d.byte()
		if err != nil {
			return "", err
		}
		if b == '\n' {
			d.text += int64(len(text))
			return string(bytes.TrimSuffix(text, []byte("\r"))), nil
		}
		if len(text) == maxLine {
			return "", fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		text = append(text, b)
	}
}

// long gives a two's complement integer, little endian.
func long(data []byte) any {
	if len(data) <= 8 {
		var raw [8]byte
		if len(data) > 0 && data[len(data)-1]&0x80 != 0 {
			raw = [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
		}
		copy(raw[:], data)
		return int64(binary.LittleEndian.Uint64(raw[:]))
	}
	slices.Reverse(data)
	v := new(big.Int).SetBytes(data)
	if data[0]&0x80 != 0 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(len(data))*8))
	}
	return v
}

func short(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the file is cut short: %w", io.ErrUnexpectedEOF)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the file is cut short: %w", err)
	}
	return err
}
