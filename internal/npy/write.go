package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"reflect"

	"rnnsim/internal/atomicfile"
)

// WriteFile writes a to the .npy file at path, whole or not at all.
func WriteFile(path string, a *Array) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Write(w, a) })
}

// Write writes a in .npy form, version 1.0, little endian, C order. The same array always gives the same bytes.
func Write(w io.Writer, a *Array) error {
	t := a.Type()
	if t == Invalid {
		return fmt.Errorf("write an array of %T: not a type that .npy files hold", a.Data)
	}
	n, err := count(a.Shape)
	if err != nil {
		return fmt.Errorf("write an array: %w", err)
	}
	data := reflect.ValueOf(a.Data)
	if data.Len() != n {
		return fmt.Errorf("write an array: shape %v wants %d values, there are %d", a.Shape, n, data.Len())
	}
	header, err := formatHeader(t, a.Shape)
	if err != nil {
		return fmt.Errorf("write an array: %w", err)
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	const step = chunkBytes / 8
	var buffer []byte
	for from := 0; from < n; from += step {
		part := data.Slice(from, min(from+step, n)).Interface()
		if buffer, err = binary.Append(buffer[:0], binary.LittleEndian, part); err != nil {
			return fmt.Errorf("write an array: %w", err)
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
	}
	return nil
}
