package xmodel

import (
	"errors"
	"fmt"
	"math"
)

const (
	maxBitWidth = 64
	maxFixBits  = 32
	maxFixPoint = 31
)

// Validate checks all that a reader relies on: unique names, ops in topological order, element types and widths, for the ops
// of a cell their arguments, attributes of exactly the right kind and shapes, const data of the right length, and subgraphs
// that name ops there are. XIR's own library aborts or crashes where much of this is wrong. Ops of other networks are checked as
// far as every op is. Errors name the op, the attribute and the remedy.
func Validate(g *Graph) error {
	if len(g.Ops) == 0 {
		return fmt.Errorf("graph %q has no ops; a cell or a compiled model has at least one", g.Name)
	}
	v := validator{defined: make(map[string]*Op, len(g.Ops))}
	for i, op := range g.Ops {
		if op.Name == "" {
			return fmt.Errorf("op %d (%s) has no name; every op needs one", i, op.Type)
		}
		if err := v.op(op); err != nil {
			return fmt.Errorf("op %q (%s): %w", op.Name, op.Type, err)
		}
		v.defined[op.Name] = op
	}
	if err := v.returned(g); err != nil {
		return err
	}
	if g.Root != nil {
		return v.subgraph(g.Root, map[string]string{}, 1)
	}
	return nil
}

type validator struct {
	defined map[string]*Op
}

func (v *validator) op(op *Op) error {
	if _, twice := v.defined[op.Name]; twice {
		return errors.New("the name is used twice; op names must be unique")
	}
	if op.Type == "" {
		return errors.New("it has no type")
	}
	if err := checkTensor(&op.Output); err != nil {
		return err
	}
	inputs, err := v.inputs(op)
	if err != nil {
		return err
	}
	rule, known := rules[op.Type]
	if !known {
		return nil
	}
	if err := rule.checkArgs(op); err != nil {
		return err
	}
	if err := rule.checkAttrs(op); err != nil {
		return err
	}
	want, err := rule.shape(op, inputs)
	if err != nil {
		return err
	}
	if !sameShape(want, op.Output.Shape) {
		return fmt.Errorf("the output tensor has shape %v, what it reads gives %v", op.Output.Shape, want)
	}
	return nil
}

// inputs gives the tensors that an op reads, in the order of its arguments, or says which of them is not there yet.
func (v *validator) inputs(op *Op) ([]*Tensor, error) {
	var inputs []*Tensor
	for _, arg := range op.Args {
		for _, name := range arg.Ops {
			producer, ok := v.defined[name]
			if !ok {
				return nil, fmt.Errorf("argument %q reads %q, which is not defined before it; write the ops in topological order", arg.Name, name)
			}
			inputs = append(inputs, &producer.Output)
		}
	}
	return inputs, nil
}

func checkTensor(t *Tensor) error {
	if t.BitWidth == 0 && len(t.Shape) == 0 && t.Name == "" {
		return errors.New("it has no output tensor; every op needs one")
	}
	if t.Type < Int || t.Type > Float {
		return fmt.Errorf("the output tensor has element %s; those known are 0 (int) to 4 (float)", t.Type)
	}
	if t.BitWidth < 1 || t.BitWidth > maxBitWidth {
		return fmt.Errorf("the output tensor's bit width is %d; it must be 1 to %d", t.BitWidth, maxBitWidth)
	}
	for i, dim := range t.Shape {
		if dim < 1 && dim != -1 {
			return fmt.Errorf("the output tensor's dimension %d is %d; it must be 1 to %d, or -1 for unknown", i, uint32(dim), math.MaxInt32)
		}
	}
	return nil
}

func (v *validator) returned(g *Graph) error {
	value, ok := g.Attrs["return_ops"]
	if !ok {
		return nil
	}
	names, ok := value.([]string)
	if !ok {
		return fmt.Errorf("graph %q: attribute \"return_ops\" is a %s, a string_vec is wanted", g.Name, kindOf(value))
	}
	for _, name := range names {
		if v.defined[name] == nil {
			return fmt.Errorf("graph %q: attribute \"return_ops\" names the op %q, which is not in the graph", g.Name, name)
		}
	}
	return nil
}

// subgraph checks a node of the tree; owner tells which subgraph beside it has an op already.
func (v *validator) subgraph(s *Subgraph, owner map[string]string, depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("subgraph %q lies deeper than %d; XIR opens no deeper tree", s.Name, maxNesting)
	}
	for _, name := range s.Ops {
		if v.defined[name] == nil {
			return fmt.Errorf("subgraph %q names the op %q, which is not in the graph", s.Name, name)
		}
	}
	if len(s.Children) == 0 {
		for _, name := range s.Ops {
			if other, taken := owner[name]; taken && other != s.Name {
				return fmt.Errorf("subgraphs %q and %q both hold the op %q; the parts of a graph must be disjoint", other, s.Name, name)
			}
			owner[name] = s.Name
		}
	}
	for _, child := range s.Children {
		if err := v.subgraph(child, owner, depth+1); err != nil {
			return err
		}
	}
	return nil
}
