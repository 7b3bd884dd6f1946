package xmodel

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/runtime/protoiface"

	"rnnsim/xmodel/internal/xir"
)

// Parse decodes an .xmodel file and validates the graph. The bytes of consts are not copied: the graph refers to data, which
// must not be altered afterwards. Errors name the place in the file, or the op.
func Parse(data []byte) (*Graph, error) {
	g, err := decode(data)
	if err != nil {
		return nil, err
	}
	if err := Validate(g); err != nil {
		return nil, err
	}
	return g, nil
}

func decode(data []byte) (*Graph, error) {
	if len(data) == 0 {
		return nil, errors.New("the file is empty; an .xmodel has at least a graph with one op")
	}
	if err := scan(data); err != nil {
		return nil, fmt.Errorf("decode as an .xmodel: %w", err)
	}
	message := new(xir.Graph)
	if err := unmarshal(message, data); err != nil {
		return nil, fmt.Errorf("decode as an .xmodel: %w", err)
	}
	if message.GraphName == "" && len(message.OpNode) == 0 {
		return nil, errors.New("decode as an .xmodel: there is neither a graph name nor an op; is this file something else?")
	}
	return graphOf(message)
}

// unmarshal is proto.Unmarshal with the one option that the proto package keeps to itself: bytes fields alias the input. A
// model is nearly all const data, and this way it is in memory once.
func unmarshal(message *xir.Graph, data []byte) error {
	m := message.ProtoReflect()
	_, err := m.ProtoMethods().Unmarshal(protoiface.UnmarshalInput{
		Message:  m,
		Buf:      data,
		Flags:    protoiface.UnmarshalAliasBuffer | protoiface.UnmarshalDiscardUnknown,
		Resolver: protoregistry.GlobalTypes,
		Depth:    2 * maxNesting,
	})
	return err
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
