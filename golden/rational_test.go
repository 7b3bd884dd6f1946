package golden

import (
	"encoding/binary"
	"math"
	"math/big"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// rational is a second implementation of a graph, in rational numbers: every tensor holds the real values that its integers
// stand for, and a fix op floors real values to its grid. It knows nothing of shifts and alignment.
type rational struct {
	graph   *xmodel.Graph
	inPlace bool
	// memory holds the real values of each fix op by name. In place, a fix op leaves them with the fix op that it reads, too.
	memory map[string][]*big.Rat
}

func newRational(g *xmodel.Graph, inPlace bool) *rational {
	return &rational{graph: g, inPlace: inPlace, memory: map[string][]*big.Rat{}}
}

// step runs the graph on real x, h and c and gives the integers of each node by name, with the counts of clamped values.
func (r *rational) step(inputs map[string][]*big.Rat) (values map[string][]int16, clamped map[string]int32) {
	values, clamped = map[string][]int16{}, map[string]int32{}
	raw := map[string][]*big.Rat{}
	for _, op := range r.graph.Ops {
		node := xmodel.NodeName(r.graph.Name, op.Name)
		switch op.Type {
		case "const", "data":
			raw[op.Name] = inputs[node]
			if op.Type == "const" {
				raw[op.Name] = constReals(op)
			}
			continue
		case "fix":
		default:
			raw[op.Name] = r.compute(op)
			continue
		}
		source := op.Input("input")[0]
		reals, computed := raw[source]
		if !computed {
			reals = r.memory[source]
		}
		var flags []bool
		if biased := r.biasOf(source); biased != nil {
			reals, _, flags = r.quantize(op, reals)
			for i, b := range biased {
				reals[i] = new(big.Rat).Add(reals[i], b)
			}
		}
		quantized, integers, again := r.quantize(op, reals)
		for i := range again {
			if again[i] || flags != nil && flags[i] {
				clamped[node]++
			}
		}
		values[node] = integers
		r.memory[op.Name] = quantized
		if !computed && r.inPlace {
			r.memory[source] = quantized
		}
	}
	return values, clamped
}

// biasOf gives the bias of a matmul, or nil.
func (r *rational) biasOf(name string) []*big.Rat {
	for _, op := range r.graph.Ops {
		if op.Name == name && len(op.Input("bias")) == 1 {
			return r.memory[op.Input("bias")[0]]
		}
	}
	return nil
}

func (r *rational) compute(op *xmodel.Op) []*big.Rat {
	var operands [][]*big.Rat
	for _, name := range op.Input("input") {
		operands = append(operands, r.memory[name])
	}
	out := make([]*big.Rat, op.Output.Shape[1])
	for i := range out {
		at := func(operand int) *big.Rat { return operands[operand][min(i, len(operands[operand])-1)] }
		out[i] = new(big.Rat)
		switch op.Type {
		case "matmul":
			for j, x := range operands[0] {
				w := operands[1][j*len(out)+i]
				if op.Attrs["transpose_b"] == true {
					w = operands[1][i*len(operands[0])+j]
				}
				out[i].Add(out[i], new(big.Rat).Mul(x, w))
			}
		case "add":
			out[i].Add(at(0), at(1))
		case "sub":
			out[i].Sub(at(0), at(1))
		case "mul":
			out[i].Mul(at(0), at(1))
		case "sigmoid":
			out[i] = tableReal(fixed.Sigmoid, 8, at(0))
		case "tanh":
			out[i] = tableReal(fixed.Tanh, 4, at(0))
		}
	}
	return out
}

// tableReal is the specification's lookup at the real value v.
func tableReal(table *fixed.Table, reach int64, v *big.Rat) *big.Rat {
	entry := func(e int16) *big.Rat { return big.NewRat(int64(e), 32768) }
	if v.Cmp(big.NewRat(reach, 1)) >= 0 {
		return entry(table.Above)
	}
	if v.Cmp(big.NewRat(-reach, 1)) < 0 {
		return entry(table.Below)
	}
	index := ratFloor(new(big.Rat).Mul(v, big.NewRat(1024/reach, 1)))
	return entry(table.Entries[1024+index.Int64()])
}

// quantize floors real values to the grid of a fix op. Those of a const lie on it.
func (r *rational) quantize(fix *xmodel.Op, reals []*big.Rat) (quantized []*big.Rat, integers []int16, clamped []bool) {
	scale := ratPower(int(fix.Attrs["fix_point"].(int32)))
	half := int64(1) << (fix.Attrs["bit_width"].(int32) - 1)
	for _, v := range reals {
		q := ratFloor(new(big.Rat).Mul(v, scale))
		out := false
		switch {
		case r.inPlace && q.Cmp(big.NewInt(1<<31)) >= 0, q.Cmp(big.NewInt(-half)) < 0:
			q, out = big.NewInt(-half), true
		case q.Cmp(big.NewInt(half-1)) > 0:
			q, out = big.NewInt(half-1), true
		}
		clamped = append(clamped, out)
		integers = append(integers, int16(q.Int64()))
		quantized = append(quantized, new(big.Rat).Quo(new(big.Rat).SetInt(q), scale))
	}
	return quantized, integers, clamped
}

func ratFloor(v *big.Rat) *big.Int { return new(big.Int).Div(v.Num(), v.Denom()) }

func ratPower(n int) *big.Rat {
	p := new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(max(n, -n))))
	if n < 0 {
		p.Inv(p)
	}
	return p
}

func constReals(op *xmodel.Op) []*big.Rat {
	var reals []*big.Rat
	for data := op.Attrs["data"].([]byte); len(data) > 0; data = data[4:] {
		v := math.Float32frombits(binary.LittleEndian.Uint32(data))
		reals = append(reals, new(big.Rat).SetFloat64(float64(v)))
	}
	return reals
}

// integerReals gives what integers stand for.
func integerReals(values []int16, position int) []*big.Rat {
	reals := make([]*big.Rat, len(values))
	for i, v := range values {
		reals[i] = new(big.Rat).Quo(big.NewRat(int64(v), 1), ratPower(position))
	}
	return reals
}

// run walks one sequence of one cell, a backward one from the end. It gives a frame a step, its nodes in the order of the
// header, the h of each timestep, and x as the cell leaves it in memory, both in the order of time.
func (r *rational) run(cell dump.Cell, x [][]*big.Rat, h, c []*big.Rat) (frames []*dump.Frame, hs, left [][]*big.Rat) {
	returned := r.graph.ReturnOps()
	hs, left = make([][]*big.Rat, len(x)), make([][]*big.Rat, len(x))
	for step := range x {
		time := step
		if cell.Backward {
			time = len(x) - 1 - step
		}
		values, clamped := r.step(map[string][]*big.Rat{"input_0": x[time], "input_1": h, "input_2": c})
		f := &dump.Frame{Step: step}
		reals := map[string][]*big.Rat{}
		for _, n := range cell.Nodes {
			f.Fixed = append(f.Fixed, values[n.Name])
			f.Saturations = append(f.Saturations, clamped[n.Name])
			reals[n.Name] = integerReals(values[n.Name], n.Position)
		}
		frames = append(frames, f)
		h = reals[xmodel.NodeName(r.graph.Name, returned[0])]
		if len(returned) > 1 {
			c = reals[xmodel.NodeName(r.graph.Name, returned[1])]
		}
		hs[time], left[time] = h, r.memory[xmodel.OpName(r.graph.Name, "input_0_fix")]
	}
	return frames, hs, left
}
