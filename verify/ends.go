package verify

import (
	"context"
	"errors"
	"fmt"

	"rnnsim/internal/npy"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// ends checks what the test sequences end in: the recorded last outputs of all of them, and the classes that follow.
func (r *caseRun) ends(ctx context.Context, runner *runner) ([]Check, error) {
	outputs, err := r.file("h_last.npz")
	if err != nil {
		return nil, err
	}
	labels, err := r.file("y_test.npy")
	if err != nil || outputs == "" && labels == "" {
		return nil, err
	}
	result, err := runner.plain(ctx)
	if err != nil {
		return nil, err
	}
	last := make([][]int16, len(result.Output))
	var positions []int
	for i, output := range result.Output {
		last[i], positions = lastOutputs(runner.job.Model, runner.plan, output, stepsOf(r.input.Sequences[i], runner.report.Stimulus.Features))
	}
	var checks []Check
	var logits [][]float64
	if outputs != "" {
		check, recorded, err := checkOutputs(outputs, last)
		if err != nil {
			return nil, err
		}
		checks, logits = append(checks, *check), recorded
	}
	if labels == "" || r.net == nil || len(r.net.Head) == 0 {
		return checks, nil
	}
	check, err := r.checkAccuracy(labels, runner.float, last, positions, logits)
	if err != nil {
		return nil, err
	}
	return append(checks, *check), nil
}

// lastOutputs gives the last executed h of each direction of the last layer, side by side, with a position a value: the
// forward cell's lies at the end of time, the backward cell's at its beginning.
func lastOutputs(m *xmodel.Model, plan *sim.Plan, output []int16, steps int) (last []int16, positions []int) {
	width := len(output) / steps
	cells, parts := m.Cells, plan.Output()
	at := 0
	for i, part := range parts {
		time := steps - 1
		if cells[len(cells)-len(parts)+i].Backward {
			time = 0
		}
		last = append(last, output[time*width+at:][:part.Width]...)
		for range part.Width {
			positions = append(positions, part.Format.Position)
		}
		at += part.Width
	}
	return last, positions
}

// checkOutputs holds the last outputs of all sequences against h_last_exact, and reads logits_exact, if it is there.
func checkOutputs(path string, last [][]int16) (check *Check, logits [][]float64, err error) {
	archive, err := npy.OpenZip(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	array, err := archive.Array("h_last_exact")
	if err != nil {
		return nil, nil, err
	}
	want, err := array.Int16s()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: h_last_exact: %w", path, err)
	}
	if len(array.Shape) != 2 || array.Shape[0] != len(last) || array.Shape[1] != len(last[0]) {
		return nil, nil, fmt.Errorf("%s: h_last_exact has shape %v; [%d, %d] is wanted", path, array.Shape, len(last), len(last[0]))
	}
	check = &Check{Name: NameOutputs, Title: "last outputs of all sequences", Against: path, Verdict: Pass, Compared: int64(len(want))}
	for i, w := range want {
		sequence, unit := i/array.Shape[1], i%array.Shape[1]
		if got := last[sequence][unit]; got != w {
			if check.Wrong == 0 {
				check.Findings = append(check.Findings, fmt.Sprintf("first: sequence %d, unit %d: got %d, want %d, %+d LSB", sequence, unit, got, w, int(got)-int(w)))
			}
			check.Wrong++
		}
	}
	if check.Wrong > 0 {
		check.Verdict = Fail
		check.Findings = append(check.Findings, fmt.Sprintf("%s of %s wrong", grouped(check.Wrong), plural(check.Compared, "value")))
	} else {
		check.Findings = []string{fmt.Sprintf("%s, %s: all equal", plural(int64(len(last)), "sequence"), plural(check.Compared, "value"))}
	}
	if archive.Has("logits_exact") {
		if logits, err = readRows(archive, "logits_exact", len(last)); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return check, logits, nil
}

func readRows(archive *npy.Zip, name string, count int) ([][]float64, error) {
	array, err := archive.Array(name)
	if err != nil {
		return nil, err
	}
	values, err := array.Float64s()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(array.Shape) != 2 || array.Shape[0] != count || array.Shape[1] == 0 {
		return nil, fmt.Errorf("%s has shape %v; [%d, classes] is wanted", name, array.Shape, count)
	}
	rows := make([][]float64, count)
	for i := range rows {
		rows[i] = values[i*array.Shape[1]:][:array.Shape[1]]
	}
	return rows, nil
}
