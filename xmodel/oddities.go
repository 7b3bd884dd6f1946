package xmodel

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"rnnsim/internal/fixed"
)

// Oddities tells what is unusual in a valid graph and does no harm to reading it, a sentence each, in a fixed order. What the
// vendor's quantizer writes has none.
func Oddities(g *Graph) []string {
	var odd []string
	say := func(format string, args ...any) { odd = append(odd, fmt.Sprintf(format, args...)) }
	if g.Name == "" {
		say("the graph has no name; the nodes of its cell cannot be told")
	}
	if text, ok := g.Attrs["direction"]; ok {
		if _, err := g.Direction(); err != nil {
			say("attribute \"direction\" is %v; it should be forward or backward", text)
		}
	}
	oddAttrs(g.Attrs, "the graph", say)
	kind := g.FileKind()
	foreign := map[string]bool{}
	index := g.Index()
	for _, op := range g.Ops {
		if !Runnable(op.Type) && !foreign[op.Type] {
			foreign[op.Type] = true
			say("op %q: type %s is not one of a cell's; the graph cannot be run", op.Name, op.Type)
		}
		oddOp(op, kind, say)
	}
	oddConsts(g, index, say)
	if g.Root != nil {
		covered := map[string]bool{}
		oddSubgraph(g.Root, covered, say)
		if len(covered) > 0 && len(covered) < len(g.Ops) {
			say("the subgraphs hold %d of the graph's %d ops; the others belong to none", len(covered), len(g.Ops))
		}
	}
	return odd
}

func oddAttrs(attrs Attrs, where string, say func(string, ...any)) {
	for _, key := range slices.Sorted(maps.Keys(attrs)) {
		if attrs[key] == nil {
			say("%s: attribute %q has no value; it is ignored", where, key)
		}
	}
}

func oddOp(op *Op, kind FileKind, say func(string, ...any)) {
	where := fmt.Sprintf("op %q", op.Name)
	oddAttrs(op.Attrs, where, say)
	oddAttrs(op.Output.Attrs, where+", output tensor", say)
	if op.Output.Name != "" && op.Output.Name != op.Name {
		say("%s: the output tensor is named %q; the op's name is used", where, op.Output.Name)
	}
	if kind == CellGraph && (op.Output.Type != Float || op.Output.BitWidth != 32) {
		say("%s: the output tensor has elements of %s%d; the quantizer writes float32 everywhere", where, op.Output.Type, op.Output.BitWidth)
	}
	switch op.Type {
	case "const":
		if len(op.Attrs["data"].([]byte)) == 0 {
			say("%s: the const has no data; a compiler moved it elsewhere", where)
		}
	case "fix":
		oddFix(op, where, say)
	}
}

func oddFix(op *Op, where string, say func(string, ...any)) {
	if mode := op.Attrs["round_mode"].(string); mode != "DPU_ROUND" {
		say("%s: round_mode is %q; the rounding of the cell's rules is used, as with any text there", where, mode)
	}
	if _, err := FixFormat(op); err != nil {
		say("%v", err)
	}
}

// oddConsts tells of parameters that their fix alters, which the quantizer has rounded already.
func oddConsts(g *Graph, index map[string]*Op, say func(string, ...any)) {
	count, first := 0, ""
	for _, op := range g.Ops {
		if op.Type != "fix" {
			continue
		}
		source := index[op.Input("input")[0]]
		format, err := FixFormat(op)
		if err != nil || source.Type != "const" || source.Output.Type != Float || source.Output.BitWidth != 32 {
			continue
		}
		if i, v, off := offGrid(source.Attrs["data"].([]byte), format); off {
			if count++; count == 1 {
				first = fmt.Sprintf("value %d of %q is %v, its format %v", i, source.Name, v, format)
			}
		}
	}
	if count > 0 {
		say("%d consts are not on the grid of their fix and are rounded; the first: %s", count, first)
	}
}

// offGrid finds the first float32 in data that is not a value of the format.
func offGrid(data []byte, f fixed.Format) (index int, value float32, found bool) {
	scale := math.Ldexp(1, f.Position)
	lo, hi := float64(f.Min()), float64(f.Max())
	for i := 0; i+4 <= len(data); i += 4 {
		v := math.Float32frombits(binary.LittleEndian.Uint32(data[i:]))
		q := float64(v) * scale
		if !(q >= lo && q <= hi) || q != math.Trunc(q) {
			return i / 4, v, true
		}
	}
	return 0, 0, false
}

func oddSubgraph(s *Subgraph, covered map[string]bool, say func(string, ...any)) {
	oddAttrs(s.Attrs, fmt.Sprintf("subgraph %q", s.Name), say)
	if len(s.Ops) > 0 && len(s.Children) > 0 {
		say("subgraph %q has both ops and parts; XIR's own writer gives it either", s.Name)
	}
	here := map[string]bool{}
	for _, name := range s.Ops {
		if here[name] {
			say("subgraph %q lists the op %q twice", s.Name, name)
		}
		here[name], covered[name] = true, true
	}
	for _, child := range s.Children {
		oddSubgraph(child, covered, say)
	}
}
