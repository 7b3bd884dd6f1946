package model

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	// maxOnnxOverhead bounds the memory that decoding takes beyond the file itself. A network of a thousand nodes needs 2 MB.
	maxOnnxOverhead = 40 << 20

	// What a decoded piece costs at most beyond its bytes in the file: a message, an element of a repeated text.
	onnxMessageCost = 400
	onnxTextCost    = 64
)

// onnxScanner walks the wire form of messages by their schema before they are decoded, and refuses so many small pieces that
// memory would not hold them. A message of our schema lies at most five deep, so that nesting needs no bound.
type onnxScanner struct{ budget int }

func newOnnxScanner() *onnxScanner { return &onnxScanner{budget: maxOnnxOverhead} }

func (s *onnxScanner) spend(cost int) error {
	s.budget -= cost
	if s.budget < 0 {
		return fmt.Errorf("the graph has more nodes and attributes than %d MB hold; no network that is read here has so many", maxOnnxOverhead>>20)
	}
	return nil
}

func (s *onnxScanner) message(message protoreflect.MessageDescriptor, data []byte) error {
	if err := s.spend(onnxMessageCost); err != nil {
		return err
	}
	seen := map[protoreflect.FieldNumber]bool{}
	for size := len(data); len(data) > 0; {
		number, wire, tag := protowire.ConsumeTag(data)
		if tag < 0 {
			return fmt.Errorf("byte %d of it holds no field: the file is damaged: %w", size-len(data), protowire.ParseError(tag))
		}
		length := protowire.ConsumeFieldValue(number, wire, data[tag:])
		if length < 0 {
			return fmt.Errorf("field %d at byte %d of it: %w: the file is damaged or cut short", number, size-len(data), protowire.ParseError(length))
		}
		if field := message.Fields().ByNumber(number); field != nil {
			if !field.IsList() && seen[number] && field.Kind() == protoreflect.MessageKind {
				return fmt.Errorf("field %s is there twice: the file is damaged", field.Name())
			}
			seen[number] = true
			if err := s.field(field, wire, data[tag:tag+length]); err != nil {
				return err
			}
		}
		data = data[tag+length:]
	}
	return nil
}

// field checks one occurrence of a field; raw is its value as it lies in the file, with the length in front if it has one.
func (s *onnxScanner) field(field protoreflect.FieldDescriptor, wire protowire.Type, raw []byte) error {
	if wire != protowire.BytesType {
		if field.IsList() {
			return s.spend(onnxNumberSize(field.Kind()))
		}
		return nil
	}
	value, _ := protowire.ConsumeBytes(raw)
	switch kind := field.Kind(); {
	case kind == protoreflect.MessageKind:
		if err := s.message(field.Message(), value); err != nil {
			return fmt.Errorf("%s: %w", field.Name(), err)
		}
	case kind == protoreflect.StringKind || kind == protoreflect.BytesKind:
		if field.IsList() {
			return s.spend(onnxTextCost)
		}
	case field.IsList() && (kind == protoreflect.Int64Kind || kind == protoreflect.Int32Kind):
		numbers := 0
		for _, b := range value {
			if b < 0x80 {
				numbers++
			}
		}
		return s.spend(max(0, numbers*onnxNumberSize(kind)-len(value)))
	}
	return nil
}

func onnxNumberSize(kind protoreflect.Kind) int {
	switch kind {
	case protoreflect.Int32Kind, protoreflect.FloatKind:
		return 4
	}
	return 8
}
