package differential

import (
	"fmt"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// Case is a network with its stimuli and how it is run.
type Case struct {
	Seed, Number uint64 // what it was drawn from
	Layers       [][]xmodel.CellSpec
	Compat       xmodel.Compat
	Sequences    []dump.Sequence
	Threads      int
	Piece        int // steps of a piece where a sequence is run in pieces
}

// Model builds the graphs.
func (c *Case) Model() (*xmodel.Model, error) {
	m := &xmodel.Model{Source: fmt.Sprintf("cell %d of seed %d", c.Number, c.Seed)}
	for l, layer := range c.Layers {
		for _, spec := range layer {
			g, err := xmodel.Build(spec)
			if err != nil {
				return nil, err
			}
			m.Cells = append(m.Cells, xmodel.Cell{Graph: g, Layer: l, Backward: spec.Backward})
		}
	}
	return m, nil
}

func (c *Case) features() int { return c.Layers[0][0].Input }

func (c *Case) steps(sequence int) int {
	s := &c.Sequences[sequence]
	return max(len(s.Float), len(s.Fixed)) / c.features()
}

// cells lists the cells in the order of execution.
func (c *Case) cells() []*xmodel.CellSpec {
	var cells []*xmodel.CellSpec
	for l := range c.Layers {
		for d := range c.Layers[l] {
			cells = append(cells, &c.Layers[l][d])
		}
	}
	return cells
}

// widest is the largest number of units of a cell.
func (c *Case) widest() int {
	most := 0
	for _, cell := range c.cells() {
		most = max(most, cell.Hidden)
	}
	return most
}

// clone shares nothing with c that a reduction alters.
func (c *Case) clone() *Case {
	twin := *c
	twin.Layers, twin.Sequences = nil, nil
	for _, layer := range c.Layers {
		var cells []xmodel.CellSpec
		for _, spec := range layer {
			copied := spec
			copied.Values, copied.Formats, copied.MatmulInputs = map[string][]float32{}, map[string]fixed.Format{}, nil
			for label, values := range spec.Values {
				copied.Values[label] = append([]float32(nil), values...)
			}
			for label, f := range spec.Formats {
				copied.Formats[label] = f
			}
			for label, f := range spec.MatmulInputs {
				if copied.MatmulInputs == nil {
					copied.MatmulInputs = map[string]fixed.Format{}
				}
				copied.MatmulInputs[label] = f
			}
			cells = append(cells, copied)
		}
		twin.Layers = append(twin.Layers, cells)
	}
	for _, s := range c.Sequences {
		copied := dump.Sequence{Float: append([]float32(nil), s.Float...), Fixed: append([]int16(nil), s.Fixed...)}
		for _, state := range s.Initial {
			copied.Initial = append(copied.Initial, dump.State{H: append([]int16(nil), state.H...), C: append([]int16(nil), state.C...)})
		}
		twin.Sequences = append(twin.Sequences, copied)
	}
	return &twin
}

// String says how large the case is: "lstm, 3 in, 8 units, 16 bits, 2 sequences of 4 and 1 steps".
func (c *Case) String() string {
	text := ""
	for i, cell := range c.cells() {
		bits := cell.Formats[xmodel.Parameters(cell.Kind, false)[0]].Bits
		if i > 0 {
			text += " + "
		}
		text += fmt.Sprintf("%s, %d in, %d units, %d-bit weights", cell.Kind, cell.Input, cell.Hidden, bits)
		if cell.Backward {
			text += ", backward"
		}
	}
	steps := 0
	for i := range c.Sequences {
		steps += c.steps(i)
	}
	return fmt.Sprintf("%s; %d sequences, %d steps", text, len(c.Sequences), steps)
}
