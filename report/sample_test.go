package report

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/coverage"
	"rnnsim/dump"
	"rnnsim/verify"
)

// sampleTrace is 40 steps of a small cell, altered from a step on where alter is set.
func sampleTrace(alter bool) func() (dump.Source, error) {
	header := dump.Header{Cells: []dump.Cell{{Graph: "Rnn_StandardLstmCell_layer_0_forward", Nodes: []dump.Node{
		{Name: "y_i", Label: "y_i", Op: "add", Width: 3, Bits: 16, Position: 12},
		{Name: "it", Label: "it", Op: "sigmoid", Width: 3, Bits: 16, Position: 15},
		{Name: "narrow", Label: "narrow", Op: "fix", Width: 3, Bits: 8, Position: 7},
	}}}}
	return func() (dump.Source, error) {
		var frames []*dump.Frame
		for step := range 40 {
			v := int16(step * 700)
			frame := &dump.Frame{Step: step, Saturations: []int32{0, 1, 0}, Fixed: [][]int16{{v, -v, 1}, {v, 5, -32768}, {127, -128, int16(step)}}}
			if alter && step >= 7 {
				frame.Fixed[1][1] += int16(step)
			}
			frames = append(frames, frame)
		}
		return dump.NewSource(header, frames), nil
	}
}

// sampleReport is a small report with everything in it that a page shows.
func sampleReport(t testing.TB) *verify.Report {
	t.Helper()
	reads := func(_, node string) []string {
		if node == "it" {
			return []string{"y_i"}
		}
		return nil
	}
	r, err := verify.RunTraces(context.Background(), verify.TracesJob{
		GotName: "device", WantName: "simulator", Got: sampleTrace(true), Want: sampleTrace(false), Version: "test",
		Options: verify.Options{Detail: true, Reads: reads, Errors: 3},
	})
	require.NoError(t, err)
	check := &r.Checks[0]
	address := check.Comparison.First.Address
	value, number := check.Comparison.First.Want, verify.Number{Int: 5, Position: 15, Hex: "0x5", Real: 0.1}
	check.Explanation = &verify.Explanation{
		Address: address, Graph: "g", Label: "it", Op: "sigmoid", Format: "[16,15]", Got: &value, Follows: &value, Want: &value,
		Terms:    []verify.Term{{Name: "y_i[1]", A: number, B: &number, BName: "w[1]", Product: &number, Want: &number}, {Name: "bias", A: number}},
		Steps:    []verify.ExplainedAs{{Name: "index", Number: &number, Note: "floor"}, {Name: "table", Note: "left of it"}},
		Findings: []string{"the value does not follow from its operands"},
	}
	cause := verify.Cause{Faults: []string{"it/off", "it/late"}, Text: "it is off by one", Explains: 3}
	check.Diagnosis = &verify.Diagnosis{
		Outcome: verify.Explained, Judged: 100, Wrong: 3, Frames: 40, Sequences: 1, Tried: 9, First: &address, Cause: &cause, Same: []verify.Cause{cause},
		Nodes: []verify.WrongNode{{Graph: "g", Node: "it", Label: "it", Judged: 10, Wrong: 3, Units: 1, Width: 3}}, Notes: []string{"a note"},
	}
	r.Coverage = &coverage.Report{Sequences: 1, Frames: 40, Bins: 3, Hit: 1, Unreachable: 1, Missed: 1, Nodes: []coverage.Node{
		{Graph: "g", Name: "it", Op: "sigmoid", Bins: []coverage.Bin{{Name: "left", Hit: true}, {Name: "right", Unreachable: true}, {Name: "low end"}}},
	}}
	return r
}

// sampleResult is the file of the sample.
func sampleResult(t testing.TB) []byte {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, sampleReport(t).WriteResult(&text))
	return text.Bytes()
}
