package verify

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// shipped is a case that every clone has.
const shipped = "../vectors/digits-lstm16"

func shippedModel(t *testing.T) *xmodel.Model {
	t.Helper()
	m, err := xmodel.ReadModel(filepath.Join(shipped, "xmodel"))
	require.NoError(t, err)
	return m
}

// shippedInput is the first sequences of the shipped stimulus.
func shippedInput(t *testing.T, sequences int) Input {
	t.Helper()
	c := recordedCase{folder: shipped}
	input := c.stimulus(t)
	input.Sequences = input.Sequences[:sequences]
	return input
}

// alterWeight moves one value of a const op by some LSB of the fix op behind it.
func alterWeight(t *testing.T, m *xmodel.Model, op string, index, lsb int) {
	t.Helper()
	graph := m.Cells[0].Graph
	data := graph.Op(graph.Name + "__" + op).Attrs["data"].([]byte)
	format, err := xmodel.FixFormat(graph.Op(graph.Name + "__" + op + "_fix"))
	require.NoError(t, err)
	at := data[4*index:]
	value := math.Float32frombits(binary.LittleEndian.Uint32(at)) + float32(math.Ldexp(float64(lsb), -format.Position))
	binary.LittleEndian.PutUint32(at, math.Float32bits(value))
}

func TestWithoutInputTheStimulusIsSeededAndSaysSo(t *testing.T) {
	run := func(seed uint64) *Report {
		report, err := Run(context.Background(), Job{Model: shippedModel(t), Input: Input{Seed: seed}})
		require.NoError(t, err)
		require.Equal(t, Pass, report.Verdict)
		return report
	}
	first := run(7)
	require.True(t, first.Stimulus.Seeded)
	require.Equal(t, "seeded random and corner patterns", first.Stimulus.Source)
	require.Equal(t, 15, first.Stimulus.Sequences)
	require.Equal(t, 15*24, first.Stimulus.Steps)
	require.Equal(t, first, run(7), "the same seed, the same report")
	requireGoldenText(t, "seeded.txt", first, TextOptions{Statistics: true})

	grid := fixed.Format{Bits: 16, Position: 12}
	require.Equal(t, DefaultStimulus(8, grid, 7), DefaultStimulus(8, grid, 7))
	require.NotEqual(t, DefaultStimulus(8, grid, 7), DefaultStimulus(8, grid, 8))
}

func TestDefaultStimulusStaysOnTheGridAndReachesItsEnds(t *testing.T) {
	for _, grid := range []fixed.Format{{Bits: 16, Position: 12}, {Bits: 16, Position: -3}, {Bits: 8, Position: 5}, {Bits: 1, Position: 0}} {
		low, high := false, false
		for _, sequence := range DefaultStimulus(5, grid, 1) {
			require.Len(t, sequence.Float, stimulusSteps*5)
			for _, v := range sequence.Float {
				q := math.Ldexp(float64(v), grid.Position)
				require.Equal(t, math.Trunc(q), q)
				require.True(t, q >= float64(grid.Min()) && q <= float64(grid.Max()) || grid.Bits == 1)
				low, high = low || q == float64(grid.Min()), high || q == float64(grid.Max())
			}
		}
		require.True(t, low && high)
	}
}

func TestARunThatComparesNothingDoesNotPass(t *testing.T) {
	report, err := Run(context.Background(), Job{Model: shippedModel(t), Input: Input{Sequences: []dump.Sequence{}}})
	require.NoError(t, err)
	require.Equal(t, Nothing, report.Verdict)
	require.Equal(t, 4, report.ExitCode())
	requireGoldenText(t, "nothing.txt", report, TextOptions{})
}

// A model with one weight off by an LSB: the simulator and the reference agree on it, the recordings do not.
func TestAModelThatIsNotTheRecordedOneFails(t *testing.T) {
	m := shippedModel(t)
	alterWeight(t, m, "weight_ig", 13, 1)
	input := shippedInput(t, 8)
	recorded, err := RecordedRun(filepath.Join(shipped, "exact.npz"), m)
	require.NoError(t, err)
	replayed, err := DeployCheck(filepath.Join(shipped, "deploy_check_data_int"), m, false, 0)
	require.NoError(t, err)
	report, err := Run(context.Background(), Job{Model: m, Input: input, Recordings: []Recording{recorded, replayed}, Errors: 3})
	require.NoError(t, err)
	require.Equal(t, Fail, report.Verdict)
	require.Equal(t, 1, report.ExitCode())
	require.Equal(t, []Verdict{Pass, Fail, Fail}, []Verdict{report.Checks[0].Verdict, report.Checks[1].Verdict, report.Checks[2].Verdict})
	require.Equal(t, "layer[0].fwd.weight_ig[13]", report.Checks[2].Comparison.First.Address.String())
	requireGoldenText(t, "fail.txt", report, TextOptions{Divergences: 2})

	for _, check := range report.Checks { // one node of each is enough to show the form
		check.Comparison.Nodes = check.Comparison.Nodes[:1]
		check.Comparison.More = nil
	}
	var document bytes.Buffer
	require.NoError(t, report.WriteJSON(&document))
	requireGolden(t, "fail.json", document.Bytes())
	var back Report
	require.NoError(t, json.Unmarshal(document.Bytes(), &back))
	require.Equal(t, report.Checks[1].Comparison.First, back.Checks[1].Comparison.First)
}

