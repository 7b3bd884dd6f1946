package sim

import (
	"fmt"
	"runtime"
	"sync"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/sim/kernel"
	"rnnsim/xmodel"
)

// Options are how a model is run.
type Options struct {
	// Compat selects the original's semantics where the original has a fault.
	Compat xmodel.Compat
	// Threads is how many sequences are run at once; 0 is one a processor. It does not change any result.
	Threads int
	// NodeByNode runs every cell op by op in plain Go, as a graph that is no standard cell runs, and leaves the kernels out. It
	// does not change any result.
	NodeByNode bool
	// Kernel is which code runs the cells that are not run op by op; the zero value leaves it to the environment
	// (kernel.Environment), and then to the processor. It does not change any result.
	Kernel kernel.Choice
	// NoOutput leaves Result.Output away, which grows with the steps of all sequences; for runs whose trace is all that is wanted.
	NoOutput bool
	// Nodes are patterns (path.Match) of the names of the nodes that a sink gets; nil is all nodes of all cells.
	Nodes []string
	// Progress is told now and then how many frames (a cell at a step) of a Run are computed, of how many; one call at a time.
	Progress func(done, total int)
	// Meta is provenance that the header of a trace gets in addition: versions, digests.
	Meta map[string]string
}

// Plan is a model that is ready to run. It does not change, and may run any number of times, also at once.
type Plan struct {
	options  Options
	programs []*program // a cell, in execution order
	layers   []layer
	recorded [][]int // a cell: indices of the nodes that a sink gets
	header   dump.Header
	blocks   sync.Pool // blocks that no run uses any more
}

// Compile checks that every op of every graph is one that is run, that the shapes fit, within the graphs and from layer to
// layer, and prepares the model. Errors name the graph and the op.
func Compile(model *xmodel.Model, options Options) (*Plan, error) {
	if options.Threads < 0 {
		return nil, fmt.Errorf("compile %s: %d threads", model.Source, options.Threads)
	}
	if options.Threads == 0 {
		options.Threads = runtime.GOMAXPROCS(0)
	}
	p := &Plan{options: options}
	for _, c := range model.Cells {
		read, err := readCell(c)
		if err != nil {
			return nil, fmt.Errorf("compile %s: %w", model.Source, err)
		}
		prog, err := compileCell(read, options.Compat == xmodel.VAI20)
		if err == nil && !options.NodeByNode {
			err = prog.fuse(options.Compat == xmodel.VAI20, options.Kernel)
		}
		if err != nil {
			return nil, fmt.Errorf("compile %s: %w", model.Source, err)
		}
		p.programs = append(p.programs, prog)
	}
	if err := p.stack(); err != nil {
		return nil, fmt.Errorf("compile %s: %w", model.Source, err)
	}
	if err := p.describe(); err != nil {
		return nil, fmt.Errorf("compile %s: %w", model.Source, err)
	}
	return p, nil
}

// With gives the plan with another choice of the code that runs its cells: a fraction of what compiling the model again takes.
func (p *Plan) With(choice kernel.Choice) (*Plan, error) {
	other := &Plan{options: p.options, layers: p.layers, recorded: p.recorded, header: p.header}
	other.options.Kernel, other.options.NodeByNode = choice, false
	for _, prog := range p.programs {
		twin := *prog
		twin.fused = nil
		if err := twin.fuse(p.options.Compat == xmodel.VAI20, choice); err != nil {
			return nil, fmt.Errorf("compile: %w", err)
		}
		other.programs = append(other.programs, &twin)
	}
	return other, nil
}

// Header describes the frames that Run gives to its sink: every cell with those of its nodes that Options.Nodes selects.
func (p *Plan) Header() dump.Header { return p.header }

// Input is the number of features of a step of x, and the grid of the first cell's input_0.
func (p *Plan) Input() (features int, grid fixed.Format) {
	input := p.programs[0].cell.input
	return input.width, input.format
}

// Output describes a step of Result.Output: how many values each direction of the last layer gives, and on which grid.
func (p *Plan) Output() []OutputPart {
	var parts []OutputPart
	for _, i := range p.layers[len(p.layers)-1].cells {
		h := p.programs[i].cell.output()
		parts = append(parts, OutputPart{Width: h.width, Format: h.format})
	}
	return parts
}

// OutputPart is one direction's share of a step of the output.
type OutputPart struct {
	Width  int
	Format fixed.Format
}

// Kernels says, a cell, how it is run: by which kernel, or why node by node ("nodes").
func (p *Plan) Kernels() []kernel.Plan {
	plans := make([]kernel.Plan, len(p.programs))
	for i, prog := range p.programs {
		plans[i] = kernel.Plan{Kernel: "nodes", Reason: prog.unfused}
		if prog.fused != nil {
			plans[i] = prog.fused.cell.Plan()
		}
	}
	return plans
}
