package verify

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/coverage"
	"rnnsim/dump"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// gru8Under is a simulated run of the shipped 8-bit GRU over the first sequences of its stimulus.
func gru8Under(t *testing.T, compat xmodel.Compat, sequences int) (*xmodel.Model, Input, *dump.Memory) {
	t.Helper()
	m, err := xmodel.ReadModel("../vectors/digits-gru8/xmodel")
	require.NoError(t, err)
	input := recordedCase{folder: "../vectors/digits-gru8"}.stimulus(t)
	input.Sequences = input.Sequences[:sequences]
	plan, err := sim.Compile(m, sim.Options{Compat: compat})
	require.NoError(t, err)
	memory := dump.NewMemory()
	_, err = plan.Run(context.Background(), input.Sequences, memory)
	require.NoError(t, err)
	return m, input, memory
}

// A recorded run that fails is explained and diagnosed, and the stimulus's coverage is measured.
func TestDetailsOfARunThatFails(t *testing.T) {
	const sequences = 6
	m, input, tool := gru8Under(t, xmodel.VAI20, sequences)
	job := Job{Model: m, Input: input, Detail: true, Recordings: []Recording{{
		Name: NameRecorded, Path: "tool", Open: func() (dump.Source, error) { return tool.Source(), nil },
	}}}
	report, err := Run(context.Background(), job)
	require.NoError(t, err)
	require.Equal(t, Fail, report.Verdict)
	require.Nil(t, report.Checks[0].Diagnosis, "what passes has no cause")
	require.Nil(t, report.Checks[0].Explanation)

	check := report.Checks[1]
	require.Equal(t, "ft_input_1", check.Comparison.First.Address.Node)
	require.Equal(t, Explained, check.Diagnosis.Outcome)
	require.Equal(t, []string{"ft_input_1/reads-narrowed-h"}, check.Diagnosis.Cause.Faults)
	require.Equal(t, check.Comparison.First.Address, check.Explanation.Address)
	require.Equal(t, check.Comparison.First.Got.Int, check.Explanation.Got.Int)
	require.Equal(t, check.Comparison.First.Want.Int, check.Explanation.Want.Int)
	requireCourse(t, check.Comparison.First, tool)

	want, err := coverage.Measure(context.Background(), m, input.Sequences)
	require.NoError(t, err)
	require.Equal(t, want, report.Coverage)

	job.Detail = false
	plain, err := Run(context.Background(), job)
	require.NoError(t, err)
	require.Nil(t, plain.Coverage)
	require.Nil(t, plain.Checks[1].Diagnosis)
	for i := range plain.Checks {
		require.Equal(t, plain.Checks[i].Comparison.Counts, report.Checks[i].Comparison.Counts, "details change nothing of what is found")
		require.Nil(t, plain.Checks[i].Comparison.Nodes[0].GotValues)
	}
}

// requireCourse holds the course of the wanted side to the trace that it was read from.
func requireCourse(t *testing.T, d *Divergence, want *dump.Memory) {
	t.Helper()
	require.NotEmpty(t, d.Course.Want)
	require.Len(t, d.Course.Got, len(d.Course.Want))
	for i, v := range d.Course.Want {
		frame := frameOf(t, want, 0, d.Address.Sequence, d.Course.FirstStep+i)
		_, node := placeOf(want.Header, d.Graph, d.Address)
		require.Equal(t, float64(frame.Fixed[node][d.Address.Index]), v)
	}
	at := d.Address.Step - d.Course.FirstStep
	require.Equal(t, []float64{float64(d.Got.Int), float64(d.Want.Int)}, []float64{d.Course.Got[at], d.Course.Want[at]})
}

