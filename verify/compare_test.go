package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
)

func TestEqualTracesPassAndAreCounted(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 3, 4, 1)
	result := compareTraces(t, copied(want), want, Options{})
	require.Equal(t, Pass, result.Verdict())
	require.Nil(t, result.First)
	const values = 3 * 4 * 2 * (3 + 5 + 5)
	require.Equal(t, Counts{Cells: 2, Sequences: 3, Steps: 24, Nodes: 6, Values: values, Equal: values}, result.Counts)
	require.False(t, result.OnlyGot.Any() || result.OnlyWant.Any())
	for _, n := range result.Nodes {
		require.Nil(t, n.SQNR, "no noise has no SQNR")
		require.Equal(t, NoStep, n.FirstStep)
	}
}

func TestNothingComparedIsNoPass(t *testing.T) {
	empty := &dump.Memory{Header: syntheticHeader()}
	result := compareTraces(t, empty, empty, Options{})
	require.Equal(t, Nothing, result.Verdict())
	require.Equal(t, 4, result.Verdict().ExitCode())

	want := syntheticTrace(t, syntheticHeader(), 1, 2, 1)
	result = compareTraces(t, want, want, Options{Nodes: []string{"c_*"}})
	require.Equal(t, Nothing, result.Verdict(), "a selection that selects nothing")
	result = compareTraces(t, want, want, Options{Nodes: []string{"c_*"}, Informative: true})
	require.Equal(t, Nothing, result.Verdict(), "informative or not")
}

func TestPlantedDivergenceIsFoundAtItsAddress(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 4, 9, 2)
	for _, w := range want.Frames {
		w.Fixed[2][4] = 100
	}
	got := copied(want)
	frame := frameOf(t, got, 1, 3, 7)
	frame.Fixed[2][4] -= 3
	frame.Saturations = []int32{0, 0, 2}
	frameOf(t, got, 1, 3, 8).Fixed[1][0]++

	result := compareTraces(t, got, want, Options{Reads: func(_, node string) []string {
		return map[string][]string{"h_next": {"y_i"}}[node]
	}})
	require.Equal(t, Fail, result.Verdict())
	require.EqualValues(t, 2, result.Counts.Wrong)
	require.EqualValues(t, 2, result.Divergences)
	d := result.First
	require.Equal(t, "layer[0].bwd.seq[3].step[7].h_next[4]", d.Address.String())
	require.Equal(t, Value{Int: 97, Real: 97.0 / 256, Hex: "0x0061"}, d.Got)
	require.Equal(t, Value{Int: 100, Real: 100.0 / 256, Hex: "0x0064"}, d.Want)
	require.Equal(t, -3.0, d.Delta)
	require.Equal(t, 6, d.LastEqual)
	require.Equal(t, 6, d.LastEqualNode)
	require.Equal(t, 2, d.GotSaturations)
	require.Equal(t, -1, d.WantSaturations)
	require.Equal(t, 1, d.Neighbours.First)
	require.Len(t, d.Neighbours.Got, 4)
	require.Len(t, d.Inputs, 1)
	require.Equal(t, "y_i", d.Inputs[0].Node)
	require.Equal(t, 4, d.Inputs[0].Index)
	require.Zero(t, d.Inputs[0].Different, "what it read was the same on both sides")
	require.Len(t, result.More, 1)
	require.Equal(t, "layer[0].bwd.seq[3].step[8].y_i[0]", result.More[0].Address.String())
	require.Equal(t, 6, result.More[0].LastEqual)
	require.Equal(t, 7, result.More[0].LastEqualNode, "y_i agreed at step 7, when h_next did not")
}

