package golden

import (
	"context"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
	"rnnsim/xmodel"
)

func TestExactEqualsRationalArithmeticOnAnyGraph(t *testing.T) {
	for name, compat := range map[string]xmodel.Compat{"sane": xmodel.Sane, "vai2.0": xmodel.VAI20} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := drawGraph(t)
				exact, err := NewExact(s.model(), compat)
				require.NoError(t, err)
				cell := exact.Header().Cells[0]
				formats := map[string]dump.Node{}
				for _, n := range cell.Nodes {
					formats[n.Name] = n
				}

				steps := rapid.IntRange(1, 3).Draw(t, "steps")
				features, format := exact.Input()
				sequence := dump.Sequence{Initial: make([]dump.State, 1)}
				var x [][]*big.Rat
				if rapid.Bool().Draw(t, "real input") {
					sequence.Float = drawReals(t, steps*features, format.Position)
					for i := range steps {
						var row []*big.Rat
						for _, v := range sequence.Float[i*features:][:features] {
							row = append(row, new(big.Rat).SetFloat64(float64(v)))
						}
						x = append(x, row)
					}
				} else {
					sequence.Fixed = drawValues(t, "x", steps*features, format)
					for i := range steps {
						x = append(x, integerReals(sequence.Fixed[i*features:][:features], format.Position))
					}
				}
				state := &sequence.Initial[0]
				h, c := formats["input_1"], formats["input_2"]
				state.H = drawValues(t, "h", h.Width, exact.cells[0].h.format)
				state.C = drawValues(t, "c", c.Width, exact.cells[0].c.format)

				memory := dump.NewMemory()
				require.NoError(t, exact.Run(context.Background(), []dump.Sequence{sequence}, memory))
				want, _, _ := newRational(s.graph, compat == xmodel.VAI20).
					run(cell, x, integerReals(state.H, h.Position), integerReals(state.C, c.Position))
				require.Equal(t, want, memory.Frames)
				requireReplay(t, exact, memory.Frames)
			})
		})
	}
}

// Two layers of two directions each: the second reads both halves of the first's output, which stand at different positions.
func TestExactEqualsRationalArithmeticInAStack(t *testing.T) {
	for name, compat := range map[string]xmodel.Compat{"sane": xmodel.Sane, "vai2.0": xmodel.VAI20} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				inPlace := compat == xmodel.VAI20
				steps, features := rapid.IntRange(1, 3).Draw(t, "steps"), rapid.IntRange(1, 4).Draw(t, "features")
				model, width := &xmodel.Model{}, features
				for layer := range 2 {
					output := 0
					for _, direction := range []string{"forward", "backward"} {
						g := drawNamedGraph(t, fmt.Sprintf("Drawn_%d_%s", layer, direction), width).graph
						model.Cells = append(model.Cells, xmodel.Cell{Graph: g, Layer: layer, Backward: direction == "backward"})
						output += int(g.Op(g.ReturnOps()[0]).Output.Shape[1])
					}
					width = output
				}
				exact, err := NewExact(model, compat)
				require.NoError(t, err)
				_, format := exact.Input()
				real := drawReals(t, steps*features, format.Position)
				memory := dump.NewMemory()
				require.NoError(t, exact.Run(context.Background(), []dump.Sequence{{Float: real}}, memory))

				x := make([][]*big.Rat, steps)
				for i, v := range real {
					x[i/features] = append(x[i/features], new(big.Rat).SetFloat64(float64(v)))
				}
				var want []*dump.Frame
				joined := make([][]*big.Rat, steps)
				for i, cell := range exact.Header().Cells {
					zero := integerReals(make([]int16, 9), 0)
					width := int(exact.cells[i].h.width)
					frames, h, left := newRational(model.Cells[i].Graph, inPlace).run(cell, x, zero[:width], zero[:width])
					for _, f := range frames {
						f.Cell = i
					}
					want = append(want, frames...)
					for step := range joined {
						joined[step] = append(joined[step], h[step]...)
					}
					if inPlace {
						x = left
					}
					if cell.Backward {
						x, joined = joined, make([][]*big.Rat, steps)
					}
				}
				require.Equal(t, want, memory.Frames)
			})
		})
	}
}
