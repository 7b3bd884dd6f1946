package suite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"rnnsim/model"
	"rnnsim/quant"
	"rnnsim/vectors"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// Execute verifies a case in this process, whose working directory must be the suite's folder. scratch is a folder for the case
// alone, where it has a device. An error says that an input cannot be read or does not fit, that the device failed, or that the
// context ended.
func Execute(ctx context.Context, c *Case, threads int, version, scratch string) (*verify.Report, error) {
	if c.Folder != "" {
		opened, err := verify.OpenCase(filepath.FromSlash(c.Folder))
		if err != nil {
			return nil, err
		}
		options := verify.CaseOptions{MinSQNR: c.MinSQNR, Threads: threads, Version: version, Errors: maxDivergences, Heat: true}
		if c.Mode != ModeRecorded {
			compat := c.Mode.compat()
			options.Compat = &compat
		}
		return verify.RunCase(ctx, opened, options)
	}
	job, err := c.job()
	if err != nil {
		return nil, err
	}
	job.Threads, job.Version, job.Errors, job.Heat = threads, version, maxDivergences, true
	if c.Device != nil {
		if err := c.runDevice(ctx, job, scratch); err != nil {
			return nil, err
		}
	}
	return verify.Run(ctx, *job)
}

// maxDivergences is how many divergences a check keeps after its first, for the case's report.
const maxDivergences = 20

func (m Mode) compat() xmodel.Compat {
	if m == ModeVAI20 {
		return xmodel.VAI20
	}
	return xmodel.Sane
}

func (c *Case) job() (*verify.Job, error) {
	quantized, err := xmodel.ReadModel(filepath.FromSlash(c.Model))
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(".")
	if err != nil {
		return nil, fmt.Errorf("open the suite's folder: %w", err)
	}
	defer root.Close()
	if beside := quantInfoBeside(root, c.Model); beside != "" {
		info, err := quant.ReadInfo(filepath.FromSlash(beside))
		if err != nil {
			return nil, err
		}
		if err := info.Agree(quantized); err != nil {
			return nil, err
		}
	}
	job := &verify.Job{Model: quantized, Compat: c.Mode.compat(), MinSQNR: c.MinSQNR, Input: verify.Input{Seed: c.Seed}}
	if c.Stimulus != "" {
		if job.Input, err = readInput(c.Stimulus, quantized); err != nil {
			return nil, err
		}
	}
	if c.Float != "" {
		if job.Float, err = model.Read(filepath.FromSlash(c.Float), model.ReadOptions{}); err != nil {
			return nil, err
		}
	}
	return job, nil
}

func readInput(path string, quantized *xmodel.Model) (verify.Input, error) {
	stimulus, err := vectors.ReadSequences(filepath.FromSlash(path), "")
	if err != nil {
		return verify.Input{}, err
	}
	features, err := quantized.Cells[0].Input()
	if err != nil {
		return verify.Input{}, err
	}
	if err := stimulus.WantFeatures(features); err != nil {
		return verify.Input{}, err
	}
	return verify.Input{Source: path, Sequences: stimulus.Sequences}, nil
}

// Condense makes the result of a case of its report, or of the error that there is instead of one.
func Condense(c *Case, key string, report *verify.Report, err error) *Result {
	r := &Result{Schema: ResultSchema, Key: key, Case: c.Name}
	if err != nil {
		r.Outcome, r.First = Unreadable, err.Error()
		if device := (*deviceFailure)(nil); errors.As(err, &device) {
			r.Outcome, r.First = device.outcome, device.message
		}
		return r
	}
	r.Outcome = map[verify.Verdict]Outcome{verify.Pass: Passed, verify.Fail: Failed, verify.Nothing: Nothing}[report.Verdict]
	for i := range report.Checks {
		check := &report.Checks[i]
		row := Check{Name: check.Name, Against: check.Against, Verdict: string(check.Verdict), Values: check.Compared, Wrong: check.Wrong}
		if check.Comparison != nil {
			row.Values += check.Comparison.Counts.Values
			if check.Name != verify.NameFloat {
				row.Wrong += check.Comparison.Counts.Wrong
			}
			r.leastSQNR(check)
		}
		r.Checks = append(r.Checks, row)
		r.Values += row.Values
		r.Wrong += row.Wrong
		if r.First == "" && check.Verdict != verify.Pass {
			r.First = check.Name + ": " + firstOf(check)
		}
	}
	return r
}

func (r *Result) leastSQNR(check *verify.Check) {
	if check.Name != verify.NameFloat {
		return
	}
	for i := range check.Comparison.Nodes {
		node := &check.Comparison.Nodes[i]
		if !node.Output || node.SQNR == nil {
			continue
		}
		// A thousandth of a dB is more than anyone acts on, and is the same on every machine.
		rounded := math.Round(*node.SQNR*1000) / 1000
		if r.SQNR == nil || rounded < *r.SQNR {
			r.SQNR = &rounded
		}
	}
}

// firstOf says in a line what is wrong with a check.
func firstOf(check *verify.Check) string {
	if check.Verdict == verify.Nothing {
		return "nothing was compared"
	}
	if check.Comparison != nil && check.Comparison.First != nil {
		d := check.Comparison.First
		return fmt.Sprintf("%s: got %s, want %s (delta %g LSB)", d.Address, shown(d.Got), shown(d.Want), d.Delta)
	}
	if len(check.Below) > 0 {
		return fmt.Sprintf("%s is below %g dB", check.Below[0], *check.MinSQNR)
	}
	if len(check.Findings) > 0 {
		return check.Findings[0]
	}
	if check.Comparison != nil {
		return "one side lacks what the other has"
	}
	return "it fails"
}

func shown(v verify.Value) string {
	if v.Float {
		return fmt.Sprintf("%g", v.Real)
	}
	return fmt.Sprintf("%d (%s)", v.Int, v.Hex)
}
