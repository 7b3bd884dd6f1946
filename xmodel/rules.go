package xmodel

import (
	"fmt"
	"math"
)

// rule is what XIR asks of one type of op. least and most bound the ops in the argument "input".
type rule struct {
	least, most int
	bias        bool // takes the argument "bias", of one op at most
	attrs       []attrRule
	shape       func(op *Op, inputs []*Tensor) ([]int32, error)
}

type attrRule struct{ name, kind string }

// rules holds the types of op that cells are made of, and so those that can be run. Element-wise ops take any number of
// operands from two up.
var rules = map[string]rule{
	"const": {attrs: []attrRule{{"data", "bytes"}, {"data_type", "string"}, {"shape", "int32_vec"}}, shape: constShape},
	"data":  {attrs: []attrRule{{"data_type", "string"}, {"shape", "int32_vec"}}, shape: declaredShape},
	"fix": {
		least: 1, most: 1, shape: fixShape,
		attrs: []attrRule{{"bit_width", "int32"}, {"fix_point", "int32"}, {"if_signed", "bool"}, {"round_mode", "string"}},
	},
	"matmul": {
		least: 2, most: 2, bias: true, shape: matmulShape,
		attrs: []attrRule{{"transpose_a", "bool"}, {"transpose_b", "bool"}},
	},
	"add":     {least: 2, most: math.MaxInt, shape: broadcastShape},
	"sub":     {least: 2, most: math.MaxInt, shape: broadcastShape},
	"mul":     {least: 2, most: math.MaxInt, shape: broadcastShape},
	"sigmoid": {least: 1, most: 1, shape: unaryShape},
	"tanh":    {least: 1, most: 1, shape: unaryShape},
}

// Runnable says whether ops of the type are among those that cells are made of.
func Runnable(opType string) bool {
	_, ok := rules[opType]
	return ok
}

func (r rule) checkArgs(op *Op) error {
	count := map[string]int{"input": 0}
	for _, arg := range op.Args {
		if _, twice := count[arg.Name]; twice && count[arg.Name] > 0 {
			return fmt.Errorf("argument %q is there twice; list its ops in one", arg.Name)
		}
		if arg.Name != "input" && (arg.Name != "bias" || !r.bias) {
			return fmt.Errorf("argument %q is unknown to this type of op", arg.Name)
		}
		count[arg.Name] = len(arg.Ops)
	}
	if n := count["input"]; n < r.least || n > r.most {
		return fmt.Errorf("argument \"input\" has %d ops, %s wanted", n, r.wanted())
	}
	if n := count["bias"]; n > 1 {
		return fmt.Errorf("argument \"bias\" has %d ops, at most one is wanted", n)
	}
	return nil
}

func (r rule) wanted() string {
	switch {
	case r.most == math.MaxInt:
		return fmt.Sprintf("%d or more are", r.least)
	case r.most == 1:
		return fmt.Sprintf("%d is", r.least)
	}
	return fmt.Sprintf("%d are", r.least)
}

func (r rule) checkAttrs(op *Op) error {
	for _, want := range r.attrs {
		value, ok := op.Attrs[want.name]
		if !ok {
			return fmt.Errorf("attribute %q is missing; a %s is wanted", want.name, want.kind)
		}
		if got := kindOf(value); got != want.kind {
			return fmt.Errorf("attribute %q is a %s; a %s is wanted", want.name, got, want.kind)
		}
	}
	return nil
}
