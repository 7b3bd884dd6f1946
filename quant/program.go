package quant

import (
	"slices"
	"sync"

	"rnnsim/model"
	"rnnsim/xmodel"
)

// op is one node of a cell with the nodes that it reads resolved, ready to be executed.
type op struct {
	xmodel.Node
	kind opKind
	a, b int // indices of the nodes it reads
	gate int // of a linear: which row block of the weights it multiplies
}

// opKind is what an op computes.
type opKind int

const (
	opInput   opKind = iota // x, h or c, as it enters the cell
	opLinear                // W·a + bias
	opAdd                   // a + b
	opSub                   // a - b
	opMul                   // a * b
	opSigmoid               // table of a
	opTanh                  // table of a
)

var opKinds = map[string]opKind{
	"data": opInput, "matmul": opLinear, "add": opAdd, "sub": opSub, "mul": opMul, "sigmoid": opSigmoid, "tanh": opTanh,
}

// isTable says that the op's output comes from an activation table, so that its format is not searched.
func (o op) isTable() bool { return o.kind == opSigmoid || o.kind == opTanh }

// readsHidden says that a linear multiplies h rather than x.
func (o op) readsHidden() bool { return o.a == nodeH }

// program is the nodes of a kind of cell in the order of quant_info.json, which is an order of execution.
type program struct {
	ops []op
	// hNext and cNext are the nodes that the next timestep reads as input_1 and input_2; a GRU has no cNext (-1).
	hNext, cNext int
}

// Indices of the input nodes of every program.
const (
	nodeX = iota
	nodeH
	nodeC
)

// programOf gives the program of a kind of cell.
func programOf(kind model.Kind) *program {
	if kind == model.GRU {
		return gruProgram()
	}
	return lstmProgram()
}

var (
	lstmProgram = sync.OnceValue(func() *program { return newProgram(xmodel.LSTM) })
	gruProgram  = sync.OnceValue(func() *program { return newProgram(xmodel.GRU) })
)

func newProgram(kind xmodel.CellKind) *program {
	p := &program{}
	index := map[string]int{}
	for i, node := range xmodel.Nodes(kind) {
		o := op{Node: node, kind: opKinds[node.Op]}
		if len(node.Reads) > 0 {
			o.a = index[node.Reads[0]]
		}
		if len(node.Reads) > 1 {
			o.b = index[node.Reads[1]]
		}
		if o.kind == opLinear {
			// A weight's last letter is its gate.
			o.gate = slices.Index(kind.Gates(), node.Weight[len(node.Weight)-1:])
		}
		index[node.Label] = i
		p.ops = append(p.ops, o)
	}
	p.hNext, p.cNext = index["h_next"], -1
	if c, found := index["c_next"]; found {
		p.cNext = c
	}
	return p
}
