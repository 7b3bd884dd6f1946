package machine

import (
	"cmp"
	"fmt"
	"slices"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// EstimateNote is on every output of the timing model.
const EstimateNote = "These are estimates of a timing model with costs that the vendor's older compiler plans with, not measurements: no latency of the hardware was measured or found published."

// Estimate is how long a program takes by the timing model. See EstimateNote.
type Estimate struct {
	Note     string `json:"note"`
	Target   string `json:"target"`
	Batch    int    `json:"batch"`
	Steps    int    `json:"steps"`
	ClockMHz int    `json:"clock_mhz"`
	// Cycles is all steps. Once is a run of one step: init and end. Frame is what each further step adds when the units have come
	// into step, all cells together.
	Cycles int     `json:"cycles"`
	Once   int     `json:"once_cycles"`
	Frame  float64 `json:"frame_cycles"`
	// Settled says that the units came into step, so that Frame and Cycles are exact within the model. They do not where no tokens
	// hold two of them together; both are then averages.
	Settled bool       `json:"settled"`
	Units   []UnitLoad `json:"units"`
	Stalls  []Stall    `json:"stalls"`
}

// UnitLoad is what a unit does in all steps.
type UnitLoad struct {
	Unit      string  `json:"unit"`
	Words     int     `json:"words"`
	Busy      int     `json:"busy_cycles"`
	Stalled   int     `json:"stalled_cycles"` // waiting for tokens while it could issue
	Occupancy float64 `json:"occupancy"`      // busy cycles of all
}

// Stall is how long a word of a loop waits for a token, in one step when the units have come into step.
type Stall struct {
	Segment string `json:"segment"`
	Word    int    `json:"word"`
	Unit    string `json:"unit"`
	On      string `json:"on"`
	Cycles  int    `json:"cycles"`
}

// Seconds is the estimate of all steps.
func (e *Estimate) Seconds() float64 { return float64(e.Cycles) / float64(e.ClockMHz) / 1e6 }

// FramesPerSecond is how many steps all lanes together make, in long sequences.
func (e *Estimate) FramesPerSecond() float64 {
	if e.Frame == 0 {
		return 0
	}
	return float64(e.Batch) * float64(e.ClockMHz) * 1e6 / e.Frame
}

// maxEstimateSteps bounds the steps, so that times do not overflow.
const maxEstimateSteps = 1 << 30

// NewEstimate runs the timing model over the given number of steps, without any data. Its own time does not depend on the number: as
// soon as the units have come into step, the rest is multiplied. Errors are those of New, or name a word that waits for a token
// which was not sent.
func NewEstimate(c *xmodel.Compiled, steps int, costs Costs) (*Estimate, error) {
	p, err := decode(c)
	if err != nil {
		return nil, sourced(c, err)
	}
	if steps < 1 || steps > maxEstimateSteps {
		return nil, fmt.Errorf("estimate %d steps: 1 to %d are wanted", steps, maxEstimateSteps)
	}
	e := &Estimate{Note: EstimateNote, Target: p.target.Name, Batch: p.lanes(), Steps: steps, ClockMHz: costs.ClockMegahertz[p.target.Name]}
	var runs [3]*timeline
	search := max(shortestSearch, min(longestSearch, mostSearched/p.words()))
	for i, n := range []int{1, steps, search + 2} {
		runs[i] = &timeline{target: p.target, costs: &costs, search: search}
		pace, err := runs[i].through(p, n)
		if err != nil {
			return nil, sourced(c, err)
		}
		e.Frame, e.Settled, e.Stalls = pace.frame, pace.settled, pace.stalls // the last run's are of a loop in step
	}
	all := runs[1]
	e.Once = runs[0].end
	e.Cycles = all.end
	for u := range isa.EndUnit {
		unit := &all.units[u]
		load := UnitLoad{Unit: u.String(), Words: unit.words, Busy: unit.busy, Occupancy: float64(unit.busy) / float64(max(1, all.end))}
		for _, n := range unit.stalls {
			load.Stalled += n
		}
		e.Units = append(e.Units, load)
	}
	slices.SortStableFunc(e.Stalls, func(a, b Stall) int { return cmp.Compare(b.Cycles, a.Cycles) })
	return e, nil
}

// The units get so many steps to come into step: fewer where steps are long.
const (
	shortestSearch = 4
	longestSearch  = 1 << 10
	mostSearched   = 1 << 22 // words
)

// pace is what the loops of all cells have come to.
type pace struct {
	frame   float64
	settled bool
	stalls  []Stall
}

// through places a whole run.
func (t *timeline) through(p *program, steps int) (pace, error) {
	all := pace{settled: true}
	for i := range p.cells {
		c := &p.cells[i]
		if err := t.run(&c.init); err != nil {
			return pace{}, err
		}
		if err := t.loops(&c.loop, steps-1, &all); err != nil {
			return pace{}, err
		}
	}
	return all, t.run(&p.end)
}

// loops places a loop so many times, and adds its pace to the others' if it comes to one.
func (t *timeline) loops(s *isa.Segment, times int, all *pace) error {
	seen, history := map[string]int{}, []snapshot{}
	for done := 0; done < times; done++ {
		shape := t.shape(s)
		history = append(history, t.snapshot())
		before, known := seen[shape]
		seen[shape] = done
		if known || done == t.search {
			if !known {
				before = done / 2
				all.settled = false
			}
			from, to, period := history[before], history[done], done-before
			all.frame += float64(to.end-from.end) / float64(period)
			t.skip(from, to, (times-done)/period)
			return t.rest(s, (times-done)%period, all)
		}
		if err := t.run(s); err != nil {
			return err
		}
	}
	return nil
}

// rest places what is left of a loop that has come into step, and notes what its words wait for.
func (t *timeline) rest(s *isa.Segment, times int, all *pace) error {
	for range times {
		if err := t.run(s); err != nil {
			return err
		}
	}
	next := *t
	for u := range next.waiting {
		for to := range next.waiting[u] {
			next.waiting[u][to] = slices.Clone(next.waiting[u][to])
		}
	}
	next.observe = func(p *placed) {
		if p.waited > 0 {
			all.stalls = append(all.stalls, Stall{Segment: s.Name, Word: p.word, Unit: s.Words[p.word].Unit().String(), On: p.on.String(), Cycles: p.waited})
		}
	}
	return next.run(s)
}
