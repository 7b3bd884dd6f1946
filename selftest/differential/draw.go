package differential

import (
	"fmt"
	"math"
	"math/rand/v2"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// widest is the most units and features of a cell. It is past every width at which a routine changes its way: blocks of 8, panels
// of 32, registers of 64.
const widest = 80

// Draw gives a case of a seed. The same seed and number give the same case on every machine.
func Draw(seed, number uint64) *Case {
	d := drawer{rand.New(rand.NewPCG(seed, number))}
	c := &Case{Seed: seed, Number: number, Threads: 1 + d.IntN(6), Piece: 1 + d.IntN(4)}
	if d.IntN(4) == 0 {
		c.Compat = xmodel.VAI20
	}
	kind, bits := xmodel.LSTM, 16
	if d.IntN(2) == 0 {
		kind = xmodel.GRU
	}
	if d.IntN(2) == 0 {
		bits = 8
	}
	layers, directions := 1, 1
	if d.IntN(8) == 0 {
		layers = 2
	}
	if d.IntN(8) == 0 {
		directions = 2
	}
	inputs := d.width()
	for l := range layers {
		hidden := d.width()
		var layer []xmodel.CellSpec
		for n := range directions {
			name := fmt.Sprintf("%s_layer_%d_%s", cellNames[kind], l, []string{"forward", "backward"}[n])
			layer = append(layer, d.cell(kind, name, n == 1, inputs, hidden, bits))
		}
		c.Layers, inputs = append(c.Layers, layer), directions*hidden
	}
	for range 1 + d.small(5) {
		c.Sequences = append(c.Sequences, d.sequence(c))
	}
	return c
}

var cellNames = map[xmodel.CellKind]string{xmodel.LSTM: "Lstm_StandardLstmCell", xmodel.GRU: "Gru_StandardGruCell"}

type drawer struct{ *rand.Rand }

// width is 1 to widest: every magnitude alike, and of two draws the lesser, so that many cells are run in a little time.
func (d drawer) width() int {
	return int(math.Exp(min(d.Float64(), d.Float64()) * math.Log(widest+1)))
}

// small is 0 to most, mostly little.
func (d drawer) small(most int) int { return min(int(d.ExpFloat64()*float64(most)/3), most) }

// positions says where the nodes of a cell lie.
type positions struct {
	low, high int // of what may lie anywhere
	common    int // of all nodes of a cell, as an export leaves them; 0 where there is none
}

func (d drawer) positions() positions {
	switch d.IntN(8) {
	case 0:
		return positions{low: fixed.MinPosition + 1, high: fixed.MaxPosition} // no file holds the lowest
	case 1:
		return positions{low: 6, high: 15}
	}
	return positions{common: 8 + d.IntN(8)}
}

func (p positions) draw(d drawer) int {
	if p.common > 0 {
		return p.common
	}
	return p.low + d.IntN(p.high-p.low+1)
}

// cell draws a standard cell. Weights are of any size, so that sums saturate now and then.
func (d drawer) cell(kind xmodel.CellKind, name string, backward bool, inputs, hidden, bits int) xmodel.CellSpec {
	spec := xmodel.CellSpec{
		Name: name, Kind: kind, Backward: backward, Input: inputs, Hidden: hidden, Bias: d.IntN(3) > 0,
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{},
	}
	at := d.positions()
	narrow := at.common == 0 && d.IntN(2) == 0 // nodes of fewer bits
	size := 1 + d.IntN(bits-1)
	// Where all nodes lie at one position, so that the fused kernels take the cell, the linears of one tensor read it alike.
	shift := map[string]int{"input_0": d.IntN(17), "input_1": d.IntN(17)}
	cut := map[string]int{"input_0": d.IntN(16), "input_1": d.IntN(16)}
	for _, n := range xmodel.Nodes(kind) {
		f := fixed.Format{Bits: 16, Position: at.draw(d)}
		if narrow && n.Op != "data" {
			f.Bits = []int{16, 10, 5}[d.IntN(3)]
		}
		if n.Op == "sigmoid" || n.Op == "tanh" {
			if at.common > 0 || d.IntN(2) == 0 {
				f.Position = fixed.TablePosition
			}
		}
		spec.Formats[n.Label] = f
		if n.Weight == "" {
			continue
		}
		weights := fixed.Format{Bits: bits, Position: at.draw(d)}
		input := fixed.Format{Bits: bits, Position: at.draw(d)}
		if at.common > 0 {
			// shift = input's position + weights' - output's
			input.Position = at.common
			if bits == 8 {
				input.Position -= cut[n.Reads[0]]
			}
			weights.Position = shift[n.Reads[0]] + at.common - input.Position
		}
		d.param(&spec, n.Weight, weights, size)
		if n.Bias != "" && spec.Bias {
			d.param(&spec, n.Bias, fixed.Format{Bits: 16, Position: at.draw(d)}, 1+d.IntN(15))
		}
		if bits == 8 {
			if spec.MatmulInputs == nil {
				spec.MatmulInputs = map[string]fixed.Format{}
			}
			spec.MatmulInputs[n.Label] = input
		}
	}
	return spec
}

func (d drawer) param(spec *xmodel.CellSpec, label string, f fixed.Format, size int) {
	count := spec.Count(label)
	spec.Formats[label] = f
	values := make([]float32, count)
	scale := float32(math.Ldexp(1, -f.Position))
	for i, v := range d.integers(count, size) {
		values[i] = float32(v) * scale
	}
	spec.Values[label] = values
}

// integers draws integers of size bits beside the sign, the ends of the range among them.
func (d drawer) integers(count, size int) []int16 {
	values := make([]int16, count)
	ends := d.Uint64()&3 > 0
	for i := range values {
		bits := d.Uint64()
		switch {
		case ends && bits>>60 == 0:
			values[i] = int16(-1 << size)
		case ends && bits>>60 == 1:
			values[i] = int16(1<<size - 1)
		default:
			values[i] = int16(int64(bits&(1<<(size+1)-1)) - 1<<size)
		}
	}
	return values
}

func (d drawer) sequence(c *Case) dump.Sequence {
	var s dump.Sequence
	first := &c.Layers[0][0]
	steps := 1 + d.small(15)
	if d.IntN(100) == 0 {
		steps += 60 + d.IntN(40) // past the chunks of the product with x
	}
	values := d.integers(first.Input*steps, 1+d.IntN(15))
	integers := d.IntN(2) == 0
	if len(c.Sequences) > 0 {
		integers = c.Sequences[0].Fixed != nil // no file of stimuli holds both
	}
	if integers {
		s.Fixed = values
	} else {
		scale := -first.Formats["input_0"].Position
		switch d.IntN(8) {
		case 0:
			scale = -40 + d.IntN(81)
		case 1:
			scale += d.IntN(8)
		}
		unit := math.Ldexp(1, scale)
		for _, v := range values {
			s.Float = append(s.Float, float32((float64(v)+d.Float64())*unit))
		}
	}
	if d.IntN(3) == 0 {
		for _, cell := range c.cells() {
			state := dump.State{H: d.integers(cell.Hidden, 1+d.IntN(15))}
			if cell.Kind == xmodel.LSTM {
				state.C = d.integers(cell.Hidden, 1+d.IntN(15))
			}
			s.Initial = append(s.Initial, state)
		}
	}
	return s
}
