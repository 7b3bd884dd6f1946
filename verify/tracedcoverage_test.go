package verify

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/coverage"
	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/internal/fixed"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// coveredTrace is a model with stimuli on its grid, and the trace of its run.
func coveredTrace(t *testing.T, name string, sequences int) (*xmodel.Model, []dump.Sequence, *dump.Memory) {
	t.Helper()
	m, err := xmodel.ReadModel("../vectors/" + name + "/xmodel")
	require.NoError(t, err)
	plan, err := sim.Compile(m, sim.Options{})
	require.NoError(t, err)
	features, grid := plan.Input()
	stimuli := DefaultStimulus(features, grid, 7)[:sequences]
	for i := range stimuli {
		if stimuli[i].Fixed == nil {
			for _, v := range stimuli[i].Float {
				stimuli[i].Fixed = append(stimuli[i].Fixed, int16(fixed.Floor.Quantize(float64(v), grid)))
			}
			stimuli[i].Float = nil
		}
	}
	trace := dump.NewMemory()
	_, err = plan.Run(context.Background(), stimuli, trace)
	require.NoError(t, err)
	return m, stimuli, trace
}

func reportOf(t *testing.T, job TracesJob, got, want *dump.Memory) *Report {
	t.Helper()
	job.GotName, job.WantName, job.Options.Detail = "got", "want", true
	job.Got = func() (dump.Source, error) { return got.Source(), nil }
	job.Want = func() (dump.Source, error) { return want.Source(), nil }
	report, err := RunTraces(context.Background(), job)
	require.NoError(t, err)
	return report
}

// Two traces cover what their stimuli cover, be these given or read out of either trace, by whichever cell of the first layer has them.
func TestTracesHaveACoverage(t *testing.T) {
	for _, name := range []string{"digits-gru8", "digits-bilstm16"} {
		m, stimuli, trace := coveredTrace(t, name, 5)
		want, err := coverage.Measure(context.Background(), m, stimuli)
		require.NoError(t, err)
		require.Equal(t, want, reportOf(t, TracesJob{Model: m, Stimulus: stimuli}, trace, trace).Coverage)

		report := reportOf(t, TracesJob{Model: m}, trace, trace)
		require.Equal(t, want, report.Coverage)
		require.Len(t, report.Notes, 1)
		require.Contains(t, report.Notes[0], "coverage is that of x as want has it")

		// The order of sequences changes nothing.
		other := copied(trace)
		slices.SortStableFunc(other.Frames, func(a, b *dump.Frame) int { return b.Sequence - a.Sequence })
		require.Equal(t, want, reportOf(t, TracesJob{Model: m}, trace, other).Coverage)

		// One side without x leaves it to the other.
		bare := copied(trace)
		bare.Header.Cells = slices.Clone(bare.Header.Cells)
		for i := range bare.Header.Cells {
			bare.Header.Cells[i].Nodes = bare.Header.Cells[i].Nodes[1:]
		}
		for _, f := range bare.Frames {
			f.Fixed, f.Saturations = f.Fixed[1:], nil
		}
		report = reportOf(t, TracesJob{Model: m}, trace, bare)
		require.Equal(t, want, report.Coverage)
		require.Contains(t, report.Notes[0], "coverage is that of x as got has it")
		report = reportOf(t, TracesJob{Model: m}, bare, bare)
		require.Nil(t, report.Coverage)
		require.Contains(t, report.Notes[0], "no coverage: want: it does not have all of input_0 of a cell that reads x; got: ")
		require.Contains(t, report.Notes[0], "--input can name what the device was given")

		// What is not from zero, or not whole, has no coverage.
		altered := copied(trace)
		altered.Frames[0].Fixed[1][3] = 1
		require.Contains(t, reportOf(t, TracesJob{Model: m}, altered, altered).Notes[0], "sequence 0 does not begin from zero")
		altered = copied(trace)
		altered.Frames = altered.Frames[1:]
		require.Contains(t, reportOf(t, TracesJob{Model: m}, altered, altered).Notes[0], "sequence 0 begins with step 1")
		altered.Frames = slices.Delete(copied(trace).Frames, 2, 3)
		require.Contains(t, reportOf(t, TracesJob{Model: m}, altered, altered).Notes[0], "sequence 0 lacks the step before 3")
	}
}

// A backward cell alone has its x the other way round.
func TestABackwardCellHasXFromItsEnd(t *testing.T) {
	m, stimuli, trace := coveredTrace(t, "digits-bilstm16", 4)
	back := &dump.Memory{Header: dump.Header{Cells: trace.Header.Cells[1:2]}}
	require.True(t, back.Header.Cells[0].Backward)
	for _, f := range trace.Frames {
		if f.Cell == 1 {
			f = f.Clone()
			f.Cell = 0
			back.Frames = append(back.Frames, f)
		}
	}
	want, err := coverage.Measure(context.Background(), m, stimuli)
	require.NoError(t, err)
	require.Equal(t, want, reportOf(t, TracesJob{Model: m}, back, back).Coverage)
}

// Of a long run the first sequences are measured, and the note says so.
func TestTheCoverageOfALongTraceIsThatOfItsFirstSequences(t *testing.T) {
	m, stimuli, trace := coveredTrace(t, "digits-gru8", 6)
	base, err := fault.New(m, xmodel.Sane)
	require.NoError(t, err)
	meter, err := coverage.NewMeter(m)
	require.NoError(t, err)
	steps := func(s dump.Sequence) int { return len(s.Fixed) / 8 }
	s := &tracedStimulus{meter: meter, model: base.Header(), most: steps(stimuli[0]) + 1}
	require.NoError(t, s.read(context.Background(), func() (dump.Source, error) { return trace.Source(), nil }))
	require.True(t, s.more)
	require.Equal(t, 2, s.sequences)
	want, err := coverage.Measure(context.Background(), m, stimuli[:2])
	require.NoError(t, err)
	require.Equal(t, want, meter.Report())
}
