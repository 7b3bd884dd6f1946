package xmodel

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
)

// Equal compares two graphs by meaning: ops by name, whatever their order, each with its type, attributes (of the same kind and
// value), arguments, and output tensor; const data byte for byte; and the tree of subgraphs. A root subgraph that is a mere
// list of all ops is as good as none. It gives nil where the graphs are the same, and else the first difference, by name.
func Equal(a, b *Graph) error {
	a, b = a.canonical(), b.canonical()
	if a.Name != b.Name {
		return fmt.Errorf("the graphs are named %q and %q", a.Name, b.Name)
	}
	if err := equalAttrs(a.Attrs, b.Attrs); err != nil {
		return fmt.Errorf("graph %q: %w", a.Name, err)
	}
	inA, inB := a.Index(), b.Index()
	for _, op := range a.Ops {
		other, ok := inB[op.Name]
		if !ok {
			return fmt.Errorf("op %q is only in the first graph", op.Name)
		}
		if err := equalOps(op, other); err != nil {
			return fmt.Errorf("op %q: %w", op.Name, err)
		}
	}
	for _, op := range b.Ops {
		if _, ok := inA[op.Name]; !ok {
			return fmt.Errorf("op %q is only in the second graph", op.Name)
		}
	}
	if len(a.Ops) != len(b.Ops) {
		return fmt.Errorf("the graphs have %d and %d ops, some under one name", len(a.Ops), len(b.Ops))
	}
	return equalSubgraphs(a.Root, b.Root)
}

func equalOps(a, b *Op) error {
	if a.Type != b.Type {
		return fmt.Errorf("the types are %s and %s", a.Type, b.Type)
	}
	if err := equalAttrs(a.Attrs, b.Attrs); err != nil {
		return err
	}
	same := slices.EqualFunc(a.Args, b.Args, func(x, y Arg) bool { return x.Name == y.Name && slices.Equal(x.Ops, y.Ops) })
	if !same {
		return fmt.Errorf("the arguments are %v and %v", a.Args, b.Args)
	}
	x, y := &a.Output, &b.Output
	if x.Name != y.Name || x.Type != y.Type || x.BitWidth != y.BitWidth || !slices.Equal(x.Shape, y.Shape) {
		return fmt.Errorf("the output tensors are %s %v %s%d and %s %v %s%d", x.Name, x.Shape, x.Type, x.BitWidth, y.Name, y.Shape, y.Type, y.BitWidth)
	}
	if err := equalAttrs(x.Attrs, y.Attrs); err != nil {
		return fmt.Errorf("output tensor: %w", err)
	}
	return nil
}

func equalAttrs(a, b Attrs) error {
	for _, key := range slices.Sorted(maps.Keys(a)) {
		x := a[key]
		y, ok := b[key]
		if !ok {
			return fmt.Errorf("attribute %q is only in the first", key)
		}
		if err := equalValues(x, y); err != nil {
			return fmt.Errorf("attribute %q: %w", key, err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[key]; !ok {
			return fmt.Errorf("attribute %q is only in the second", key)
		}
	}
	return nil
}

func equalValues(x, y any) error {
	if reflect.TypeOf(x) != reflect.TypeOf(y) {
		return fmt.Errorf("the kinds are %s and %s", kindOf(x), kindOf(y))
	}
	same := false
	switch x := x.(type) {
	case []byte:
		return equalBytes(x, y.([]byte))
	case float32:
		same = bits32(x, y.(float32))
	case float64:
		same = bits64(x, y.(float64))
	case []float32:
		same = slices.EqualFunc(x, y.([]float32), bits32)
	case []float64:
		same = slices.EqualFunc(x, y.([]float64), bits64)
	default:
		same = reflect.DeepEqual(x, y)
	}
	if !same {
		return fmt.Errorf("the values are %v and %v", x, y)
	}
	return nil
}

func equalBytes(x, y []byte) error {
	if len(x) != len(y) {
		return fmt.Errorf("there are %d and %d bytes", len(x), len(y))
	}
	for i := range x {
		if x[i] != y[i] {
			return fmt.Errorf("byte %d is %#02x and %#02x", i, x[i], y[i])
		}
	}
	return nil
}

func bits32(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) }
func bits64(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }

func equalSubgraphs(a, b *Subgraph) error {
	if a == nil || b == nil {
		if a != b {
			return fmt.Errorf("only one of the graphs has a tree of subgraphs")
		}
		return nil
	}
	if a.Name != b.Name {
		return fmt.Errorf("subgraphs are named %q and %q", a.Name, b.Name)
	}
	if err := equalAttrs(a.Attrs, b.Attrs); err != nil {
		return fmt.Errorf("subgraph %q: %w", a.Name, err)
	}
	if !slices.Equal(a.Ops, b.Ops) {
		return fmt.Errorf("subgraph %q holds %d and %d ops, not the same ones", a.Name, len(a.Ops), len(b.Ops))
	}
	if len(a.Children) != len(b.Children) {
		return fmt.Errorf("subgraph %q has %d and %d parts", a.Name, len(a.Children), len(b.Children))
	}
	for i := range a.Children {
		if err := equalSubgraphs(a.Children[i], b.Children[i]); err != nil {
			return err
		}
	}
	return nil
}
