package differential

import (
	"context"
	"fmt"

	"rnnsim/dump"
	"rnnsim/sim"
	"rnnsim/sim/kernel"
	"rnnsim/xmodel"
)

// engine is one way to run a case.
type engine struct {
	name string
	// kernel is what kernel.Environment has to hold so that `rnnsim verify` goes the same way; empty where nothing does that.
	kernel string
	check  func(context.Context, *run) error
}

// run is a case about to be run: its model, compiled, and what is wanted of it.
type run struct {
	*Case
	*wanted
	model   *xmodel.Model
	plan    *sim.Plan        // op by op
	kernels map[string]int64 // counts the cells by the code that ran them
}

// simulator is an engine made of the simulator.
type simulator struct {
	name   string
	choice kernel.Choice
	nodes  bool // op by op
	runs   []way
}

// way is how a compiled plan is run.
type way struct {
	name string
	run  func(ctx context.Context, engine string, plan *sim.Plan, r *run) error
}

var (
	traced   = way{"traced", runTraced}
	untraced = way{"untraced", runUntraced}
	pieces   = way{"in pieces", runPieces}
)

// engines are all ways to run a case.
func engines() []engine {
	all := []simulator{{name: "node by node", nodes: true, runs: []way{traced, untraced}}}
	for _, set := range append(kernel.Sets(), kernel.General) {
		all = append(all, simulator{name: set, choice: kernel.Choice{Set: set}, runs: []way{traced, untraced, pieces}})
		if set != kernel.General {
			all = append(all, simulator{name: set + ", rows divided", choice: kernel.Choice{Set: set, Divide: true}, runs: []way{untraced, pieces}})
		}
	}
	var list []engine
	for _, s := range all {
		list = append(list, engine{name: s.name, kernel: s.choice.String(), check: s.check})
	}
	return list
}

func (e *simulator) check(ctx context.Context, r *run) error {
	plan := r.plan
	if e.choice.Divide && r.widest() <= 8 {
		return nil // one block of units, which nobody divides
	}
	if !e.nodes {
		var err error
		if plan, err = plan.With(e.choice); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	other := true
	for _, k := range plan.Kernels() {
		if k.Kernel == e.choice.Set {
			other = false
		}
	}
	if other && !e.nodes && e.choice.Set != kernel.General {
		return nil // no cell goes this way: it is run where its own way is tried
	}
	for _, k := range plan.Kernels() {
		r.kernels[e.name+": "+k.Kernel]++
	}
	for _, way := range e.runs {
		if err := way.run(ctx, e.name+", "+way.name, plan, r); err != nil {
			return err
		}
	}
	return nil
}

func runTraced(ctx context.Context, engine string, plan *sim.Plan, r *run) error {
	result, err := plan.Run(ctx, r.Sequences, &comparer{engine: engine, want: r.trace})
	if err != nil {
		return err
	}
	return r.compareOutput(engine, result.Output, result.Final)
}

func runUntraced(ctx context.Context, engine string, plan *sim.Plan, r *run) error {
	result, err := plan.Run(ctx, r.Sequences, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", engine, err)
	}
	return r.compareOutput(engine, result.Output, result.Final)
}

// runPieces runs the first sequence in pieces, where no cell runs backward.
func runPieces(ctx context.Context, engine string, plan *sim.Plan, r *run) error {
	for _, cell := range r.cells() {
		if cell.Backward {
			return nil
		}
	}
	s := r.Sequences[0]
	stream, err := plan.NewStream(s.Initial, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", engine, err)
	}
	var output []int16
	width := r.features()
	for from, steps := 0, r.steps(0); from < steps; from += r.Piece {
		piece := dump.Sequence{}
		begin, end := from*width, min(from+r.Piece, steps)*width
		if s.Float != nil {
			piece.Float = s.Float[begin:end]
		} else {
			piece.Fixed = s.Fixed[begin:end]
		}
		part, err := stream.Push(ctx, piece)
		if err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		output = append(output, part...)
	}
	first := &wanted{output: r.output[:1], final: r.final[:1]}
	return first.compareOutput(engine, [][]int16{output}, [][]dump.State{stream.State()})
}
