package golden

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// The shipped digits models: the float trace and the quantized one hold the same nodes in the same order and agree as far as
// 16 bits, or 8, let them.
func TestFloatTraceLiesBesideTheExactOne(t *testing.T) {
	for name, leastSQNR := range map[string]float64{
		"digits-lstm16": 30, "digits-gru16": 30, "digits-bilstm16": 30, "digits-lstm8": 12, "digits-gru8": 12,
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join("..", "vectors", name)
			quantized, err := xmodel.ReadModel(folder)
			require.NoError(t, err)
			exact, err := NewExact(quantized, xmodel.VAI20)
			require.NoError(t, err)
			var graphs []string
			for _, c := range quantized.Cells {
				graphs = append(graphs, c.Graph.Name)
			}
			net, err := model.Read(filepath.Join(folder, "model.npz"), model.ReadOptions{})
			require.NoError(t, err)
			float, err := NewFloat(net, graphs)
			require.NoError(t, err)

			sequences := caseSequences(t, folder, 4)
			var reals []FloatSequence
			for _, s := range sequences {
				reals = append(reals, FloatSequence{X: widen(s.Float)})
			}
			got, want := dump.NewMemory(), dump.NewMemory()
			require.NoError(t, exact.Run(context.Background(), sequences, got))
			_, err = float.Run(context.Background(), reals, want)
			require.NoError(t, err)
			require.Len(t, got.Frames, len(want.Frames))

			signal, noise := map[string]float64{}, map[string]float64{}
			for i, f := range want.Frames {
				g := got.Frames[i]
				require.Equal(t, [3]int{f.Cell, f.Sequence, f.Step}, [3]int{g.Cell, g.Sequence, g.Step})
				require.Equal(t, want.Header.Cells[f.Cell].Graph, got.Header.Cells[f.Cell].Graph)
				next := 0
				for j, n := range want.Header.Cells[f.Cell].Nodes {
					nodes := got.Header.Cells[g.Cell].Nodes
					for nodes[next].Op == "fix" {
						next++
					}
					require.Equal(t, [2]string{n.Name, n.Label}, [2]string{nodes[next].Name, nodes[next].Label})
					require.Equal(t, n.Op, nodes[next].Op)
					for k, v := range f.Float[j] {
						quantized := math.Ldexp(float64(g.Fixed[next][k]), -nodes[next].Position)
						signal[n.Name] += float64(v) * float64(v)
						noise[n.Name] += (float64(v) - quantized) * (float64(v) - quantized)
					}
					next++
				}
			}
			for node, s := range signal {
				assert.GreaterOrEqual(t, 10*math.Log10(s/noise[node]), leastSQNR, node)
			}
		})
	}
}
