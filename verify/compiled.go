package verify

import (
	"context"
	"fmt"

	"rnnsim/compile"
	"rnnsim/dump"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// The names of the checks of a compiled model, which are stable.
const (
	NameTokens  = "tokens"
	NameLift    = "lift"
	NameMachine = "machine"
)

// tokenSteps is how many steps the token checker follows: init and three loops show all that a loop can do to itself.
const tokenSteps = 4

// CompiledJob is a verification of one compiled model. What Job holds of input, float model and the rest applies to the cell graphs
// that are lifted from it; Job.Model and Job.Recordings must be nil.
type CompiledJob struct {
	Compiled *xmodel.Compiled
	// Seed is what the machine's memories begin with.
	Seed uint64
	Job
}

// RunCompiled verifies a compiled model on three levels. Its dependency tokens are checked; the cell graphs are lifted from the
// instructions, with a proof that these compute them; the machine that executes the words is held against the simulator of the
// graphs, every node that both have, and that against the exact reference and the float model as Run does.
func RunCompiled(ctx context.Context, job CompiledJob) (*Report, error) {
	lifted, err := compile.Lift(job.Compiled)
	if err != nil {
		return nil, fmt.Errorf("verify %s: lift the cell graphs: %w", job.Compiled.Source, err)
	}
	job.Model = lifted.Model
	job.Model.Source = job.Compiled.Source
	r, err := newRunner(job.Job)
	if err != nil {
		return nil, fmt.Errorf("verify %s: %w", job.Compiled.Source, err)
	}
	r.report.Notes = append(r.report.Notes, "the instructions' meaning is proven on the vendor's compiled files, not on the silicon: see docs/accelerator.md")
	tokens, err := machine.CheckTokens(job.Compiled, tokenSteps)
	if err != nil {
		return nil, fmt.Errorf("verify %s: %w", job.Compiled.Source, err)
	}
	r.report.Checks = append(r.report.Checks, tokenCheck(tokens), liftCheck(lifted))
	if err := r.machineAgainstSimulator(ctx, job); err != nil {
		return nil, fmt.Errorf("verify %s: %w", job.Compiled.Source, err)
	}
	if err := r.all(ctx); err != nil {
		return nil, fmt.Errorf("verify %s: %w", job.Compiled.Source, err)
	}
	r.report.conclude()
	return r.report, nil
}

func tokenCheck(report *machine.TokenReport) Check {
	check := Check{Name: NameTokens, Title: "dependency tokens, units in parallel", Verdict: Pass, Compared: int64(report.Words)}
	if findings := report.Findings(); len(findings) > 0 {
		check.Verdict, check.Wrong, check.Findings = Fail, int64(len(findings)), findings
		return check
	}
	check.Findings = []string{fmt.Sprintf("%s in %s, %s: no deadlock, no race, none left over",
		plural(int64(report.Words), "word"), plural(int64(report.Steps), "step"), plural(int64(report.Tokens), "token"))}
	return check
}

func liftCheck(lifted *compile.Lifted) Check {
	check := Check{Name: NameLift, Title: "instructions prove to be the cell graphs", Verdict: Pass}
	for _, cell := range lifted.Cells {
		check.Compared += int64(cell.Proof.Blocks)
		check.Findings = append(check.Findings, fmt.Sprintf("%s: %s on %s, %s of 16 values equal the graph's expressions",
			cell.Spec.Name, plural(int64(cell.Proof.Words), "word"), plural(int64(cell.Proof.Lanes), "lane"), plural(int64(cell.Proof.Blocks), "block")))
	}
	return check
}

func (r *runner) machineAgainstSimulator(ctx context.Context, job CompiledJob) error {
	if len(r.job.Input.Sequences) == 0 {
		return nil
	}
	var graphs []string
	for _, cell := range r.job.Model.Cells {
		graphs = append(graphs, cell.Graph.Name)
	}
	executed, err := machine.New(job.Compiled, machine.Options{Seed: job.Seed, Graphs: graphs})
	if err != nil {
		return err
	}
	run := func(ctx context.Context, sink dump.Sink) error {
		_, err := executed.Run(ctx, r.job.Input.Sequences, sink)
		return err
	}
	simulator := r.simulate(len(r.job.Input.Sequences))
	comparison, err := Lockstep(ctx, run, simulator, r.options(NameMachine, r.steps))
	if err != nil {
		return err
	}
	check := checkOf(NameMachine, "machine against the simulator of the lifted graphs", "", comparison)
	err = r.pursue(ctx, check, pursuit{got: opens(ctx, run), want: opens(ctx, simulator), stimulus: r.job.Input.Sequences})
	r.report.Checks = append(r.report.Checks, *check)
	return err
}