func TestSQNRBound(t *testing.T) {
	float, err := model.Read(filepath.Join(shipped, "model.npz"), model.ReadOptions{})
	require.NoError(t, err)
	run := func(bound float64) *Report {
		report, err := Run(context.Background(), Job{Model: shippedModel(t), Input: shippedInput(t, 8), Float: float, MinSQNR: &bound})
		require.NoError(t, err)
		return report
	}
	report := run(30)
	require.Equal(t, Pass, report.Verdict)
	check := report.Checks[1]
	require.Equal(t, NameFloat, check.Name)
	for _, n := range check.Comparison.Nodes {
		require.Len(t, n.Steps, 8, "a row a step")
		if n.Node == "input_0" {
			require.Nil(t, n.SQNR, "pixels lie on the grid: no noise")
			continue
		}
		require.NotNil(t, n.SQNR, n.Node)
		require.Greater(t, *n.SQNR, 30.0)
	}
	require.Equal(t, Pass, report.Verdict)
	report = run(300)
	require.Equal(t, Fail, report.Verdict)
	require.Equal(t, []string{"Lstm_StandardLstmCell_layer_0_forward/h_next"}, report.Checks[1].Below)

	float.Layers[0].Forward.Hidden = 4
	_, err = Run(context.Background(), Job{Model: shippedModel(t), Input: shippedInput(t, 1), Float: float})
	require.Error(t, err)
	other, err := model.Read("../vectors/digits-gru16/model.npz", model.ReadOptions{})
	require.NoError(t, err)
	report, err = Run(context.Background(), Job{Model: shippedModel(t), Input: shippedInput(t, 1), Float: other})
	require.ErrorContains(t, err, "digits-gru16", "%+v", report)
}

func TestIntegersAndInitialStatesRunThrough(t *testing.T) {
	h := make([]int16, 32)
	h[3], h[31] = 1000, -4096
	values := make([]int16, 5*8)
	for i := range values {
		values[i] = int16(i*i*37 - 9000)
	}
	input := Input{Source: "integers", Sequences: []dump.Sequence{{Fixed: values, Initial: []dump.State{{H: h, C: h}}}}}
	float, err := model.Read(filepath.Join(shipped, "model.npz"), model.ReadOptions{})
	require.NoError(t, err)
	report, err := Run(context.Background(), Job{Model: shippedModel(t), Input: input, Float: float})
	require.NoError(t, err)
	require.Equal(t, Pass, report.Verdict)
	require.Equal(t, 5, report.Stimulus.Steps)
	for _, n := range report.Checks[1].Comparison.Nodes {
		if n.Node == "input_0" || n.Node == "input_1" {
			require.Zero(t, n.Steps[0].Different, "step 0 of %s: the float model got the same numbers", n.Node)
		}
	}
}

func TestRecordingsOfAnotherStimulusAreRefused(t *testing.T) {
	m := shippedModel(t)
	recorded, err := RecordedRun(filepath.Join(shipped, "exact.npz"), m)
	require.NoError(t, err)
	_, err = Run(context.Background(), Job{Model: m, Input: shippedInput(t, 2), Recordings: []Recording{recorded}})
	require.ErrorContains(t, err, "8 sequences, the stimulus 2")
	dumped, err := DeployCheck(filepath.Join(shipped, "deploy_check_data_int"), m, false, 5)
	require.NoError(t, err)
	_, err = Run(context.Background(), Job{Model: m, Input: shippedInput(t, 2), Recordings: []Recording{dumped}})
	require.ErrorContains(t, err, "sequence 5, the stimulus has 2")

	// A dump of another sequence: its inputs are wrong, its arithmetic is not.
	dumped.Sequence = 1
	report, err := Run(context.Background(), Job{Model: m, Input: shippedInput(t, 2), Recordings: []Recording{dumped}})
	require.NoError(t, err)
	require.Equal(t, Fail, report.Verdict)
	first := report.Checks[1].Comparison.First
	require.Equal(t, "input_0", first.Address.Node)
	require.Equal(t, 1, first.Address.Sequence)
	for _, n := range report.Checks[1].Comparison.Nodes {
		require.Equal(t, n.Node == "input_0", n.Different > 0, n.Node)
	}
	dumped.Sequence = Unknown
	report, err = Run(context.Background(), Job{Model: m, Input: shippedInput(t, 2), Recordings: []Recording{dumped}})
	require.NoError(t, err)
	require.Equal(t, Pass, report.Verdict)
}

func TestAFastRunThatDiffersFails(t *testing.T) {
	check := Check{Verdict: Pass}
	check.comparePlain([][]int16{{1, 2}, {3, 5}}, [][]int16{{1, 2}, {3, 4}})
	require.Equal(t, Fail, check.Verdict)
	require.EqualValues(t, 1, check.Wrong)
	require.EqualValues(t, 4, check.Compared)
	require.Equal(t, []string{"without a trace the output differs first in sequence 1, value 1: got 5, with one 4"}, check.Findings)
}

func TestModelsThatDoNotRunAreErrors(t *testing.T) {
	m := shippedModel(t)
	m.Cells[0].Graph.Ops = m.Cells[0].Graph.Ops[3:]
	_, err := Run(context.Background(), Job{Model: m})
	require.ErrorContains(t, err, "verify "+filepath.Join(shipped, "xmodel"))
}

func TestRunEndsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Run(ctx, Job{Model: shippedModel(t), Progress: func(string, int64, int64) {}})
	require.NoError(t, err)
	cancel()
	_, err = Run(ctx, Job{Model: shippedModel(t)})
	require.ErrorIs(t, err, context.Canceled)
}
