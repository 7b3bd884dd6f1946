package grade

import (
	"context"
	"math/rand/v2"
	"slices"

	"rnnsim/coverage"
	"rnnsim/directed"
	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/internal/fixed"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

// found is an input that shows a fault: some of the grader's inputs, in a row.
type found struct {
	first, count int
	at           place // its sequence is counted from the first
}

// The two ways to look at a run.
const (
	atNodes = iota
	atOutput
)

// isOpen says of a fault, looked at in one way, that neither the stimuli nor the search have shown it, and that no proof has excluded it.
func (g *grader) isOpen(at, way int) bool {
	noticed := g.mutants[at].atNode
	if way == atOutput {
		noticed = g.mutants[at].atOutput
	}
	proof, proved := g.proofs[at]
	_, shown := g.found[way][at]
	return noticed == nil && !shown && !(proved && (proof.Everywhere || way == atOutput))
}

// search looks for inputs that show what the stimuli do not: among generated ones, then, where there is no proof that there are none, among
// ones that are directed at the bins of the coverage, then among real numbers off the grid, which only the entry of x can tell from those
// on it.
func (g *grader) search(ctx context.Context) error {
	steps := []func(context.Context) error{
		func(ctx context.Context) error { return g.try(ctx, g.patterns) },
		g.prove,
		func(ctx context.Context) error { return g.try(ctx, g.directed) },
		func(ctx context.Context) error { return g.try(ctx, g.reals) },
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// patternTurns is how many sequences of each pattern are tried.
const patternTurns = 8

func (g *grader) patterns(context.Context) ([]dump.Sequence, error) {
	x := g.header.Cells[0].Nodes[g.base.Input(0)]
	generator := vectors.Generator{
		Features: x.Width, Grid: fixed.Format{Bits: x.Bits, Position: x.Position}, Seed: g.options.Seed, Steps: g.options.Steps, First: g.header.Cells[0],
	}
	return generator.Generate(patternTurns * len(vectors.PatternNames()))
}

// directed are sequences that hit bins which the patterns do not, of the nodes in which something is open.
func (g *grader) directed(ctx context.Context) ([]dump.Sequence, error) {
	patterns, err := g.patterns(ctx)
	if err != nil {
		return nil, err
	}
	report, err := coverage.Measure(ctx, g.model, patterns)
	if err != nil {
		return nil, err
	}
	probe, err := coverage.NewProbe(g.model)
	if err != nil {
		return nil, err
	}
	targets := slices.DeleteFunc(probe.Targets(), func(t coverage.Target) bool {
		return t.Unreachable || report.Hits(t) || !g.anyOpen(t.Place())
	})
	result, err := directed.Search(ctx, g.model, targets, directed.Options{
		Seed: g.options.Seed, Steps: g.options.Steps, Tries: g.options.Tries, Threads: g.options.Threads, Progress: g.options.Progress,
	})
	if err != nil {
		return nil, err
	}
	return result.Sequences, nil
}

// anyOpen says that a fault that alters a node is open.
func (g *grader) anyOpen(cell, node int) bool {
	for i, m := range g.mutants {
		if (g.isOpen(i, atNodes) || g.isOpen(i, atOutput)) && m.path.Touches(cell)[node] {
			return true
		}
	}
	return false
}

// realWidths is how many ranges real numbers are taken from, each half as wide as the one before.
const realWidths = 10

// reals are sequences with quarters of an LSB, up to a little beyond the range.
func (g *grader) reals(context.Context) ([]dump.Sequence, error) {
	x := g.header.Cells[0].Nodes[g.base.Input(0)]
	random := rand.New(rand.NewPCG(g.options.Seed, 1))
	sequences := make([]dump.Sequence, 2*realWidths)
	for i := range sequences {
		bits := max(1, x.Bits+3-i%realWidths)
		for range g.options.Steps * x.Width {
			quarters := random.Int64N(1<<bits) - 1<<(bits-1)
			sequences[i].Float = append(sequences[i].Float, float32(fixed.Real(quarters, x.Position+2)))
		}
	}
	return sequences, nil
}

// try runs what is open over the sequences of a pool, and keeps those that show something.
func (g *grader) try(ctx context.Context, pool func(context.Context) ([]dump.Sequence, error)) error {
	type trial struct {
		*mutant
		at    int
		wants [2]bool
	}
	var trials []trial
	var mutants []*mutant
	for i := range g.mutants {
		t := trial{at: i, wants: [2]bool{g.isOpen(i, atNodes), g.isOpen(i, atOutput)}}
		if !t.wants[atNodes] && !t.wants[atOutput] {
			continue
		}
		t.mutant = newMutant(g.base, g.mutants[i].fault)
		if !t.wants[atNodes] {
			t.atNode = &place{}
		}
		if !t.wants[atOutput] {
			t.atOutput = &place{}
		}
		trials, mutants = append(trials, t), append(mutants, t.mutant)
	}
	if len(trials) == 0 {
		return nil
	}
	sequences, err := pool(ctx)
	if err != nil {
		return err
	}
	total := len(trials) * len(sequences)
	if err := over(ctx, g.base, mutants, sequences, g.options.Threads, func(done int) { g.options.Progress(done, total) }); err != nil {
		return err
	}
	kept := map[[2]int]int{}
	for _, t := range trials {
		for way, shows := range []*place{t.atNode, t.atOutput} {
			if shows != nil && t.wants[way] {
				if err := g.keep(ctx, t.at, way, sequences[:shows.sequence+1], kept); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// keep runs a fault on the sequence that showed it, the last one, by itself or, where that takes a state from before, behind the one before
// it. The run is held against the exact reference. kept says where in the inputs a number of sequences up to a last one stand.
func (g *grader) keep(ctx context.Context, at, way int, sequences []dump.Sequence, kept map[[2]int]int) error {
	for count := 1; count <= min(2, len(sequences)); count++ {
		run := sequences[len(sequences)-count:]
		shown, err := g.shown(ctx, at, way, run)
		if err != nil {
			return err
		}
		if shown == nil {
			continue
		}
		key := [2]int{len(sequences), count}
		first, known := kept[key]
		if !known {
			first = len(g.inputs)
			kept[key] = first
			g.inputs = append(g.inputs, run...)
		}
		g.found[way][at] = found{first: first, count: count, at: *shown}
		return nil
	}
	return nil
}

// shown runs sequences through the exact reference and through the datapath with a fault, and gives the first place that differs.
func (g *grader) shown(ctx context.Context, at, way int, sequences []dump.Sequence) (*place, error) {
	exact, err := golden.NewExact(g.model, xmodel.Sane)
	if err != nil {
		return nil, err
	}
	want, got := dump.NewMemory(), dump.NewMemory()
	if err := exact.Run(ctx, sequences, want); err != nil {
		return nil, err
	}
	if err := g.mutants[at].path.Run(ctx, sequences, got); err != nil {
		return nil, err
	}
	last := g.header.Cells[len(g.header.Cells)-1].Layer
	for i, f := range got.Frames {
		for node, values := range f.Fixed {
			if way == atOutput && (g.header.Cells[f.Cell].Layer != last || node != g.base.Output(f.Cell)) {
				continue
			}
			if index := firstDifference(values, want.Frames[i].Fixed[node]); index >= 0 {
				return &place{f.Sequence, f.Cell, f.Step, node, index}, nil
			}
		}
	}
	return nil, nil
}
