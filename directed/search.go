package directed

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"rnnsim/coverage"
	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/internal/fixed"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

// Options says how long is searched, and for what length of sequences.
type Options struct {
	Seed  uint64
	Steps int // of a sequence
	// Tries is how many sequences are run for a bin before it is given up; 0 is 600.
	Tries int
	// Integers keeps real numbers out of the sequences: they are integers on the grid of x.
	Integers bool
	Threads  int // 0 is one a processor; results do not depend on it
	Progress func(done, total int)
}

const defaultTries = 600

// Found is what became of one target.
type Found struct {
	coverage.Target
	// Hit says that Sequences[Sequence] hits it, at Step for the first time.
	Hit      bool `json:"hit"`
	Sequence int  `json:"sequence"`
	Step     int  `json:"step"`
	// Tries is how many sequences were run for it, and Nearest how far the nearest of them is from it, in units of the bin.
	Tries   int   `json:"tries"`
	Nearest int64 `json:"nearest"`
}

// Result is sequences of one length, and what they hit.
type Result struct {
	Sequences []dump.Sequence `json:"-"`
	Targets   []Found         `json:"targets"`
}

// Search looks for a sequence for each target. One sequence serves all targets that it hits. What is proved unreachable is not searched. The
// targets are those of a coverage.Probe of the same model.
func Search(ctx context.Context, m *xmodel.Model, targets []coverage.Target, options Options) (*Result, error) {
	s, err := newSearch(m, options)
	if err != nil {
		return nil, fmt.Errorf("search for stimuli: %w", err)
	}
	climbs := make([]*climb, len(targets))
	for i, t := range targets {
		climbs[i] = &climb{search: s, target: t, nearest: math.MaxInt64}
	}
	if err := s.each(ctx, climbs); err != nil {
		return nil, fmt.Errorf("search for stimuli: %w", err)
	}
	result, err := s.choose(ctx, m, climbs)
	if err != nil {
		return nil, fmt.Errorf("search for stimuli: %w", err)
	}
	return result, nil
}

// search is what all climbs share.
type search struct {
	model    *xmodel.Model
	options  Options
	base     *fault.Base
	header   dump.Header
	features int
	grid     fixed.Format
	starts   []dump.Sequence
	rows     [][]int16 // of the weights of x of the first layer
}

// startTurns is how many sequences of each pattern a climb can start from.
const startTurns = 3

func newSearch(m *xmodel.Model, options Options) (*search, error) {
	if options.Tries == 0 {
		options.Tries = defaultTries
	}
	if options.Progress == nil {
		options.Progress = func(int, int) {}
	}
	base, err := fault.New(m, xmodel.Sane)
	if err != nil {
		return nil, err
	}
	s := &search{model: m, options: options, base: base, header: base.Header()}
	x := s.header.Cells[0].Nodes[base.Input(0)]
	s.features, s.grid = x.Width, fixed.Format{Bits: x.Bits, Position: x.Position}
	generator := vectors.Generator{Features: s.features, Grid: s.grid, Seed: options.Seed, Steps: options.Steps, First: s.header.Cells[0]}
	if s.starts, err = generator.Generate(startTurns * len(vectors.PatternNames())); err != nil {
		return nil, err
	}
	for _, cell := range s.header.Cells {
		for _, p := range cell.Params {
			if cell.Layer == s.header.Cells[0].Layer && len(p.Shape) == 2 && len(p.Values)%s.features == 0 {
				s.rows = slices.AppendSeq(s.rows, slices.Chunk(p.Values, s.features))
			}
		}
	}
	return s, nil
}

// errHit ends a run that has hit its target.
var errHit = errors.New("hit")

// distance runs a sequence, and gives how near one of its frames comes to a target, and the timestep of that.
func (s *search) distance(ctx context.Context, p *coverage.Probe, t coverage.Target, sequence *dump.Sequence) (nearest int64, time int, err error) {
	nearest = math.MaxInt64
	befores := make([][][]int16, len(s.header.Cells))
	err = s.base.With().Runner().Sequence(ctx, 0, sequence, func(f *dump.Frame) error {
		if !p.Reads(t, f.Cell) {
			return nil
		}
		var before [][]int16
		if f.Step > 0 {
			before = befores[f.Cell]
		}
		if d := p.Distance(t, f.Cell, before, f.Fixed); d < nearest {
			nearest, time = d, fault.TimeOf(f.Step, s.options.Steps, s.header.Cells[f.Cell].Backward)
		}
		if nearest == 0 {
			return errHit
		}
		befores[f.Cell] = f.Clone().Fixed
		return nil
	})
	if errors.Is(err, errHit) {
		err = nil
	}
	return nearest, time, err
}
