package compile

import (
	"fmt"
	"strings"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// shift gives a shift that the stream showed, 0 where it showed none.
func (r *recovery) shift(name string) int { return r.shifts[name] }

// positions solves the fix positions of all nodes and parameters: each table says the position of what it looks up and yields
// position 15, each shift is a difference of positions. input is the position of x.
func (r *recovery) positions(input int) map[string]fixed.Format {
	p := map[string]int{"input_0": input}
	for _, n := range xmodel.Nodes(r.kind) {
		if n.Op == "sigmoid" || n.Op == "tanh" {
			p[n.Label] = fixed.TablePosition - r.shift(n.Label+" rescaled")
		}
	}
	if r.kind == xmodel.LSTM {
		r.lstmPositions(p)
	} else {
		r.gruPositions(p)
	}
	formats := map[string]fixed.Format{}
	for label, position := range p {
		formats[label] = fixed.Format{Bits: 16, Position: position}
	}
	return formats
}

// operand is the position of an operand of a sum: the sum's own, the shift behind it, and the change before it.
func (r *recovery) operand(sum int, node, part string) int {
	return sum + r.shift(node) + r.shift(part+" rescaled")
}

func (r *recovery) lstmPositions(p map[string]int) {
	p["it*cct"] = p["it"] + p["cct"] - r.shift("it*cct")
	p["h_next"] = p["ot"] + p["c_temp"] - r.shift("h_next")
	p["input_1"] = p["h_next"] - r.carried(r.h)
	p["c_next"] = r.lookedUp("c_temp", p["it*cct"]-r.shift("it*cct rescaled")-r.shift("c_next"))
	p["input_2"] = p["c_next"] - r.carried(r.c)
	p["ft*input_2"] = p["ft"] + p["input_2"] - r.shift("ft*input_2")
	for gate, table := range map[string]string{"i": "it", "f": "ft", "g": "cct", "o": "ot"} {
		r.gatePositions(p, gate, table)
	}
}

func (r *recovery) gruPositions(p map[string]int) {
	p["ft*cct"] = p["ft"] + p["cct"] - r.shift("ft*cct")
	p["cct-ft*cct"] = p["ft*cct"] - r.shift("ft*cct rescaled") - r.shift("cct-ft*cct")
	p["h_next"] = p["cct-ft*cct"] - r.shift("cct-ft*cct rescaled") - r.shift("h_next")
	p["input_1"] = p["h_next"] - r.carried(r.h)
	p["ft*input_1"] = p["ft"] + p["input_1"] - r.shift("ft*input_1")
	r.gatePositions(p, "i", "it")
	r.gatePositions(p, "f", "ft")
	const gated = "it*(w_hg * input_1 + bias_hg)"
	p["y_g"] = r.lookedUp("cct", p["h_next"])
	p[gated] = r.operand(p["y_g"], "y_g", gated)
	r.linearPositions(p, "w_ig * input_0 + bias_ig", r.operand(p["y_g"], "y_g", "weight_ig"))
	r.linearPositions(p, "w_hg * input_1 + bias_hg", p[gated]+r.shift(gated)-p["it"])
}

// lookedUp is the position of what a table looks up.
func (r *recovery) lookedUp(name string, otherwise int) int {
	if position, known := r.shifts[name]; known {
		return position
	}
	return otherwise
}

func (r *recovery) gatePositions(p map[string]int, gate, table string) {
	y := "y_" + gate
	p[y] = r.lookedUp(table, p["h_next"])
	for _, n := range xmodel.Nodes(r.kind) {
		if n.Op == "matmul" && strings.HasSuffix(n.Weight, gate) {
			r.linearPositions(p, n.Label, r.operand(p[y], y, n.Weight))
		}
	}
}

// linearPositions sets the positions of a linear's output and parameters.
func (r *recovery) linearPositions(p map[string]int, label string, output int) {
	for _, n := range xmodel.Nodes(r.kind) {
		if n.Label != label {
			continue
		}
		p[label], p[n.Weight] = output, r.shift(n.Weight)+output-p[n.Reads[0]]
		if n.Bias != "" {
			p[n.Bias] = output
		}
	}
}

// carried is by how much the state before a step is shifted against what the step before made.
func (r *recovery) carried(state []termID) int {
	for _, id := range state {
		if id < 0 || r.list[id].op != opState {
			continue
		}
		if e := r.list[r.next[r.list[id].index]]; e.op == opRescale {
			return int(e.shift)
		}
	}
	return 0
}

// spec is the cell that was read, ready to be built.
func (r *recovery) spec(name string, backward bool, input int) xmodel.CellSpec {
	spec := xmodel.CellSpec{
		Name: name, Kind: r.kind, Backward: backward, Input: r.input, Hidden: r.hidden, Bias: true,
		Values: map[string][]float32{}, Formats: r.positions(input),
	}
	for label, values := range r.values {
		reals := make([]float32, len(values))
		for i, q := range values {
			reals[i] = float32(fixed.Real(int64(q), spec.Formats[label].Position))
		}
		spec.Values[label] = reals
	}
	return spec
}

// graphName is the name of a lifted cell's graph.
func graphName(kind xmodel.CellKind, layer int, backward bool) string {
	name := map[xmodel.CellKind]string{xmodel.LSTM: "Lstm_StandardLstmCell", xmodel.GRU: "Gru_StandardGruCell"}[kind]
	direction := xmodel.Forward
	if backward {
		direction = xmodel.Backward
	}
	return fmt.Sprintf("%s_layer_%d_%s", name, layer, direction)
}
