package verify

import (
	"math"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// remember keeps what later frames and other cells read of a frame.
func (r *replay) remember(j *judged) {
	c := j.cell
	past := pastStates{sequence: j.frame.Sequence, step: j.frame.Step, known: true}
	for i, name := range c.states {
		values := j.actual[name]
		if values == nil {
			past.known = false
			break
		}
		past.recorded = append(past.recorded, append([]int16(nil), values...))
		past.repaired = append(past.repaired, append([]int16(nil), j.repaired[name]...))
		if len(past.repaired[i]) == 0 {
			past.repaired[i] = nil
			continue
		}
		if i == 0 && c.feeds {
			c.repaired[frameKey{sequence: j.frame.Sequence, step: j.frame.Step}] = past.repaired[i]
		}
	}
	c.past = past
}

func (r *replay) count(j *judged, node int, ruling *ruling) {
	c, frame := j.cell, j.frame
	recorded := columnOf(frame, c.columns[node]).ints
	result := compareInts(recorded, ruling.want, math.Ldexp(1, -c.cell.Nodes[node].Position), 0)
	wrong := int64(len(ruling.wrong))
	result.Different = wrong
	result.Explained, result.Misreported = int64(ruling.explained), int64(ruling.misreported)
	s := &c.stats[node]
	s.add(&result.ErrorStats)
	if wrong > 0 {
		if s.FirstStep == NoStep || frame.Step < s.FirstStep {
			s.FirstStep = frame.Step
		}
		s.LastStep = max(s.LastStep, frame.Step)
	}
	if r.options.Heat || r.options.Detail {
		j.heat(node, ruling)
	}
	if c.details != nil {
		c.steps[node].at(frame.Step).add(&result.ErrorStats)
		j.detail(node, ruling)
	}
	r.tally(&result.ErrorStats)
}

func (r *replay) tally(e *ErrorStats) {
	r.counts.Values += e.Compared
	r.counts.Wrong += e.Different
	r.counts.Explained += e.Explained
	r.counts.Misreported += e.Misreported
	r.counts.Equal += e.Compared - e.Different - e.Explained - e.Misreported
}

func (r *replay) describe(j *judged, node int, ruling *ruling) Divergence {
	c := j.cell
	n := c.cell.Nodes[node]
	index := ruling.wrong[0]
	got, want := columnOf(j.frame, c.columns[node]), column{ints: ruling.want}
	return Divergence{
		Address: Address{
			Layer: c.cell.Layer, Backward: c.cell.Backward,
			Sequence: j.frame.Sequence + r.options.FirstSequence, Step: j.frame.Step, Node: n.Name, Index: index,
		},
		Graph: c.cell.Graph, Label: n.Label, Op: n.Op, Format: formatOf(n),
		Got: valueAt(n, got, index), Want: valueAt(n, want, index),
		Delta:     float64(got.ints[index]) - float64(want.ints[index]),
		Different: len(ruling.wrong), Width: n.Width,
		GotSaturations: saturations(j.frame, c.columns[node]), WantSaturations: -1,
		Neighbours: neighbours(got, want, index),
		Inputs:     r.operands(j, n, index),
		Note:       ruling.note,
	}
}

// operands shows what the node was computed from: what was recorded, beside what should have been.
func (r *replay) operands(j *judged, n dump.Node, index int) []Operand {
	var operands []Operand
	for _, source := range j.cell.node(n.Name).Reads {
		name := source.Name
		values := j.actual[name]
		if source.Param != nil || len(values) == 0 {
			continue
		}
		read := j.cell.cell.Nodes[j.cell.place[name]]
		right := orElse(j.repaired[name], values)
		operand := Operand{Node: name, Width: len(values)}
		for i := len(values) - 1; i >= 0; i-- {
			if values[i] != right[i] {
				operand.Different++
				operand.Index = i
			}
		}
		if n.Op != "matmul" && index < len(values) {
			operand.Index = index
		}
		format := fixed.Format{Bits: read.Bits, Position: read.Position}
		operand.Got = fixedValue(int64(values[operand.Index]), format)
		operand.Want = fixedValue(int64(right[operand.Index]), format)
		operands = append(operands, operand)
	}
	return operands
}