// Two traces, of which one has other names, give a report with the cause.
func TestTracesGiveAReport(t *testing.T) {
	const sequences = 6
	m, _, tool := gru8Under(t, xmodel.VAI20, sequences)
	_, _, specified := gru8Under(t, xmodel.Sane, sequences)
	renamed := copied(tool)
	renamed.Header.Cells = append([]dump.Cell{}, tool.Header.Cells...)
	nodes := append([]dump.Node{}, tool.Header.Cells[0].Nodes...)
	for i := range nodes {
		if nodes[i].Name == "ft_input_1" {
			nodes[i].Name = "their_product"
		}
	}
	renamed.Header.Cells[0].Nodes = nodes
	report, err := RunTraces(context.Background(), TracesJob{
		GotName: "got", WantName: "want", Model: m, Version: "test",
		Got:     func() (dump.Source, error) { return renamed.Source(), nil },
		Want:    func() (dump.Source, error) { return specified.Source(), nil },
		Options: Options{Detail: true, Map: map[string]string{"their_product": "ft_input_1"}},
	})
	require.NoError(t, err)
	require.Equal(t, Fail, report.Verdict)
	require.Equal(t, m.Digest(), report.Model.Digest)
	check := report.Checks[0]
	require.Equal(t, []string{NameTraces, "got", "want"}, []string{check.Name, check.Got, check.Against})
	require.Equal(t, compareTraces(t, tool, specified, Options{}).Counts, check.Comparison.Counts)
	require.Equal(t, []string{"ft_input_1/reads-narrowed-h"}, check.Diagnosis.Cause.Faults)
	requireCourse(t, check.Comparison.First, specified)

	report, err = RunTraces(context.Background(), TracesJob{
		Got: func() (dump.Source, error) { return tool.Source(), nil }, Want: func() (dump.Source, error) { return tool.Source(), nil },
	})
	require.NoError(t, err)
	require.Equal(t, Pass, report.Verdict)
	require.Equal(t, tool.Header.Cells[0].Graph, report.Model.Cells[0].Graph)
}

// A terminal gets the heat map of a recorded run that is judged by its own inputs.
func TestAReplayInAWideTerminal(t *testing.T) {
	m := shippedModel(t)
	recording, err := DeployCheck(filepath.Join(shipped, deployCheckFloat64), m, true, 0)
	require.NoError(t, err)
	recorded := readTrace(t, recording.Open)
	frameOf(t, recorded, 0, 0, 1).Fixed[0][2] += 300
	recording.Open = func() (dump.Source, error) { return recorded.Source(), nil }
	report, err := Run(context.Background(), Job{Model: m, Input: shippedInput(t, 1), Recordings: []Recording{recording}, Heat: true})
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, report.WriteText(&text, TextOptions{Columns: 100}))
	require.Contains(t, text.String(), "0.fwd.input_0 by step and unit\n               0 ········\n               1 ··█·····\n")
}

// A recorded run that is judged by its own inputs has details too: every value recorded is in them, and one that is wrong is hot.
func TestDetailsOfAReplay(t *testing.T) {
	m := shippedModel(t)
	recording, err := DeployCheck(filepath.Join(shipped, deployCheckFloat64), m, true, 0)
	require.NoError(t, err)
	recorded := readTrace(t, recording.Open)
	frame := frameOf(t, recorded, 0, 0, 5)
	place := -1
	for i, n := range recorded.Header.Cells[0].Nodes {
		if n.Name == "ot" {
			place = i
		}
	}
	frame.Fixed[place][3] += 9
	recording.Open = func() (dump.Source, error) { return recorded.Source(), nil }
	report, err := Run(context.Background(), Job{Model: m, Input: shippedInput(t, 1), Recordings: []Recording{recording}, Detail: true})
	require.NoError(t, err)
	check := report.Checks[1]
	require.EqualValues(t, 1, check.Comparison.Counts.Wrong)
	require.NotNil(t, check.Explanation)
	require.NotNil(t, check.Diagnosis)
	require.NotEmpty(t, check.Comparison.First.Course.Got)
	for i := range check.Comparison.Nodes {
		n := &check.Comparison.Nodes[i]
		if n.GotValues == nil {
			continue // a parameter
		}
		_, node := placeOf(recorded.Header, n.Graph, Address{Node: n.Node})
		var values []int64
		for _, f := range recorded.Frames {
			for _, v := range f.Fixed[node] {
				values = append(values, int64(v))
			}
		}
		requireDistribution(t, slowDistribution(values, 16), n.GotValues, n.GotValues.Saturated)
		require.Equal(t, n.Op == "sigmoid" || n.Op == "tanh", n.Lookups != nil, n.Node)
		require.Len(t, n.Steps, len(recorded.Frames))
		if n.Node != "ot" {
			require.Nil(t, n.Heat)
			continue
		}
		require.Equal(t, float32(9), n.Heat.Rows[5][3])
		n.Heat.Rows[5][3] = 0
		for _, row := range n.Heat.Rows {
			require.Zero(t, max(row[0], row[3], row[31]))
		}
	}
}
