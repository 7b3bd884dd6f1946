package xmodel

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEqualTellsTheDifference(t *testing.T) {
	for _, c := range []struct {
		want  string // empty: the graphs stay the same
		alter func(*Graph)
	}{
		{"", func(*Graph) {}},
		{"", func(g *Graph) { slices.Reverse(g.Ops) }},
		{"", func(g *Graph) { g.Root = nil }},
		{"", func(g *Graph) { g.Root = &Subgraph{Name: "any"} }},
		{"", func(g *Graph) { g.Ops[4].Output.Name = "" }},
		{"", func(g *Graph) { g.Ops[4].Output.Attrs = Attrs{} }},
		{`the graphs are named "g" and "h"`, func(g *Graph) { g.Name = "h" }},
		{`graph "g": attribute "direction": the values are forward and backward`, func(g *Graph) { g.Attrs["direction"] = "backward" }},
		{`graph "g": attribute "extra" is only in the second`, func(g *Graph) { g.Attrs["extra"] = true }},
		{`op "g__h_next_fix" is only in the first graph`, func(g *Graph) { g.Ops = g.Ops[:len(g.Ops)-1] }},
		{`op "z" is only in the second graph`, func(g *Graph) { g.Ops = append(g.Ops, &Op{Name: "z"}) }},
		{`some under one name`, func(g *Graph) { g.Ops = append(g.Ops, g.Ops[0]) }},
		{`op "g__y_i": the types are add and sub`, func(g *Graph) { g.Node("y_i").Type = "sub" }},
		{`op "g__y_i_fix": attribute "fix_point": the values are 12 and 11`, func(g *Graph) { g.Node("y_i_fix").Attrs["fix_point"] = int32(11) }},
		{`op "g__y_i_fix": attribute "fix_point": the kinds are int32 and uint32`, func(g *Graph) { g.Node("y_i_fix").Attrs["fix_point"] = uint32(12) }},
		{`op "g__y_i_fix": attribute "round_mode" is only in the first`, func(g *Graph) { delete(g.Node("y_i_fix").Attrs, "round_mode") }},
		{`op "g__bias_i": attribute "data": byte 2 is `, func(g *Graph) { g.Node("bias_i").Attrs["data"].([]byte)[2] ^= 1 }},
		{`op "g__bias_i": attribute "data": there are 12 and 8 bytes`, func(g *Graph) { g.Node("bias_i").Attrs["data"] = make([]byte, 8) }},
		{`op "g__y_i": the arguments are `, func(g *Graph) { slices.Reverse(g.Node("y_i").Args[0].Ops) }},
		{`op "g__y_i": the output tensors are .*\[1 3\] float32 .*\[3 1\] float32`, func(g *Graph) { g.Node("y_i").Output.Shape = []int32{3, 1} }},
		{`op "g__y_i": output tensor: attribute "a" is only`, func(g *Graph) { g.Node("y_i").Output.Attrs = Attrs{"a": float32(1)} }},
		{`only one of the graphs has a tree`, func(g *Graph) { g.Root.Attrs = Attrs{"a": true} }},
	} {
		a, b := testCell(t, "g", LSTM, false, 2, 3, true, false), testCell(t, "g", LSTM, false, 2, 3, true, false)
		c.alter(b)
		err := Equal(a, b)
		digests := [2]string{(&Model{Cells: []Cell{{Graph: a}}}).Digest(), (&Model{Cells: []Cell{{Graph: b}}}).Digest()}
		if c.want == "" {
			assert.NoError(t, err)
			assert.Equal(t, digests[0], digests[1])
			continue
		}
		require.Error(t, err, c.want)
		assert.Regexp(t, c.want, err.Error())
		assert.Error(t, Equal(b, a))
		assert.NotEqual(t, digests[0], digests[1], c.want)
	}
}

func TestEqualComparesTrees(t *testing.T) {
	tree := func(alter func(*Graph)) *Graph {
		g := compiledGraph(t, LSTM)
		alter(g)
		return g
	}
	same := tree(func(*Graph) {})
	for want, alter := range map[string]func(*Graph){
		`subgraphs are named "subgraph_dummy_data" and "x"`:      func(g *Graph) { g.Root.Children[0].Name = "x" },
		`subgraph "root" has 1 and 2 parts`:                      func(g *Graph) { g.Root.Children = append(g.Root.Children, &Subgraph{}) },
		`subgraph "root": attribute "batch": the values are 2`:   func(g *Graph) { g.Root.Attrs["batch"] = int32(3) },
		`subgraph "subgraph_dummy_data" holds 1 and 0 ops`:       func(g *Graph) { g.Root.Children[0].Ops = nil },
		`subgraph "subgraph_dummy_data": attribute "Xt" is only`: func(g *Graph) { delete(g.Root.Children[0].Attrs, "Xt") },
	} {
		assert.ErrorContains(t, Equal(same, tree(alter)), want)
	}
	assert.NoError(t, Equal(same, tree(func(*Graph) {})))
}

func TestDigestDependsOnTheOrderOfCells(t *testing.T) {
	a, b := testCell(t, "a", GRU, false, 2, 3, true, false), testCell(t, "b", GRU, false, 3, 3, true, false)
	one := &Model{Cells: []Cell{{Graph: a}, {Graph: b, Layer: 1}}}
	other := &Model{Cells: []Cell{{Graph: b}, {Graph: a, Layer: 1}}}
	backward := &Model{Cells: []Cell{{Graph: a}, {Graph: b, Layer: 1, Backward: true}}}
	assert.NotEqual(t, one.Digest(), other.Digest())
	assert.NotEqual(t, one.Digest(), backward.Digest())
	assert.Equal(t, one.Digest(), (&Model{Source: "elsewhere", Cells: one.Cells}).Digest())
	assert.Panics(t, func() { (&Model{Cells: []Cell{{Graph: &Graph{Attrs: Attrs{"a": 1}}}}}).Digest() })
}
