package export

import (
	"errors"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// point is what hardware has to know of a quantization point: how its operands are aligned, how far the result is shifted to
// the right (floor; a negative shift goes to the left), and the width that it saturates to.
type point struct {
	name         string
	leftA, leftB int
	shift        int
	bits         int
}

// The numbers of an LSTM's nodes in the generated package: those of quant_info.json's order, then the inputs of the products
// of 8 bits, of x and of h for each gate.
const (
	lstmNodes = 24
	allPoints = lstmNodes + 8
)

var gates = [...]string{"i", "f", "g", "o"}

// lstmPoints lists the quantization points of an LSTM cell by their numbers. Where there is no cut to 8 bits, its point passes
// 16 bits through. In a table's point leftA is the shift to the index, in a linear's leftA and leftB are those of
// the product and of the bias, whose sum goes back by leftA.
func (m *cellModel) lstmPoints(streamPosition int) ([]point, error) {
	points := make([]point, allPoints)
	names := map[string]int{}
	for i, n := range xmodel.Nodes(xmodel.LSTM) {
		name := xmodel.Sanitize(n.Label)
		names[n.Label] = i
		points[i] = point{name: name, bits: m.formats[name].Bits}
	}
	position := func(label string) int { return m.formats[xmodel.Sanitize(label)].Position }
	shift := func(label string, from int) { points[names[label]].shift = from - position(label) }
	sum := func(label, a, b string) {
		p := &points[names[label]]
		p.leftA, p.leftB, p.shift = align(position(a), position(b), position(label))
	}
	table := func(label, of string, t *fixed.Table) {
		points[names[label]].leftA = position(of) - t.IndexPosition
		shift(label, fixed.TablePosition)
	}
	shift("input_0", streamPosition)
	shift("input_1", position("h_next"))
	shift("input_2", position("c_next"))
	for gate, k := range gates {
		x, h := "w_i"+k+" * input_0 + bias_"+k, "w_h"+k+" * input_1"
		from := m.cut(points, lstmNodes+2*gate, x, "input_0")
		shift(x, from+m.byName["weight_i"+k].format.Position)
		if m.hasBias {
			p := &points[names[x]]
			p.leftA, p.leftB, _ = align(position(x), m.byName["bias_"+k].format.Position, 0)
		}
		from = m.cut(points, lstmNodes+2*gate+1, h, "input_1")
		shift(h, from+m.byName["weight_h"+k].format.Position)
		sum("y_"+k, x, h)
	}
	table("it", "y_i", fixed.Sigmoid)
	table("ft", "y_f", fixed.Sigmoid)
	table("cct", "y_g", fixed.Tanh)
	table("ot", "y_o", fixed.Sigmoid)
	shift("it*cct", position("it")+position("cct"))
	shift("ft*input_2", position("ft")+position("input_2"))
	sum("c_next", "it*cct", "ft*input_2")
	table("c_temp", "c_next", fixed.Tanh)
	shift("h_next", position("ot")+position("c_temp"))
	return points, checkPoints(points)
}

// cut describes a linear's input and gives the position that the product reads it at.
func (m *cellModel) cut(points []point, number int, linear, input string) (position int) {
	from := m.formats[input]
	name := xmodel.PreFixName(xmodel.Sanitize(linear))
	to, ok := m.formats[name]
	if !ok {
		to = from
	}
	points[number] = point{name: name, shift: from.Position - to.Position, bits: to.Bits}
	return to.Position
}

// align gives the shifts that bring two operands to the finer of their positions, and the sum from there to the result's.
func align(a, b, out int) (leftA, leftB, shift int) {
	finer := max(a, b)
	return finer - a, finer - b, finer - out
}

var errTooFar = errors.New("its fix positions lie too far apart for a datapath of 64 bits")

// checkPoints refuses what a datapath of 64 bits cannot align: operands of 16 bits moved by more than 46 do not add in it.
func checkPoints(points []point) error {
	for _, p := range points {
		if max(p.leftA, p.leftB) > 46 {
			return errTooFar
		}
	}
	return nil
}
