package npy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"

	"rnnsim/internal/half"
)

// ReadFile reads the .npy file at path. Anything behind the array is an error.
func ReadFile(path string) (*Array, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read an array: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	size := int64(-1)
	if info.Mode().IsRegular() {
		size = info.Size()
	}
	a, err := Read(bufio.NewReaderSize(file, chunkBytes), size)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return a, nil
}

// Read reads one array in .npy form. size is the number of bytes that r really has, all of which must belong to the array;
// if it is negative the number is unknown, and r is read to the end of the array and no further.
func Read(r io.Reader, size int64) (*Array, error) {
	h, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	need := int64(h.count) * int64(types[h.kind].size)
	if size >= 0 && size-h.length != need {
		return nil, fmt.Errorf("%s of shape %v takes %d bytes, the header is followed by %d", h.kind, h.shape, need, size-h.length)
	}
	a := &Array{Shape: h.shape}
	switch h.kind {
	case Bool:
		a.Data, err = values[bool](r, h, size >= 0)
	case Int8:
		a.Data, err = values[int8](r, h, size >= 0)
	case Int16:
		a.Data, err = values[int16](r, h, size >= 0)
	case Int32:
		a.Data, err = values[int32](r, h, size >= 0)
	case Int64:
		a.Data, err = values[int64](r, h, size >= 0)
	case Uint8:
		a.Data, err = values[uint8](r, h, size >= 0)
	case Uint16:
		a.Data, err = values[uint16](r, h, size >= 0)
	case Uint32:
		a.Data, err = values[uint32](r, h, size >= 0)
	case Uint64:
		a.Data, err = values[uint64](r, h, size >= 0)
	case Float16:
		var bits []uint16
		if bits, err = values[uint16](r, h, size >= 0); err == nil {
			wide := make([]float32, len(bits))
			for i, b := range bits {
				wide[i] = half.Float16(b)
			}
			a.Data = wide
		}
	case Float32:
		a.Data, err = values[float32](r, h, size >= 0)
	case Float64:
		a.Data, err = values[float64](r, h, size >= 0)
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// chunkBytes is how much is decoded or encoded at a time; a multiple of every element's size.
const chunkBytes = 1 << 16

// values decodes the array's values and puts them in C order. If trusted, the caller knows that their bytes are there, and the
// memory is taken at once; otherwise it grows with what arrives.
func values[T Element](r io.Reader, h *header, trusted bool) ([]T, error) {
	size := types[h.kind].size
	chunk := make([]byte, min(chunkBytes, max(h.count, 1)*size))
	out := []T{}
	if trusted {
		out = make([]T, 0, h.count)
	}
	for len(out) < h.count {
		n := min(len(chunk)/size, h.count-len(out))
		if _, err := io.ReadFull(r, chunk[:n*size]); err != nil {
			return nil, fmt.Errorf("read %s of shape %v, value %d of %d: %w", h.kind, h.shape, len(out), h.count, missing(err))
		}
		out = slices.Grow(out, n)[:len(out)+n]
		if _, err := binary.Decode(chunk[:n*size], h.order, out[len(out)-n:]); err != nil {
			return nil, fmt.Errorf("decode %s: %w", h.kind, err)
		}
	}
	if h.fortran {
		return toC(out, h.shape), nil
	}
	return out, nil
}

// toC turns values in Fortran order (the first index runs fastest) into C order (the last one does).
func toC[T Element](data []T, shape []int) []T {
	if len(shape) < 2 || len(data) == 0 {
		return data
	}
	strides := make([]int, len(shape))
	stride := 1
	for i, d := range shape {
		strides[i] = stride
		stride *= d
	}
	out := make([]T, len(data))
	index := make([]int, len(shape))
	from := 0
	for to := range out {
		out[to] = data[from]
		for i := len(shape) - 1; i >= 0; i-- {
			index[i]++
			from += strides[i]
			if index[i] < shape[i] {
				break
			}
			from -= index[i] * strides[i]
			index[i] = 0
		}
	}
	return out
}
