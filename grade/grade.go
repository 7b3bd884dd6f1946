package grade

import (
	"context"
	"fmt"

	"rnnsim/coverage"
	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/internal/pool"
	"rnnsim/xmodel"
)

// Options says how stimuli are graded.
type Options struct {
	// Seed is that of the search for inputs that show what the stimuli do not.
	Seed uint64
	// Steps is the length of the sequences that are searched; 0 is 32.
	Steps int
	// Tries is how many sequences are run for a bin of the coverage, where one is sought; 0 is 300.
	Tries int
	// NoSearch leaves out proofs and search: the score only.
	NoSearch bool
	Threads  int // 0 is one a processor; results do not depend on it
	// Progress is told how far the work is.
	Progress func(done, total int)
}

const (
	defaultSteps = 32
	defaultTries = 300
)

// Run grades sequences, which start from zero, with every fault of the model's catalogue. The device computes what is specified, not
// the faults of the vendor's tool.
func Run(ctx context.Context, m *xmodel.Model, sequences []dump.Sequence, options Options) (*Report, error) {
	g, err := newGrader(m, options)
	if err != nil {
		return nil, fmt.Errorf("grade stimuli: %w", err)
	}
	if err := g.run(ctx, sequences); err != nil {
		return nil, fmt.Errorf("grade stimuli: %w", err)
	}
	return g.report(sequences), nil
}

// grader is the state of one Run.
type grader struct {
	model   *xmodel.Model
	options Options
	base    *fault.Base
	header  dump.Header
	bounds  fault.Bounds
	mutants []*mutant
	// proofs are of the faults that no input shows, by their place in the catalogue.
	proofs map[int]fault.Proof
	// found is, for what the stimuli do not show, what the search came to: at a node and at the output.
	found [2]map[int]found
	// inputs are the sequences that found refers to.
	inputs []dump.Sequence
}

func newGrader(m *xmodel.Model, options Options) (*grader, error) {
	base, err := fault.New(m, xmodel.Sane)
	if err != nil {
		return nil, err
	}
	ranges, err := coverage.Ranges(m)
	if err != nil {
		return nil, err
	}
	if options.Steps == 0 {
		options.Steps = defaultSteps
	}
	if options.Tries == 0 {
		options.Tries = defaultTries
	}
	if options.Progress == nil {
		options.Progress = func(int, int) {}
	}
	g := &grader{model: m, options: options, base: base, header: base.Header(), proofs: map[int]fault.Proof{}, found: [2]map[int]found{{}, {}}}
	for _, nodes := range ranges {
		cell := make([][]fault.Range, len(nodes))
		for i, elements := range nodes {
			for _, r := range elements {
				cell[i] = append(cell[i], fault.Range(r))
			}
		}
		g.bounds = append(g.bounds, cell)
	}
	for _, f := range base.Catalogue() {
		g.mutants = append(g.mutants, newMutant(base, f))
	}
	return g, nil
}

func (g *grader) run(ctx context.Context, sequences []dump.Sequence) error {
	total := len(g.mutants) * len(sequences)
	err := over(ctx, g.base, g.mutants, sequences, g.options.Threads, func(done int) { g.options.Progress(done, total) })
	if err != nil || g.options.NoSearch {
		return err
	}
	return g.search(ctx)
}

// prove tries to prove of what is open that no input shows it.
func (g *grader) prove(ctx context.Context) error {
	type trial struct {
		at    int
		proof fault.Proof
		holds bool
	}
	var trials []*trial
	for i := range g.mutants {
		if g.isOpen(i, atNodes) || g.isOpen(i, atOutput) {
			trials = append(trials, &trial{at: i})
		}
	}
	err := pool.Each(ctx, trials, g.options.Threads, func(_ context.Context, t *trial) (err error) {
		t.proof, t.holds, err = g.base.Prove(g.mutants[t.at].fault, g.bounds)
		return err
	}, func(done int) { g.options.Progress(done, len(trials)) })
	for _, t := range trials {
		if t.holds {
			g.proofs[t.at] = t.proof
		}
	}
	return err
}
