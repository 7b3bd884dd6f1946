package xmodel

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"rnnsim/xmodel/internal/xir"
)

// Marshal encodes the graph as the bytes of an .xmodel file. Equal graphs with their ops in the same order give the same
// bytes: the keys of all maps are sorted, the ops keep their order. The table of operators that the vendor's writer appends is
// left out; no reader wants it. Errors name the op and the attribute that XIR cannot say.
func (g *Graph) Marshal() ([]byte, error) {
	m := &xir.Graph{GraphName: g.Name, OpNode: make([]*xir.OpNode, len(g.Ops))}
	var err error
	if m.GraphAttr, err = messagesOf(g.Attrs); err != nil {
		return nil, fmt.Errorf("encode graph %q: %w", g.Name, err)
	}
	for i, op := range g.Ops {
		if m.OpNode[i], err = opMessage(op); err != nil {
			return nil, fmt.Errorf("encode op %q: %w", op.Name, err)
		}
	}
	if m.SubgRoot, err = subgraphMessage(g.Root); err != nil {
		return nil, fmt.Errorf("encode %w", err)
	}
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode graph %q: %w", g.Name, err)
	}
	return data, nil
}

func opMessage(op *Op) (*xir.OpNode, error) {
	m := &xir.OpNode{OpName: op.Name, OpType: op.Type}
	var err error
	if m.OpAttr, err = messagesOf(op.Attrs); err != nil {
		return nil, err
	}
	for _, arg := range op.Args {
		m.Args = append(m.Args, &xir.OpArg{ArgName: arg.Name, ArgOps: arg.Ops})
	}
	t := &op.Output
	m.OutputTensor = &xir.Tensor{TensorName: t.Name, DataType: int32(t.Type), TensorBitWidth: t.BitWidth}
	for _, dim := range t.Shape {
		m.OutputTensor.TensorDim = append(m.OutputTensor.TensorDim, uint32(dim))
	}
	if m.OutputTensor.TensorAttr, err = messagesOf(t.Attrs); err != nil {
		return nil, fmt.Errorf("output tensor: %w", err)
	}
	return m, nil
}

func subgraphMessage(s *Subgraph) (*xir.SubGraph, error) {
	if s == nil {
		return nil, nil
	}
	attrs, err := messagesOf(s.Attrs)
	if err != nil {
		return nil, fmt.Errorf("subgraph %q: %w", s.Name, err)
	}
	m := &xir.SubGraph{SubgraphName: s.Name, OpName: s.Ops, SubgAttr: attrs}
	for _, child := range s.Children {
		c, err := subgraphMessage(child)
		if err != nil {
			return nil, err
		}
		m.SubgChild = append(m.SubgChild, c)
	}
	return m, nil
}

func messagesOf(attrs Attrs) (map[string]*xir.AttrValue, error) {
	if len(attrs) == 0 {
		return nil, nil
	}
	out := make(map[string]*xir.AttrValue, len(attrs))
	for key, value := range attrs {
		m, err := messageOf(value)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", key, err)
		}
		out[key] = m
	}
	return out, nil
}
