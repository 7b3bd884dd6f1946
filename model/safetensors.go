package model

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// safetensorsFormat is huggingface/safetensors with PyTorch's names: the header's length in 8 bytes, little endian; the header,
// a JSON object from names to types, shapes and places; the values, little endian, row-major.
var safetensorsFormat = format{
	name: "safetensors",
	sniff: func(src *source) bool {
		// A header begins with the brace, and the length before it fits the file, or is at least one that some header has.
		return len(src.head) > 8 && src.head[8] == '{' && binary.LittleEndian.Uint64(src.head) < 1<<40
	},
	read: readSafetensors,
}

// maxSafetensorsHeader bounds the header; each tensor takes some hundred bytes of it. The format's own limit is 100 MB.
const maxSafetensorsHeader = 8 << 20

func readSafetensors(src *source, opts ReadOptions) (*Network, error) {
	length := binary.LittleEndian.Uint64(src.head)
	if length > uint64(src.size)-8 {
		return nil, fmt.Errorf("the header says it is %d bytes long, %d follow: the file is cut short", length, src.size-8)
	}
	if length > maxSafetensorsHeader {
		return nil, fmt.Errorf("the header is %d bytes long, the limit is %d", length, maxSafetensorsHeader)
	}
	header := make([]byte, length)
	if _, err := src.file.ReadAt(header, 8); err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	entries, err := parseSafetensorsHeader(header)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	start := 8 + int64(length)
	if err := checkPlaces(entries, src.size-start); err != nil {
		return nil, err
	}
	tensors := make([]tensor, len(entries))
	for i, e := range entries {
		tensors[i] = tensor{name: e.name, shape: e.Shape, values: func() ([]float32, error) {
			kind, err := e.kind()
			if err != nil {
				return nil, err
			}
			if !kind.float {
				return nil, fmt.Errorf("it holds %s, floats are wanted", kind.name)
			}
			raw := make([]byte, e.Offsets[1]-e.Offsets[0])
			if _, err := src.file.ReadAt(raw, start+e.Offsets[0]); err != nil {
				return nil, err
			}
			values := make([]float32, len(raw)/kind.size)
			for j := range values {
				values[j] = kind.decode(raw[j*kind.size:], binary.LittleEndian)
			}
			return values, nil
		}}
	}
	return assemble([]stateDict{{tensors: tensors}}, opts)
}

// safetensorsEntry is what the header says about a tensor.
type safetensorsEntry struct {
	name    string
	Dtype   string  `json:"dtype"`
	Shape   []int   `json:"shape"`
	Offsets []int64 `json:"data_offsets"`
}

// parseSafetensorsHeader reads the header's entries in their order. Keys must be unique: readers that keep the first and readers
// that keep the last would see different models.
func parseSafetensorsHeader(header []byte) ([]safetensorsEntry, error) {
	d := json.NewDecoder(bytes.NewReader(header))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("it is no JSON object")
	}
	var entries []safetensorsEntry
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if seen[name] {
			return nil, fmt.Errorf("tensor %q is there twice", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			var metadata map[string]string
			if err := d.Decode(&metadata); err != nil {
				return nil, fmt.Errorf("metadata: %w", err)
			}
			continue
		}
		e := safetensorsEntry{name: name}
		if err := d.Decode(&e); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		if len(e.Offsets) != 2 {
			return nil, fmt.Errorf("tensor %q: data_offsets holds %d numbers, 2 are wanted", name, len(e.Offsets))
		}
		entries = append(entries, e)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if rest, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%v lies behind the JSON object", rest)
	}
	return entries, nil
}

// checkPlaces holds the tensors to their shapes, and to the rule of the format that they fill the size bytes after the header
// without gaps and without sharing any.
func checkPlaces(entries []safetensorsEntry, size int64) error {
	byPlace := slices.Clone(entries)
	slices.SortStableFunc(byPlace, func(a, b safetensorsEntry) int {
		if a.Offsets[0] != b.Offsets[0] {
			return cmp.Compare(a.Offsets[0], b.Offsets[0])
		}
		return cmp.Compare(a.Offsets[1], b.Offsets[1])
	})
	at, before := int64(0), ""
	for _, e := range byPlace {
		from, to := e.Offsets[0], e.Offsets[1]
		switch {
		case from < 0 || to < from || to > size:
			return fmt.Errorf("tensor %q: bytes %d to %d lie outside the %d bytes of values", e.name, from, to, size)
		case from < at:
			return fmt.Errorf("tensor %q: bytes %d to %d overlap those of tensor %q", e.name, from, to, before)
		case from > at:
			return fmt.Errorf("tensor %q: no tensor holds the bytes %d to %d before it", e.name, at, from)
		}
		n, err := elements(e.Shape)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", e.name, err)
		}
		// A type that is unknown here has an unknown size, and is no weight.
		if kind, err := e.kind(); err == nil && int64(n)*int64(kind.size) != to-from {
			return fmt.Errorf("tensor %q: %s of shape %v takes %d bytes, it has %d", e.name, kind.name, e.Shape, int64(n)*int64(kind.size), to-from)
		}
		at, before = to, e.name
	}
	if at != size {
		return fmt.Errorf("no tensor holds the last %d bytes", size-at)
	}
	return nil
}

func (e safetensorsEntry) kind() (elementKind, error) {
	kind, ok := safetensorsKinds[e.Dtype]
	if !ok {
		return kind, fmt.Errorf("type %q is not known: save it as F32", e.Dtype)
	}
	return kind, nil
}

var safetensorsKinds = map[string]elementKind{
	"F16": float16Kind, "BF16": bfloat16Kind, "F32": float32Kind, "F64": float64Kind,
	"BOOL": otherKind("bool", 1), "U8": otherKind("uint8", 1), "I8": otherKind("int8", 1),
	"U16": otherKind("uint16", 2), "I16": otherKind("int16", 2), "U32": otherKind("uint32", 4), "I32": otherKind("int32", 4),
	"U64": otherKind("uint64", 8), "I64": otherKind("int64", 8), "F8_E4M3": otherKind("float8", 1), "F8_E5M2": otherKind("float8", 1),
}
