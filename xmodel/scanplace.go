package xmodel

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// at puts a place in front of an error: the field, its index if it repeats, and the name that lies in the message, if any.
func (s *scanner) at(field protoreflect.FieldDescriptor, index int, raw []byte, err error) error {
	place := string(field.Name())
	if field.IsList() || field.IsMap() {
		place += fmt.Sprintf("[%d]", index)
	}
	if field.Kind() == protoreflect.MessageKind {
		if name := leadingName(raw); name != "" {
			place += fmt.Sprintf(" %q", name)
		}
	}
	return fmt.Errorf("%s: %w", place, err)
}

// leadingName is the text in field 1 of a message when it comes first, as the names of ops, arguments, tensors and subgraphs
// and the keys of maps do.
func leadingName(raw []byte) string {
	value, n := protowire.ConsumeBytes(raw)
	if n < 0 {
		return ""
	}
	number, wire, n := protowire.ConsumeTag(value)
	if n < 0 || number != 1 || wire != protowire.BytesType {
		return ""
	}
	name, n := protowire.ConsumeBytes(value[n:])
	if n < 0 || !utf8.Valid(name) {
		return ""
	}
	return shorten(name)
}

func shorten(text []byte) string {
	const most = 100
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

func parseError(code, left int) error {
	err := protowire.ParseError(code)
	if errors.Is(err, protowire.ParseError(-1)) {
		return fmt.Errorf("cut off, %d bytes are left", left)
	}
	return err
}

func wireType(kind protoreflect.Kind) protowire.Type {
	switch kind {
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	case protoreflect.FloatKind:
		return protowire.Fixed32Type
	case protoreflect.DoubleKind:
		return protowire.Fixed64Type
	}
	return protowire.VarintType
}
