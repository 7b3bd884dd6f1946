package model

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"rnnsim/model/internal/onnxpb"
)

// onnxFile is what of a file is kept.
type onnxFile struct {
	opset        int64 // of the domain "ai.onnx"; 0 if none is imported
	nodes        []*onnxpb.NodeProto
	initializers []*onnxpb.TensorProto
	inputs       []*onnxpb.ValueInfoProto
	outputs      []*onnxpb.ValueInfoProto
	sparse       int
}

// Fields of GraphProto, by their number.
const (
	onnxGraphNode        = 1
	onnxGraphInitializer = 5
	onnxGraphInput       = 11
	onnxGraphOutput      = 12
	onnxGraphSparse      = 15
)

// decodeONNX reads the model field by field, so that a file is never in memory as a whole beside its tensors.
func decodeONNX(r io.ReaderAt, size int64) (*onnxFile, error) {
	f, scan := &onnxFile{}, newOnnxScanner()
	graphs := 0
	err := eachOnnxField(r, 0, size, func(number protowire.Number, at, length int64) error {
		switch number {
		case onnxModelGraph:
			if graphs++; graphs > 1 {
				return errors.New("there is a second graph in the file: it is damaged")
			}
			return f.graph(r, at, length, scan)
		case onnxModelOpset:
			opset := &onnxpb.OperatorSetIdProto{}
			if err := decodeOnnxMessage(r, at, length, scan, opset); err != nil {
				return fmt.Errorf("opset_import: %w", err)
			}
			if opset.Domain == "" || opset.Domain == "ai.onnx" {
				f.opset = opset.Version
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (f *onnxFile) graph(r io.ReaderAt, start, size int64, scan *onnxScanner) error {
	return eachOnnxField(r, start, size, func(number protowire.Number, at, length int64) error {
		switch number {
		case onnxGraphNode:
			return decodeOnnxInto(r, at, length, scan, &f.nodes, "node", &onnxpb.NodeProto{})
		case onnxGraphInitializer:
			return decodeOnnxInto(r, at, length, scan, &f.initializers, "initializer", &onnxpb.TensorProto{})
		case onnxGraphInput:
			return decodeOnnxInto(r, at, length, scan, &f.inputs, "input", &onnxpb.ValueInfoProto{})
		case onnxGraphOutput:
			return decodeOnnxInto(r, at, length, scan, &f.outputs, "output", &onnxpb.ValueInfoProto{})
		case onnxGraphSparse:
			f.sparse++
		}
		return nil
	})
}

func decodeOnnxInto[M proto.Message](r io.ReaderAt, at, length int64, scan *onnxScanner, to *[]M, what string, message M) error {
	if err := decodeOnnxMessage(r, at, length, scan, message); err != nil {
		return fmt.Errorf("%s %d of the graph, at byte %d: %w", what, len(*to), at, err)
	}
	*to = append(*to, message)
	return nil
}

// decodeOnnxMessage reads one message, after the scanner has found it sound and small enough.
func decodeOnnxMessage(r io.ReaderAt, at, length int64, scan *onnxScanner, message proto.Message) error {
	data := make([]byte, length)
	if _, err := r.ReadAt(data, at); err != nil {
		return err
	}
	if err := scan.message(message.ProtoReflect().Descriptor(), data); err != nil {
		return err
	}
	return proto.UnmarshalOptions{DiscardUnknown: true, RecursionLimit: 16}.Unmarshal(data, message)
}

// eachOnnxField walks the fields of the message of that size at start, and visits those that have a length.
func eachOnnxField(r io.ReaderAt, start, size int64, visit func(number protowire.Number, at, length int64) error) error {
	section := io.NewSectionReader(r, start, size)
	buffered := bufio.NewReaderSize(section, 64)
	at := start
	for end := start + size; at < end; {
		head, err := buffered.Peek(int(min(20, end-at)))
		if err != nil {
			return fmt.Errorf("byte %d: %w", at, err)
		}
		number, wire, tag := protowire.ConsumeTag(head)
		if tag < 0 {
			return fmt.Errorf("byte %d holds no field of a message: the file is damaged: %w", at, protowire.ParseError(tag))
		}
		if wire != protowire.BytesType {
			length := protowire.ConsumeFieldValue(number, wire, head[tag:])
			if length < 0 || wire == protowire.StartGroupType {
				return fmt.Errorf("field %d at byte %d has no value: the file is damaged or cut short", number, at)
			}
			if _, err := buffered.Discard(tag + length); err != nil {
				return fmt.Errorf("byte %d: %w", at, err)
			}
			at += int64(tag + length)
			continue
		}
		length, n := protowire.ConsumeVarint(head[tag:])
		if n < 0 {
			return fmt.Errorf("field %d at byte %d has no length: the file is damaged or cut short", number, at)
		}
		from := at + int64(tag+n)
		if length > uint64(end-from) {
			return fmt.Errorf("field %d at byte %d says it is %d bytes long, %d follow: the file is cut short or damaged", number, at, length, end-from)
		}
		if err := visit(number, from, int64(length)); err != nil {
			return err
		}
		at = from + int64(length)
		if _, err := section.Seek(at-start, io.SeekStart); err != nil {
			return err
		}
		buffered.Reset(section)
	}
	return nil
}
