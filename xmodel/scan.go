package xmodel

import (
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"rnnsim/xmodel/internal/xir"
)

const (
	// maxNesting is how deep messages may lie in one another. The protobuf library behind libxir stops at 100; chains of
	// subgraphs of depth 98 are the deepest that it was seen to open.
	maxNesting = 98
	// maxOverhead bounds the memory that decoding takes beyond the file itself. A CNN of 166 ops needs 1.5 MB.
	maxOverhead = 48 << 20

	// What a decoded piece costs at most, what is freed again on the way included: a message, a map entry (both maps, the
	// generated one and ours), and an element of a repeated field, a number or a text. TestManySmallPieces measures them.
	messageCost = 512
	entryCost   = 1024
	numberCost  = 48
	textCost    = 128
)

// scanner walks the wire form of a graph by its schema and refuses what decoding must not meet: lengths beyond the end, nesting
// without bound, group wire types, field 0, text that is not UTF-8, and so many pieces that memory would not hold them.
// Errors name the place, from the outermost field inwards.
type scanner struct {
	budget int
	offset int // of the next top-level field in the file
	seen   map[protoreflect.FieldNumber]int
}

func newScanner() *scanner {
	return &scanner{budget: maxOverhead, seen: map[protoreflect.FieldNumber]int{}}
}

// next checks the next of the graph's own fields, which may come one by one or many at once.
func (s *scanner) next(data []byte) error {
	err := s.fields((*xir.Graph)(nil).ProtoReflect().Descriptor(), data, 0, s.seen, s.offset)
	s.offset += len(data)
	return err
}

func (s *scanner) spend(cost int) error {
	s.budget -= cost
	if s.budget < 0 {
		return fmt.Errorf("more ops and attributes than %d MB hold; no real graph has so many", maxOverhead>>20)
	}
	return nil
}

func (s *scanner) message(message protoreflect.MessageDescriptor, data []byte, depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("nested deeper than %d messages", maxNesting)
	}
	cost := messageCost
	if message.IsMapEntry() {
		cost = entryCost
	}
	if err := s.spend(cost); err != nil {
		return err
	}
	return s.fields(message, data, depth, map[protoreflect.FieldNumber]int{}, 0)
}

// fields checks the fields of a message. seen counts those of each number before, base is the offset of data in the message.
func (s *scanner) fields(message protoreflect.MessageDescriptor, data []byte, depth int, seen map[protoreflect.FieldNumber]int, base int) error {
	end := base + len(data)
	for len(data) > 0 {
		number, wire, n := protowire.ConsumeTag(data)
		if n < 0 {
			return fmt.Errorf("tag at byte %d: %w", end-len(data), protowire.ParseError(n))
		}
		value := data[n:]
		if wire == protowire.StartGroupType || wire == protowire.EndGroupType {
			return fmt.Errorf("field %d at byte %d is a group; XIR has none", number, end-len(data))
		}
		length := protowire.ConsumeFieldValue(number, wire, value)
		field := message.Fields().ByNumber(number)
		if field == nil {
			if length < 0 {
				return fmt.Errorf("unknown field %d at byte %d: %w", number, end-len(data), protowire.ParseError(length))
			}
			data = value[length:]
			continue
		}
		index := seen[number]
		seen[number]++
		if length < 0 {
			return s.at(field, index, nil, parseError(length, len(value)))
		}
		if err := s.field(field, wire, value[:length], depth); err != nil {
			return s.at(field, index, value[:length], err)
		}
		data = value[length:]
	}
	return nil
}

// field checks one occurrence of a field; raw is its value as it lies in the file, with the length in front if it has one.
func (s *scanner) field(field protoreflect.FieldDescriptor, wire protowire.Type, raw []byte, depth int) error {
	want := wireType(field.Kind())
	if field.IsList() {
		cost := numberCost
		if want == protowire.BytesType {
			cost = textCost
		}
		if err := s.spend(cost); err != nil {
			return err
		}
	}
	if wire != want {
		if field.IsList() && want != protowire.BytesType && wire == protowire.BytesType {
			return s.packed(want, raw)
		}
		return fmt.Errorf("wire type %d, the field has %d", wire, want)
	}
	if want != protowire.BytesType {
		return nil
	}
	value, _ := protowire.ConsumeBytes(raw)
	switch field.Kind() {
	case protoreflect.StringKind:
		if !utf8.Valid(value) {
			return fmt.Errorf("the text %q is not UTF-8", shorten(value))
		}
	case protoreflect.MessageKind:
		return s.message(field.Message(), value, depth+1)
	}
	return nil
}

func (s *scanner) packed(element protowire.Type, raw []byte) error {
	value, _ := protowire.ConsumeBytes(raw)
	for index := 0; len(value) > 0; index++ {
		n := protowire.ConsumeFieldValue(1, element, value)
		if n < 0 {
			return fmt.Errorf("element %d: %w", index, parseError(n, len(value)))
		}
		if err := s.spend(numberCost); err != nil {
			return err
		}
		value = value[n:]
	}
	return nil
}
