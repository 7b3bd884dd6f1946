package xmodel

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"

	"rnnsim/xmodel/internal/xir"
)

// Parse decodes an .xmodel file and validates the graph. The graph keeps nothing of data. Errors name the place in the file,
// or the op.
func Parse(data []byte) (*Graph, error) { return parse(bytes.NewReader(data), int64(len(data))) }

func parse(r io.Reader, size int64) (*Graph, error) {
	g, err := decode(r, size)
	if err != nil {
		return nil, err
	}
	if err := Validate(g); err != nil {
		return nil, err
	}
	return g, nil
}

// decode reads the graph field by field, so that a file is never in memory as a whole beside its graph: a model is nearly all
// const data, and each const is copied once, out of a buffer of its own size.
func decode(r io.Reader, size int64) (*Graph, error) {
	if size == 0 {
		return nil, errors.New("the file is empty; an .xmodel has at least a graph with one op")
	}
	message := new(xir.Graph)
	fields := fieldReader{r: bufio.NewReaderSize(r, 1<<16), left: size}
	scan := newScanner()
	for fields.left > 0 {
		field, err := fields.next()
		if err == nil {
			err = scan.next(field)
		}
		if err == nil {
			err = proto.UnmarshalOptions{Merge: true, DiscardUnknown: true, RecursionLimit: 2 * maxNesting}.Unmarshal(field, message)
		}
		if err != nil {
			return nil, fmt.Errorf("decode as an .xmodel: %w", err)
		}
	}
	if message.GraphName == "" && len(message.OpNode) == 0 {
		return nil, errors.New("decode as an .xmodel: there is neither a graph name nor an op; is this file something else?")
	}
	return graphOf(message)
}

func graphOf(m *xir.Graph) (*Graph, error) {
	g := &Graph{Name: m.GraphName, Ops: make([]*Op, len(m.OpNode))}
	var err error
	if g.Attrs, err = attrsOf(m.GraphAttr); err != nil {
		return nil, fmt.Errorf("graph %q: %w", g.Name, err)
	}
	for i, node := range m.OpNode {
		if g.Ops[i], err = opOf(node); err != nil {
			return nil, fmt.Errorf("op %q: %w", node.OpName, err)
		}
	}
	g.Root, err = subgraphOf(m.SubgRoot)
	return g, err
}

func opOf(m *xir.OpNode) (*Op, error) {
	op := &Op{Name: m.OpName, Type: m.OpType}
	var err error
	if op.Attrs, err = attrsOf(m.OpAttr); err != nil {
		return nil, err
	}
	for _, arg := range m.Args {
		op.Args = append(op.Args, Arg{Name: arg.ArgName, Ops: arg.ArgOps})
	}
	if op.Output, err = tensorOf(m.OutputTensor); err != nil {
		return nil, fmt.Errorf("output tensor: %w", err)
	}
	return op, nil
}

func tensorOf(m *xir.Tensor) (Tensor, error) {
	attrs, err := attrsOf(m.GetTensorAttr())
	t := Tensor{Name: m.GetTensorName(), Type: DataType(m.GetDataType()), BitWidth: m.GetTensorBitWidth(), Attrs: attrs}
	for _, dim := range m.GetTensorDim() {
		t.Shape = append(t.Shape, int32(dim)) // 0xFFFFFFFF is -1, an unknown dimension
	}
	return t, err
}

func subgraphOf(m *xir.SubGraph) (*Subgraph, error) {
	if m == nil {
		return nil, nil
	}
	attrs, err := attrsOf(m.SubgAttr)
	if err != nil {
		return nil, fmt.Errorf("subgraph %q: %w", m.SubgraphName, err)
	}
	s := &Subgraph{Name: m.SubgraphName, Ops: m.OpName, Attrs: attrs}
	for _, child := range m.SubgChild {
		c, err := subgraphOf(child)
		if err != nil {
			return nil, err
		}
		s.Children = append(s.Children, c)
	}
	return s, nil
}

func attrsOf(m map[string]*xir.AttrValue) (Attrs, error) {
	if len(m) == 0 {
		return nil, nil
	}
	attrs := make(Attrs, len(m))
	for key, value := range m {
		v, err := attrOf(value)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", key, err)
		}
		attrs[key] = v
	}
	return attrs, nil
}
