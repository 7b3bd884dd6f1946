package rtl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/internal/needs"
	"rnnsim/internal/npy"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// testBench is an exported model with what the simulator has to say to its stimuli.
type testBench struct {
	dir   string // exported
	build string
	want  *dump.Memory
}

// newTestBench runs the model in the simulator and exports it.
func newTestBench(t *testing.T, model *xmodel.Model, stimuli []dump.Sequence, lanes int) *testBench {
	t.Helper()
	plan, err := sim.Compile(model, sim.Options{})
	require.NoError(t, err)
	b := &testBench{dir: filepath.Join(t.TempDir(), "export"), build: t.TempDir(), want: dump.NewMemory()}
	_, err = plan.Run(context.Background(), stimuli, b.want)
	require.NoError(t, err)
	require.NoError(t, export.WriteRTL(b.dir, model, b.want.Source(), export.Options{Stimuli: stimuli, Lanes: lanes}))
	return b
}

// run simulates the design, and gives how many values of each node, and counts of saturated values, differ.
func (b *testBench) run(t *testing.T, arguments ...string) (differ map[string]int, frames int) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "trace")
	command := exec.Command("bash", append([]string{"run.sh", b.dir, out, "--build", b.build}, arguments...)...)
	text, err := command.CombinedOutput()
	require.NoError(t, err, "%s", text)
	got, err := export.OpenHex(out, export.HexOptions{})
	require.NoError(t, err)
	defer got.Close()
	require.Equal(t, len(b.want.Header.Cells[0].Nodes), len(got.Header().Cells[0].Nodes))
	differ = map[string]int{}
	want := b.want.Source()
	var g, w dump.Frame
	for ; ; frames++ {
		if err := got.Next(&g); errors.Is(err, io.EOF) {
			return differ, frames
		} else {
			require.NoError(t, err)
		}
		require.NoError(t, want.Next(&w))
		require.Equal(t, []int{w.Sequence, w.Step}, []int{g.Sequence, g.Step})
		for i, n := range b.want.Header.Cells[0].Nodes {
			for k := range n.Width {
				if g.Fixed[i][k] != w.Fixed[i][k] {
					differ[n.Name]++
				}
			}
			if g.Saturations[i] != w.Saturations[i] {
				differ["saturations of "+n.Name]++
			}
		}
	}
}

// digits opens a shipped LSTM with all of its test sequences.
func digits(t *testing.T, name string) (*xmodel.Model, []dump.Sequence) {
	t.Helper()
	folder := filepath.Join("..", "vectors", name)
	model, err := xmodel.ReadModel(folder)
	require.NoError(t, err)
	x, err := npy.ReadFile(filepath.Join(folder, "x_test.npy"))
	require.NoError(t, err)
	values, err := x.Float32s()
	require.NoError(t, err)
	require.Equal(t, []int{360, 8, 8}, x.Shape)
	var stimuli []dump.Sequence
	for row := range slices.Chunk(values, 64) {
		stimuli = append(stimuli, dump.Sequence{Float: row})
	}
	return model, stimuli
}

func requireExact(t *testing.T, b *testBench, frames int, arguments ...string) {
	t.Helper()
	differ, compared := b.run(t, arguments...)
	require.Empty(t, differ)
	require.Equal(t, frames, compared)
}

func TestTheDesignEqualsTheSimulator(t *testing.T) {
	needs.Program(t, "verilator", "apt-get install verilator")
	if testing.Short() {
		t.Skip("builds a simulation a model")
	}
	for _, c := range []struct {
		name  string
		lanes int
	}{{"digits-lstm16", 4}, {"digits-lstm8", 3}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			model, stimuli := digits(t, c.name)
			whole := len(stimuli) * 8
			stimuli = append(stimuli, harsh(model, 24, 40)...)
			b := newTestBench(t, model, stimuli, c.lanes)
			requireExact(t, b, len(b.want.Frames))
			require.Greater(t, len(b.want.Frames), whole)
			requireExact(t, b, 16, "--seed", "2", "--frames", "16")
			if c.name == "digits-lstm8" { // the only one with products of 8 bits
				differ, _ := b.run(t, "--fault", "24", "--frames", "64")
				require.NotEmpty(t, differ)
			} else {
				requireOneNode(t, b)
				t.Run("faults", func(t *testing.T) { requireFaultsToShow(t, b.build, model, stimuli[:4]) })
			}
		})
	}
	t.Run("imdb size", func(t *testing.T) {
		t.Parallel()
		model := randomModel(t, 32, 100)
		stimuli := harsh(model, 1, 100)
		b := newTestBench(t, model, stimuli, 4)
		requireExact(t, b, 100)
	})
}

// requireOneNode switches a fault on at one node and wants it, and what reads it, to differ in the first frame, and no more.
func requireOneNode(t *testing.T, b *testBench) {
	const itCct = "19" // N_IT_CCT
	differ, _ := b.run(t, "--fault", "3", "--fault-node", itCct, "--frames", "1")
	require.Positive(t, differ["it_cct"])
	for _, reader := range []string{"c_next", "c_temp", "h_next"} {
		delete(differ, reader)
		delete(differ, "saturations of "+reader)
	}
	delete(differ, "it_cct")
	require.Empty(t, differ)
}

func TestIcarusAgrees(t *testing.T) {
	needs.Program(t, "iverilog", "apt-get install iverilog")
	model, stimuli := digits(t, "digits-lstm8")
	b := newTestBench(t, model, append(stimuli[:1:1], harsh(model, 1, 3)...), 4)
	requireExact(t, b, 11, "--simulator", "icarus")
	differ, _ := b.run(t, "--simulator", "icarus", "--fault", "10", "--frames", "4")
	require.NotEmpty(t, differ)
}

func TestTheDesignIsLinted(t *testing.T) {
	needs.Program(t, "verilator", "apt-get install verilator")
	model, stimuli := digits(t, "digits-lstm8")
	b := newTestBench(t, model, stimuli[:1], 16)
	arguments := []string{"--lint-only", "-Wall", "--top-module", "lstm_top"}
	for _, name := range []string{"fault_pkg", "lane_pkg", "arith_pkg", "", "rom", "lstm_lane", "lstm_cell", "lstm_top"} {
		path := filepath.Join("src", name+".sv")
		if name == "" {
			path = filepath.Join(b.dir, export.PackageName)
		}
		arguments = append(arguments, path)
	}
	text, err := exec.Command("verilator", arguments...).CombinedOutput()
	require.NoError(t, err, "%s", text)
	require.Empty(t, strings.TrimSpace(string(text)))
}

// requireFaultsToShow runs every fault of fault_pkg.sv and wants each to change values.
func requireFaultsToShow(t *testing.T, build string, model *xmodel.Model, stimuli []dump.Sequence) {
	faults := readFaults(t)
	require.GreaterOrEqual(t, len(faults), 15)
	b := newTestBench(t, model, append(stimuli, harsh(model, 6, 24)...), 4)
	b.build = build
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			differ, frames := b.run(t, "--fault", fmt.Sprint(f.number))
			require.Equal(t, len(b.want.Frames), frames)
			values := 0
			for node, n := range differ {
				if !strings.HasPrefix(node, "saturations") {
					values += n
				}
			}
			if f.name == "CUT_ROUNDED" {
				require.Zero(t, values, "products of 16 bits have no cut")
				return
			}
			require.Positive(t, values)
			t.Logf("%d values", values)
		})
	}
}
