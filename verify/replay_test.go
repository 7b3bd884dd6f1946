package verify

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

func readShipped(t *testing.T, name string, compat xmodel.Compat) recordedCase {
	t.Helper()
	folder := filepath.Join("..", "vectors", name)
	m, err := xmodel.ReadModel(filepath.Join(folder, "xmodel"))
	require.NoError(t, err)
	exact, err := golden.NewExact(m, compat)
	require.NoError(t, err)
	return recordedCase{folder, m, exact}
}

// What the simulator dumps is equal, in the original's form with the known misreports of 8-bit dumps and without.
func TestDumpsOfTheSimulatorAreExact(t *testing.T) {
	cases := []string{"digits-gru8", "digits-lstm8", "digits-bilstm16"}
	if testing.Short() {
		cases = cases[:1]
	}
	for _, name := range cases {
		for _, original := range []bool{false, true} {
			c := readShipped(t, name, xmodel.VAI20)
			plan, err := sim.Compile(c.model, sim.Options{Compat: xmodel.VAI20})
			require.NoError(t, err)
			input := c.stimulus(t)
			input.Sequences = input.Sequences[:3]
			dir := filepath.Join(t.TempDir(), "dump")
			sink := dump.NewDeployCheckSink(dir, dump.DeployCheckOptions{VAI20: original, Sequence: 2})
			_, err = plan.Run(context.Background(), input.Sequences, sink)
			require.NoError(t, err)
			recording, err := DeployCheck(dir, c.model, true, 2)
			require.NoError(t, err)
			report, err := Run(context.Background(), Job{Model: c.model, Compat: xmodel.VAI20, Input: input, Recordings: []Recording{recording}})
			require.NoError(t, err)
			require.Equal(t, Pass, report.Verdict, "%+v", report.Checks[1].Comparison.First)
			counts := report.Checks[1].Comparison.Counts
			require.Equal(t, original && name != "digits-bilstm16", counts.Misreported > 0)
			require.Equal(t, counts.Values, counts.Equal+counts.Misreported)
		}
	}
}

// brokenRun runs one sequence of a single cell freely, with a fault in what one node yields that everything behind it sees.
func brokenRun(t *testing.T, c recordedCase, inputs func(cell, sequence, step int) []int16, steps int, node string, fault func([]int16)) *dump.Memory {
	t.Helper()
	header := c.exact.Header()
	memory := dump.NewMemory()
	require.NoError(t, memory.Begin(header))
	states := map[string][]int16{}
	for step := range steps {
		values := map[string][]int16{"input_0": inputs(0, 0, step)}
		frame := &dump.Frame{Step: step}
		for _, n := range header.Cells[0].Nodes {
			switch {
			case n.Name == "input_0":
			case n.Op == "data":
				values[n.Name] = states[n.Name]
				if step == 0 {
					values[n.Name] = make([]int16, n.Width)
				}
			default:
				out, err := c.exact.Node(0, n.Name, values)
				require.NoError(t, err)
				if n.Name == node {
					fault(out)
				}
				values[n.Name] = out
			}
			frame.Fixed = append(frame.Fixed, values[n.Name])
		}
		states["input_1"], states["input_2"] = values["h_next"], values["c_next"]
		require.NoError(t, memory.Write(frame))
	}
	return memory
}

// A device with one faulty node differs from the first step on nearly everywhere; the replay shows that node alone.
func TestAFaultShowsWhereItArisesAndNowhereElse(t *testing.T) {
	c := readShipped(t, "digits-lstm16", xmodel.Sane)
	inputs, err := firstInputs(context.Background(), c.exact, c.stimulus(t).Sequences[0])
	require.NoError(t, err)
	for _, node := range []string{"w_hf___input_1", "y_f", "it", "ft_input_2", "c_next", "c_temp", "h_next"} {
		trace := brokenRun(t, c, inputs, 8, node, func(values []int16) {
			for i := range values {
				values[i] ^= 64
			}
		})
		result, err := Replay(context.Background(), opening(trace), c.exact, c.model, ReplayOptions{Stimulus: inputs})
		require.NoError(t, err)
		require.Equal(t, Fail, result.Verdict())
		for _, n := range result.Nodes {
			if n.Node == node {
				require.Equal(t, n.Compared, n.Different)
			} else {
				require.Zero(t, n.Different, "%s, with the fault in %s", n.Node, node)
			}
		}
	}
}

// keepNodes drops all but the named nodes from a trace.
func keepNodes(m *dump.Memory, names ...string) *dump.Memory {
	kept := copied(m)
	kept.Header = dump.Header{}
	for _, cell := range m.Header.Cells {
		cell.Nodes = slices.DeleteFunc(slices.Clone(cell.Nodes), func(n dump.Node) bool { return !slices.Contains(names, n.Name) })
		cell.Params = nil
		kept.Header.Cells = append(kept.Header.Cells, cell)
	}
	for _, frame := range kept.Frames {
		var values [][]int16
		for i, n := range m.Header.Cells[frame.Cell].Nodes {
			if slices.Contains(names, n.Name) {
				values = append(values, frame.Fixed[i])
			}
		}
		frame.Fixed = values
	}
	return kept
}

