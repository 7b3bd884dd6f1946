package sim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// recordedCase is a run of the original tool: model, input, and every value of every node.
type recordedCase struct {
	name      string
	model     *xmodel.Model
	exact     *npy.Zip
	sequences []dump.Sequence // those whose nodes were recorded
	all       []dump.Sequence
	faulty    bool // a fault of the original shows in the values
}

// openCase reads a case from its folder.
func openCase(t testing.TB, folder string) *recordedCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "case.json"))
	require.NoError(t, err)
	var about struct {
		Cell          string `json:"cell"`
		Bidirectional bool   `json:"bidirectional"`
		WeightBits    int    `json:"weight_bits"`
	}
	require.NoError(t, json.Unmarshal(text, &about))
	c := &recordedCase{name: filepath.Base(folder), faulty: about.WeightBits == 8 && (about.Cell == "gru" || about.Bidirectional)}
	c.model, err = xmodel.ReadModel(folder)
	require.NoError(t, err)
	c.exact, err = npy.OpenZip(filepath.Join(folder, "exact.npz"))
	require.NoError(t, err)
	t.Cleanup(func() { c.exact.Close() })
	stimulus := filepath.Join(folder, "x_test.npy")
	if _, err := os.Stat(stimulus); err != nil {
		stimulus = filepath.Join(folder, "x.npy")
	}
	x, err := npy.ReadFile(stimulus)
	require.NoError(t, err)
	_, shape, err := c.exact.Header(c.exact.Names()[0])
	require.NoError(t, err)
	values, err := x.Float32s()
	require.NoError(t, err)
	size := x.Shape[1] * x.Shape[2]
	for i := range x.Shape[0] {
		c.all = append(c.all, dump.Sequence{Float: values[i*size : (i+1)*size]})
	}
	c.sequences = c.all[:shape[0]]
	return c
}

// requireRecorded compares every value of every frame, and that every recorded array was met.
func (c *recordedCase) requireRecorded(t *testing.T, trace *dump.Memory) {
	t.Helper()
	compared := 0
	for cell, described := range trace.Header.Cells {
		for i, n := range described.Nodes {
			key := xmodel.OpName(described.Graph, n.Name)
			if n.Op != "fix" {
				key += "_fix"
			}
			a, err := c.exact.Array(key)
			require.NoError(t, err)
			want, err := a.Int16s()
			require.NoError(t, err)
			require.Equal(t, n.Width, a.Shape[2], key)
			seen := 0
			for _, f := range trace.Frames {
				if f.Cell != cell {
					continue
				}
				from := (f.Sequence*a.Shape[1] + f.Step) * n.Width
				require.Equal(t, want[from:from+n.Width], f.Fixed[i], "%s: sequence %d, step %d", key, f.Sequence, f.Step)
				seen += n.Width
			}
			require.Equal(t, len(want), seen, key)
			compared++
		}
	}
	require.Equal(t, len(c.exact.Names()), compared, "arrays compared of those recorded")
}

// run records every node, and runs once more without a sink, which is the kernels' way.
func (c *recordedCase) run(t *testing.T, options sim.Options) *dump.Memory {
	t.Helper()
	plan, err := sim.Compile(c.model, options)
	require.NoError(t, err)
	trace := dump.NewMemory()
	result, err := plan.Run(context.Background(), c.sequences, trace)
	require.NoError(t, err)
	require.True(t, trace.Closed)
	for _, k := range plan.Kernels() {
		if options.Compat == xmodel.Sane && !options.NodeByNode {
			require.NotEqual(t, "nodes", k.Kernel, k.Reason)
		}
	}
	silent, err := plan.Run(context.Background(), c.sequences, nil)
	require.NoError(t, err)
	require.Equal(t, result, silent)
	return trace
}

// shippedCases are part of the project; all cases lie in the reference data.
func shippedCases(t testing.TB) []string {
	folders, err := filepath.Glob(filepath.Join("..", "vectors", "*", "exact.npz"))
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	return folders
}

func testRecorded(t *testing.T, folders []string) {
	for _, archive := range folders {
		folder := filepath.Dir(archive)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			if testing.Short() && strings.HasPrefix(filepath.Base(folder), "imdb") {
				t.Skip("a large model")
			}
			c := openCase(t, folder)
			for _, compat := range []xmodel.Compat{xmodel.VAI20, xmodel.Sane} {
				if c.faulty && compat == xmodel.Sane {
					continue
				}
				for _, nodes := range []bool{false, true} {
					t.Run(fmt.Sprintf("compat=%d,node by node=%t", compat, nodes), func(t *testing.T) {
						c.requireRecorded(t, c.run(t, sim.Options{Compat: compat, Threads: 2, NodeByNode: nodes}))
					})
				}
			}
		})
	}
}

func TestEveryRecordedNodeOfTheShippedCases(t *testing.T) { testRecorded(t, shippedCases(t)) }

func TestEveryRecordedNodeOfTheReferenceCases(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(shared.Path(t, "vectors"), "*", "exact.npz"))
	require.NoError(t, err)
	require.Greater(t, len(folders), 10)
	testRecorded(t, folders)
}

// Of all test sequences the last h is recorded: each direction's last executed step.
func TestLastStatesOfAllSequencesOfTheShippedCases(t *testing.T) {
	for _, archive := range shippedCases(t) {
		folder := filepath.Dir(archive)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			c := openCase(t, folder)
			plan, err := sim.Compile(c.model, sim.Options{Compat: xmodel.VAI20})
			require.NoError(t, err)
			result, err := plan.Run(context.Background(), c.all, nil)
			require.NoError(t, err)
			last, err := npy.OpenZip(filepath.Join(folder, "h_last.npz"))
			require.NoError(t, err)
			defer last.Close()
			a, err := last.Array("h_last_exact")
			require.NoError(t, err)
			want, err := a.Int16s()
			require.NoError(t, err)
			require.Equal(t, len(c.all), a.Shape[0])
			var got []int16
			for _, output := range result.Output {
				got = append(got, lastExecuted(plan, output)...)
			}
			require.Equal(t, want, got)
		})
	}
}

func lastExecuted(plan *sim.Plan, output []int16) (h []int16) {
	cells := plan.Header().Cells
	parts := plan.Output()
	width, column := 0, 0
	for _, part := range parts {
		width += part.Width
	}
	for i, part := range parts {
		row := output[len(output)-width:]
		if cells[len(cells)-len(parts)+i].Backward {
			row = output[:width]
		}
		h = append(h, row[column:column+part.Width]...)
		column += part.Width
	}
	return h
}
