package model

import (
	"encoding/binary"
	"fmt"
	"strings"

	"rnnsim/internal/pickle"
)

// torchStorage is a flat run of values that tensors are views of. Its bytes are read once, when the first tensor asks.
type torchStorage struct {
	key   string
	kind  elementKind
	count int64 // values
	order binary.ByteOrder
	read  func() ([]byte, error)
	raw   []byte
	use   *storageUse // of all storages of the file together
}

// storageUse counts values, so that a small file whose tensors are views of the same storage does not become a large network.
type storageUse struct {
	read, gathered int64
}

// Tensors may share storages: a tied weight is there twice, an expanded one repeats its values. Together they may have
// maxSharing times the values of the storages that they are read from, and maxExpanded besides.
const (
	maxSharing  = 4
	maxExpanded = 1 << 20
)

func (u *storageUse) take(n int) error {
	u.gathered += int64(n)
	if u.gathered > maxSharing*u.read+maxExpanded {
		return fmt.Errorf("the tensors read so far have %d values, their storages only %d: save contiguous copies (tensor.contiguous())", u.gathered, u.read)
	}
	return nil
}

// bytes gives the storage's bytes, as many as the pickle says or an error.
func (s *torchStorage) bytes() ([]byte, error) {
	if s.raw != nil {
		return s.raw, nil
	}
	if s.read == nil {
		return nil, fmt.Errorf("storage %q: the file has no values for it", s.key)
	}
	raw, err := s.read()
	if err != nil {
		return nil, fmt.Errorf("storage %q: %w", s.key, err)
	}
	if want := s.count * int64(s.kind.size); int64(len(raw)) != want {
		return nil, fmt.Errorf("storage %q: %d values of %s take %d bytes, the file has %d", s.key, s.count, s.kind.name, want, len(raw))
	}
	s.raw = raw
	s.use.read += int64(len(raw)) / int64(s.kind.size)
	return raw, nil
}

// storageView is a part of a storage: the whole, except in files of PyTorch before version 0.4.
type storageView struct {
	storage *torchStorage
	offset  int64
	count   int64
}

// torchTensor is a strided view of a storage. Its bounds were checked when it was made.
type torchTensor struct {
	storage *torchStorage
	kind    elementKind
	offset  int64
	shape   []int
	strides []int64
}

// newTorchTensor checks the view's bounds. offset and strides count values.
func newTorchTensor(view storageView, kind elementKind, offset int64, shape []int, strides []int64) (*torchTensor, error) {
	if len(shape) != len(strides) {
		return nil, fmt.Errorf("a tensor of shape %v has %d strides", shape, len(strides))
	}
	n, err := elements(shape)
	if err != nil {
		return nil, err
	}
	// An untyped storage counts bytes, and the tensor says what they are.
	count := view.count * int64(view.storage.kind.size) / int64(kind.size)
	last := offset
	for i, stride := range strides {
		if stride < 0 {
			return nil, fmt.Errorf("a tensor of shape %v has the negative stride %d", shape, stride)
		}
		if n == 0 {
			continue
		}
		if steps := int64(shape[i] - 1); steps > 0 && stride > (count-last)/steps {
			return nil, fmt.Errorf("a tensor of shape %v and strides %v at offset %d lies outside its storage of %d values", shape, strides, offset, count)
		} else if steps > 0 {
			last += stride * steps
		}
	}
	if offset < 0 || (n > 0 && last >= count) {
		return nil, fmt.Errorf("a tensor of shape %v and strides %v at offset %d lies outside its storage of %d values", shape, strides, offset, count)
	}
	return &torchTensor{storage: view.storage, kind: kind, offset: offset + view.offset, shape: shape, strides: strides}, nil
}

// values gathers the tensor's values in row-major order.
func (t *torchTensor) values() ([]float32, error) {
	if !t.kind.float {
		return nil, fmt.Errorf("it holds %s, floats are wanted", t.kind.name)
	}
	raw, err := t.storage.bytes()
	if err != nil {
		return nil, err
	}
	n, err := elements(t.shape)
	if err != nil {
		return nil, err
	}
	if err := t.storage.use.take(n); err != nil {
		return nil, err
	}
	out := make([]float32, n)
	index := make([]int, len(t.shape))
	at := t.offset
	for i := range out {
		out[i] = t.kind.decode(raw[at*int64(t.kind.size):], t.storage.order)
		for d := len(index) - 1; d >= 0; d-- {
			index[d]++
			at += t.strides[d]
			if index[d] < t.shape[d] {
				break
			}
			at -= int64(index[d]) * t.strides[d]
			index[d] = 0
		}
	}
	return out, nil
}

// torchStorageKinds are the storage classes of module torch, without their suffix "Storage".
var torchStorageKinds = map[string]elementKind{
	"Half": float16Kind, "BFloat16": bfloat16Kind, "Float": float32Kind, "Double": float64Kind,
	"Long": otherKind("int64", 8), "Int": otherKind("int32", 4), "Short": otherKind("int16", 2), "Char": otherKind("int8", 1),
	"Byte": otherKind("uint8", 1), "Bool": otherKind("bool", 1),
	"ComplexFloat": otherKind("complex64", 8), "ComplexDouble": otherKind("complex128", 16),
	"QInt8": otherKind("qint8", 1), "QUInt8": otherKind("quint8", 1), "QInt32": otherKind("qint32", 4),
	"Untyped": otherKind("bytes", 1), "_Untyped": otherKind("bytes", 1),
}

// torchTypes are the types that an untyped storage's tensors may have, as names of module torch.
var torchTypes = map[string]elementKind{
	"float16": float16Kind, "bfloat16": bfloat16Kind, "float32": float32Kind, "float64": float64Kind,
	"uint16": otherKind("uint16", 2), "uint32": otherKind("uint32", 4), "uint64": otherKind("uint64", 8),
	"int8": otherKind("int8", 1), "int16": otherKind("int16", 2), "int32": otherKind("int32", 4), "int64": otherKind("int64", 8),
	"uint8": otherKind("uint8", 1), "bool": otherKind("bool", 1),
	"float8_e4m3fn": otherKind("float8", 1), "float8_e5m2": otherKind("float8", 1),
}

// storageKind tells the kind of a storage class.
func storageKind(class pickle.Global) (elementKind, error) {
	name, isStorage := strings.CutSuffix(class.Name, "Storage")
	kind, known := torchStorageKinds[name]
	if !isStorage || !known || (class.Module != "torch" && class.Module != "torch.storage" && class.Module != "torch.cuda") {
		return kind, fmt.Errorf("a storage of class %s is not known", class)
	}
	return kind, nil
}