func TestTheFirstDivergenceDoesNotDependOnTheOrderOfTheTraces(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 6, 3, 3)
	got := copied(want)
	for _, at := range [][3]int{{1, 2, 1}, {0, 4, 0}, {0, 2, 2}} {
		frameOf(t, got, at[0], at[1], at[2]).Fixed[1][2] ^= 1
	}
	slices.SortStableFunc(got.Frames, func(a, b *dump.Frame) int { return b.Sequence - a.Sequence })
	result := compareTraces(t, got, want, Options{Errors: 1})
	require.Equal(t, "layer[0].fwd.seq[2].step[2].y_i[2]", result.First.Address.String())
	require.Len(t, result.More, 1)
	require.Equal(t, "layer[0].bwd.seq[2].step[1].y_i[2]", result.More[0].Address.String())
	require.EqualValues(t, 3, result.Divergences)
	require.EqualValues(t, 36, result.Counts.Steps, "all frames met their twins")
	require.False(t, result.OnlyGot.Any() || result.OnlyWant.Any())
}

func TestWhatOneSideLacksIsListed(t *testing.T) {
	header := syntheticHeader()
	want := syntheticTrace(t, header, 2, 4, 4)
	got := copied(want)
	got.Header = syntheticHeader()
	got.Header.Cells[0].Nodes[1].Name = "y_other"
	got.Frames = slices.DeleteFunc(got.Frames, func(f *dump.Frame) bool { return f.Sequence == 1 && f.Step >= 2 })
	result := compareTraces(t, got, want, Options{})
	require.Equal(t, []string{header.Cells[0].Graph + "/y_other"}, result.OnlyGot.Nodes)
	require.Equal(t, []string{header.Cells[0].Graph + "/y_i"}, result.OnlyWant.Nodes)
	require.EqualValues(t, 4, result.OnlyWant.Frames)
	require.Equal(t, []FrameRange{{Graph: header.Cells[0].Graph, Sequence: 1, First: 2, Last: 3}, {Graph: header.Cells[1].Graph, Sequence: 1, First: 2, Last: 3}}, result.OnlyWant.Ranges)
	require.Zero(t, result.Counts.Wrong)
	require.Equal(t, Fail, result.Verdict(), "a run with missing steps is not the same run")

	got.Header.Cells = got.Header.Cells[:1]
	got.Frames = slices.DeleteFunc(got.Frames, func(f *dump.Frame) bool { return f.Cell == 1 })
	result = compareTraces(t, got, want, Options{Steps: Steps{Count: 2}, Map: map[string]string{"y_other": "y_i"}})
	require.Equal(t, []string{header.Cells[1].Graph}, result.OnlyWant.Graphs)
	require.Empty(t, result.OnlyWant.Nodes, "the map brings the names together")
	require.Equal(t, Pass, result.Verdict())
}

// TestOptionsThatFitNothingAreTold misspells each option that names nodes; what fits is not told of.
func TestOptionsThatFitNothingAreTold(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 1, 2, 1)
	got := copied(want)
	got.Header.Cells = slices.Clone(got.Header.Cells)
	for i := range got.Header.Cells {
		nodes := slices.Clone(got.Header.Cells[i].Nodes)
		nodes[2].Name = "h_out"
		got.Header.Cells[i].Nodes = nodes
	}
	options := Options{
		Nodes:     []string{"y_*", "h_next", "h_nxt"},
		Tolerance: map[string]float64{"h_*": 1, "h_out": 1},
		Map:       map[string]string{"h_out": "h_next", got.Header.Cells[0].Graph + "/y_i": "y_i", "h_ou": "h_next"},
	}
	require.Equal(t, []string{
		"no node has a name like the one to compare: h_nxt",
		"no wanted node has a name like the one with a tolerance: h_out",
		"no node of the got side has the name that the map translates: h_ou",
	}, compareTraces(t, got, want, options).Notes)
	delete(options.Map, "h_ou")
	delete(options.Tolerance, "h_out")
	options.Nodes = options.Nodes[:2]
	require.Empty(t, compareTraces(t, got, want, options).Notes)
}