// Nodes that a trace does not have are computed from those that it has.
func TestReplayOfAFewNodes(t *testing.T) {
	c := readShipped(t, "digits-lstm16", xmodel.Sane)
	sequence := c.stimulus(t).Sequences[0]
	inputs, err := firstInputs(context.Background(), c.exact, sequence)
	require.NoError(t, err)
	whole := dump.NewMemory()
	require.NoError(t, c.exact.Run(context.Background(), []dump.Sequence{sequence}, whole))
	trace := keepNodes(whole, "h_next")
	replay := func() *Comparison {
		result, err := Replay(context.Background(), opening(trace), c.exact, c.model, ReplayOptions{Exact: true, Stimulus: inputs})
		require.NoError(t, err)
		return result
	}
	result := replay()
	require.Equal(t, Pass, result.Verdict())
	require.EqualValues(t, 8*32, result.Counts.Values, "h_next alone was compared, in every frame")
	require.Len(t, result.OnlyWant.Nodes, 23)

	trace.Frames[4].Fixed[0][9]++
	result = replay()
	require.Equal(t, "layer[0].fwd.seq[0].step[4].h_next[9]", result.First.Address.String())

	// Without the stimulus there is nothing to compute from.
	result, err = Replay(context.Background(), opening(trace), c.exact, c.model, ReplayOptions{})
	require.NoError(t, err)
	require.Equal(t, Nothing, result.Verdict())
}

func TestReplayRefuses(t *testing.T) {
	c := readShipped(t, "digits-lstm16", xmodel.Sane)
	whole := dump.NewMemory()
	require.NoError(t, c.exact.Run(context.Background(), c.stimulus(t).Sequences[:1], whole))
	replay := func(m *dump.Memory) error {
		_, err := Replay(context.Background(), opening(m), c.exact, c.model, ReplayOptions{})
		return err
	}
	require.NoError(t, replay(whole))
	gap := copied(whole)
	gap.Frames = slices.Delete(gap.Frames, 3, 4)
	require.ErrorContains(t, replay(gap), "step 4 comes where step 3 belongs")
	narrow := copied(whole)
	narrow.Frames[2].Fixed[5] = narrow.Frames[2].Fixed[5][:7]
	require.ErrorContains(t, replay(narrow), "sequence 0, step 2: y_i holds 7 values, 32 wanted")
	float := copied(whole)
	float.Header.Cells = slices.Clone(float.Header.Cells)
	float.Header.Cells[0].Nodes = slices.Clone(float.Header.Cells[0].Nodes)
	float.Header.Cells[0].Nodes[4].Float = true
	require.ErrorContains(t, replay(float), "a replay needs the integers")
	float.Header.Cells[0].Nodes[4] = whole.Header.Cells[0].Nodes[4]
	float.Header.Cells[0].Nodes[6].Width = 3
	require.ErrorContains(t, replay(float), "this trace is of another model")
	other := copied(whole)
	other.Header.Cells = slices.Clone(other.Header.Cells)
	other.Header.Cells[0].Params = slices.Clone(other.Header.Cells[0].Params)
	other.Header.Cells[0].Params[0].Values = other.Header.Cells[0].Params[0].Values[1:]
	require.ErrorContains(t, replay(other), "1023 values, the model's parameter 1024: this trace is of another model")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Replay(ctx, opening(whole), c.exact, c.model, ReplayOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestComparisonAsText(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 3, 12, 2)
	got := copied(want)
	got.Header = syntheticHeader()
	got.Header.Cells[1].Nodes[0].Name = "x"
	for _, frame := range got.Frames {
		if frame.Cell == 0 && frame.Step > 3 {
			want := frameOf(t, want, 0, frame.Sequence, frame.Step)
			clear(want.Fixed[1])
			clear(frame.Fixed[1])
			frame.Fixed[1][2] = int16(frame.Step)
		}
	}
	got.Frames[4].Fixed[2][1], frameOf(t, want, 0, 0, 4).Fixed[2][1] = 32767, -32768
	got.Frames[4].Saturations = []int32{0, 0, 1}
	got.Frames = slices.DeleteFunc(got.Frames, func(f *dump.Frame) bool { return f.Sequence == 2 && f.Step%5 == 0 })
	result := compareTraces(t, got, want, Options{Errors: 2, Tolerance: map[string]float64{"y_i": 5}})
	var text textBuffer
	require.NoError(t, result.WriteText(&text, TextOptions{}))
	requireGolden(t, "compare.txt", text)
}

type textBuffer []byte

func (b *textBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}
