package isa

import (
	"errors"
	"fmt"
	"io"
)

// Segment is a part of a program: init, loop or end.
type Segment struct {
	Name  string
	Words []Instruction
}

// WordError places an error in a segment.
type WordError struct {
	Segment string
	Word    int
	Err     error
}

// Error gives the place in the form "segment loop, word 17, field res_bank: …".
func (e *WordError) Error() string {
	var f *FieldError
	if errors.As(e.Err, &f) && f == e.Err {
		return fmt.Sprintf("segment %s, word %d, field %s: %v", e.Segment, e.Word, f.Field, f.Err)
	}
	return fmt.Sprintf("segment %s, word %d: %v", e.Segment, e.Word, e.Err)
}

// Unwrap gives the error without its place.
func (e *WordError) Unwrap() error { return e.Err }

// ParseSegment decodes a segment of the given name. Errors are a *WordError, or say that the bytes are no whole number of words.
func ParseSegment(name string, data []byte) (Segment, error) {
	s := Segment{Name: name, Words: make([]Instruction, 0, len(data)/WordSize)}
	if rest := len(data) % WordSize; rest != 0 {
		return s, fmt.Errorf("segment %s: %d bytes are no whole number of %d-byte words: %d are left after word %d: %w",
			name, len(data), WordSize, rest, len(data)/WordSize-1, io.ErrUnexpectedEOF)
	}
	for at := 0; at < len(data); at += WordSize {
		i, err := Decode(Word(data[at:]))
		if err != nil {
			return s, &WordError{Segment: name, Word: at / WordSize, Err: err}
		}
		s.Words = append(s.Words, i)
	}
	return s, nil
}

// Bytes encodes the segment. Errors are a *WordError.
func (s Segment) Bytes() ([]byte, error) {
	data := make([]byte, 0, len(s.Words)*WordSize)
	for n, i := range s.Words {
		w, err := Encode(i)
		if err != nil {
			return nil, &WordError{Segment: s.Name, Word: n, Err: err}
		}
		data = append(data, w[:]...)
	}
	return data, nil
}

// Validate holds every word of the segment against the target and the batch. Errors are a *WordError.
func (s Segment) Validate(t *Target, batch int) error {
	for n, i := range s.Words {
		if err := Validate(i, t, batch); err != nil {
			return &WordError{Segment: s.Name, Word: n, Err: err}
		}
	}
	return nil
}
