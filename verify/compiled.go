package verify

import (
	"context"
	"fmt"

	"rnnsim/compile"
	"rnnsim/dump"
	"rnnsim/model"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// The names of the checks of a compiled model, which are stable.
const (
	NameTokens  = "tokens"
	NameLift    = "lift"
	NameMachine = "machine"
	NameWeights = "weights"
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
// graphs, every node that both have, and that against the exact reference and the float model as Run does. The weights are held
// against the float model's. Where the words prove to be no cell graph the report says so, and nothing is run.
func RunCompiled(ctx context.Context, job CompiledJob) (*Report, error) {
	report, err := runCompiled(ctx, job)
	if err != nil {
		return nil, fmt.Errorf("verify %s: %w", job.Compiled.Source, err)
	}
	report.Notes = append(report.Notes, "the instructions' meaning is proven on the vendor's compiled files, not on the silicon: see docs/accelerator.md")
	report.conclude()
	return report, nil
}

func runCompiled(ctx context.Context, job CompiledJob) (*Report, error) {
	tokens, err := machine.CheckTokens(job.Compiled, tokenSteps) // which also says what is wrong with single words
	if err != nil {
		return nil, err
	}
	lifted, err := compile.Lift(job.Compiled)
	if err != nil {
		return &Report{
			Schema: ReportSchema, Version: job.Version, Model: Model{Source: job.Compiled.Source, Cells: []Cell{}}, Compat: CompatName(job.Compat),
			Checks: []Check{tokenCheck(tokens), {Name: NameLift, Title: titleLift, Verdict: Fail, Compared: 1, Wrong: 1, Findings: []string{err.Error()}}},
		}, nil
	}
	job.Model = lifted.Model
	job.Model.Source = job.Compiled.Source
	r, err := newRunner(job.Job)
	if err != nil {
		return nil, err
	}
	r.report.Checks = append(r.report.Checks, tokenCheck(tokens), liftCheck(lifted))
	if job.Float != nil {
		if err := r.weights(job); err != nil {
			return nil, err
		}
	}
	if err := r.machineAgainstSimulator(ctx, job, lifted.View); err != nil {
		return nil, err
	}
	return r.report, r.all(ctx)
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

const titleLift = "instructions prove to be the cell graphs"

func liftCheck(lifted *compile.Lifted) Check {
	check := Check{Name: NameLift, Title: titleLift, Verdict: Pass}
	for _, cell := range lifted.Cells {
		check.Compared += int64(cell.Proof.Blocks)
		check.Findings = append(check.Findings, fmt.Sprintf("%s: %s on %s, %s of 16 values equal the graph's expressions",
			cell.Spec.Name, plural(int64(cell.Proof.Words), "word"), plural(int64(cell.Proof.Lanes), "lane"), plural(int64(cell.Proof.Blocks), "block")))
	}
	return check
}

// weights holds what the streams load against the float model's parameters.
func (r *runner) weights(job CompiledJob) error {
	report, err := CompareWeights(job.Compiled, job.Float)
	if err != nil {
		return err
	}
	check := Check{
		Name: NameWeights, Title: "weights of the blob against the float model's", Against: job.Float.Source,
		Verdict: Pass, Compared: int64(report.Values), Wrong: int64(report.Different),
		Findings: []string{fmt.Sprintf("%s, quantized at the positions of the instructions: all equal", plural(int64(report.Values), "value"))},
	}
	if !report.Equal() {
		check.Verdict = Fail
		check.Findings = []string{fmt.Sprintf("%d of %s differ, the first %s", report.Different, plural(int64(report.Values), "value"), report.First)}
	}
	r.report.Checks = append(r.report.Checks, check)
	return nil
}

// CompareWeights holds every weight and bias that the streams of a compiled model load against a float model. See
// compile.CompareWeights.
func CompareWeights(compiled *xmodel.Compiled, network *model.Network) (*compile.WeightReport, error) {
	kind := xmodel.LSTM
	if network.Kind == model.GRU {
		kind = xmodel.GRU
	}
	var cells []map[string][]float32
	for _, layer := range network.Layers {
		for _, cell := range layer.Cells() {
			parameters, err := compile.CellParameters(kind, cell.Input, cell.Hidden, cell.WeightIH, cell.WeightHH, cell.BiasIH, cell.BiasHH)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", network.Source, err)
			}
			cells = append(cells, parameters)
		}
	}
	report, err := compile.CompareWeights(compiled, cells)
	if err != nil {
		return nil, fmt.Errorf("compare %s with %s: %w", compiled.Source, network.Source, err)
	}
	return report, nil
}

// machineAgainstSimulator compares frames, and the results of a second run without a trace, from memories that begin otherwise.
func (r *runner) machineAgainstSimulator(ctx context.Context, job CompiledJob, view *xmodel.View) error {
	sequences := r.job.Input.Sequences
	if len(sequences) == 0 {
		return nil
	}
	run := func(ctx context.Context, seed uint64, sink dump.Sink) (*machine.Result, error) {
		executed, err := machine.New(job.Compiled, machine.Options{Seed: seed, View: view})
		if err != nil {
			return nil, err
		}
		return executed.Run(ctx, sequences, sink)
	}
	var traced *machine.Result
	execute := func(ctx context.Context, sink dump.Sink) (err error) {
		traced, err = run(ctx, job.Seed, sink)
		return err
	}
	simulator := r.simulate(len(sequences))
	comparison, err := Lockstep(ctx, execute, simulator, r.options(NameMachine, r.steps))
	if err != nil {
		return err
	}
	plain, err := run(ctx, job.Seed+1, nil)
	if err != nil {
		return err
	}
	check := checkOf(NameMachine, "machine against the simulator of the lifted graphs", "", comparison)
	check.comparePlain(plain.Output, traced.Output)
	if check.Wrong == 0 {
		check.Findings = append(check.Findings, "its memories began with other random contents than those of the run with one")
	}
	err = r.pursue(ctx, check, pursuit{got: opens(ctx, execute), want: opens(ctx, simulator), stimulus: sequences})
	r.report.Checks = append(r.report.Checks, *check)
	return err
}