// What only one sequence or some steps have is compared alone; that nothing is of them is told.
func TestOneSequenceIsComparedAlone(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 3, 2, 6)
	got := copied(want)
	frameOf(t, got, 0, 1, 1).Fixed[0][0]++
	for sequence, verdict := range []Verdict{Pass, Fail, Pass, Nothing} {
		result := compareTraces(t, got, want, Options{Sequence: &sequence})
		require.Equal(t, verdict, result.Verdict())
		require.Zero(t, result.OnlyGot.Frames+result.OnlyWant.Frames)
		if verdict == Nothing {
			require.Equal(t, []string{"no frame of both sides is of the steps and the sequence to compare"}, result.Notes)
			continue
		}
		require.Equal(t, 1, result.Counts.Sequences)
		require.EqualValues(t, 4, result.Counts.Steps)
		require.Empty(t, result.Notes)
	}
}

func TestGraphsWithNothingInCommonMeetInTheOrderOfExecution(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 2, 2, 5)
	got := copied(want)
	got.Header = syntheticHeader()
	for i := range got.Header.Cells {
		c := &got.Header.Cells[i]
		c.Graph, c.Layer, c.Backward = fmt.Sprintf("rnn_cell_%d", i), i, false
	}
	result := compareTraces(t, got, want, Options{})
	require.Equal(t, Pass, result.Verdict())
	require.Equal(t, 2, result.Counts.Cells)
	require.Len(t, result.Notes, 2)
	require.Contains(t, result.Notes[1], `graph "rnn_cell_1" is compared with graph "Rnn_StandardLstmCell_layer_0_backward": the same place in the order of execution`)
}

func TestGraphsWithoutACommonNameMeetByLayerAndDirection(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 1, 2, 5)
	got := copied(want)
	got.Header = syntheticHeader()
	got.Header.Cells[0].Graph, got.Header.Cells[1].Graph = "dut_fwd", "dut_bwd"
	result := compareTraces(t, got, want, Options{})
	require.Equal(t, Pass, result.Verdict())
	require.Len(t, result.Notes, 2)
	require.Contains(t, result.Notes[0], "dut_fwd")
}

func TestOtherPositionsAreComparedAsReals(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 1, 1, 6)
	got := copied(want)
	got.Header = syntheticHeader()
	got.Header.Cells[0].Nodes[1].Position = 10
	wantValues, gotValues := want.Frames[0].Fixed[1], got.Frames[0].Fixed[1]
	for i := range wantValues {
		wantValues[i] = int16(i) * 8
		gotValues[i] = int16(i) * 2
	}
	gotValues[3]++
	result := compareTraces(t, got, want, Options{})
	require.EqualValues(t, 1, result.Counts.Wrong)
	require.Equal(t, 4.0, result.First.Delta, "one LSB at position 10 is four at 12")
	require.Contains(t, result.Notes[0], "fix position 10, 12 wanted")
}

func TestDifferentWidthsDiffer(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 1, 1, 7)
	got := copied(want)
	got.Header = syntheticHeader()
	got.Header.Cells[0].Nodes[1].Width = 4
	got.Frames[0].Fixed[1] = got.Frames[0].Fixed[1][:4]
	result := compareTraces(t, got, want, Options{})
	require.EqualValues(t, 1, result.Counts.Wrong)
	require.Equal(t, 4, result.First.Address.Index)
	require.Contains(t, result.Notes[0], "4 values, 5 wanted")
}

func TestTolerance(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 1, 2, 8)
	for _, frame := range want.Frames {
		clear(frame.Fixed[1])
	}
	got := copied(want)
	got.Frames[0].Fixed[1][0] += 2
	got.Frames[1].Fixed[1][1] -= 3
	result := compareTraces(t, got, want, Options{Tolerance: map[string]float64{"y_*": 2, "h_next": 9}})
	require.EqualValues(t, 1, result.Counts.Tolerated)
	require.EqualValues(t, 1, result.Counts.Wrong)
	require.Equal(t, "layer[0].fwd.seq[0].step[1].y_i[1]", result.First.Address.String())
	require.Equal(t, Pass, compareTraces(t, got, want, Options{Tolerance: map[string]float64{"y_i": 3}}).Verdict())
}

func TestFloatSidesAndNaN(t *testing.T) {
	header := dump.Header{Cells: []dump.Cell{{Graph: "g", Nodes: []dump.Node{{Name: "h_next", Width: 3, Bits: 16, Position: 8}}}}}
	float := dump.Header{Cells: []dump.Cell{{Graph: "g", Nodes: []dump.Node{{Name: "h_next", Width: 3, Bits: 32, Float: true}}}}}
	got := dump.NewSource(header, []*dump.Frame{{Fixed: [][]int16{{256, -128, 3}}}})
	nan := float32(math.NaN())
	want := dump.NewSource(float, []*dump.Frame{{Float: [][]float32{{1, -0.5 - 1.0/512, nan}}}})
	result, err := Compare(context.Background(), got, want, Options{Tolerance: map[string]float64{"h_next": 0.5}})
	require.NoError(t, err)
	require.EqualValues(t, 1, result.Counts.Tolerated)
	require.EqualValues(t, 1, result.Counts.Wrong, "nothing equals NaN")
	require.Equal(t, "0x7fc00000", result.First.Want.Hex)
	require.Equal(t, math.MaxFloat64, result.Nodes[0].MaxDelta, "finite, so that it can be told in JSON")
}

func TestSideErrorsAreErrors(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 1, 2, 9)
	_, err := Compare(context.Background(), &failing{want.Source(), 1}, want.Source(), Options{})
	require.ErrorContains(t, err, "read the got side: torn page")

	doubled := copied(want)
	doubled.Frames = append([]*dump.Frame{doubled.Frames[3]}, doubled.Frames...)
	_, err = Compare(context.Background(), doubled.Source(), want.Source(), Options{})
	require.NoError(t, err, "the twin of the first has come when the second does")
	_, err = Compare(context.Background(), doubled.Source(), (&dump.Memory{Header: want.Header}).Source(), Options{})
	require.ErrorContains(t, err, "comes twice")

	for _, options := range []Options{
		{Nodes: []string{"["}}, {Tolerance: map[string]float64{"[": 1}}, {Tolerance: map[string]float64{"y": -1}}, {Steps: Steps{First: -1}},
	} {
		_, err = Compare(context.Background(), want.Source(), want.Source(), options)
		require.Error(t, err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Compare(cancelled, want.Source(), want.Source(), Options{})
	require.ErrorIs(t, err, context.Canceled)
}

type failing struct {
	dump.Source
	left int
}

func (f *failing) Next(frame *dump.Frame) error {
	if f.left == 0 {
		return errors.New("torn page")
	}
	f.left--
	return f.Source.Next(frame)
}

// endless yields the same values again and again, up to a number of frames.
type endless struct {
	header dump.Header
	frame  dump.Frame
	left   int
}

func (e *endless) Header() dump.Header { return e.header }
func (e *endless) Close() error        { return nil }
func (e *endless) Next(frame *dump.Frame) error {
	if e.left == 0 {
		return io.EOF
	}
	e.left--
	*frame = e.frame
	e.frame.Sequence++
	return nil
}

func TestMemoryStaysFlat(t *testing.T) {
	const frames = 30_000
	width := 500
	header := dump.Header{Cells: []dump.Cell{{Graph: "g", Nodes: []dump.Node{{Name: "h_next", Width: width, Bits: 16, Position: 8}}}}}
	source := func(value int16) dump.Source {
		return &endless{header: header, left: frames, frame: dump.Frame{Fixed: [][]int16{slices.Repeat([]int16{value}, width)}}}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	result, err := Compare(context.Background(), source(1), source(2), Options{PerStep: true})
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.EqualValues(t, frames*width, result.Counts.Wrong)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), "of %d MB compared", 2*2*frames*width>>20)
}
