package coverage

import (
	"math"
	"path"
	"strings"

	"rnnsim/xmodel"
)

// Probe measures how far a frame is from a bin. It is used by one goroutine at a time.
type Probe struct{ cells []*cell }

// Target is a bin of a model.
type Target struct {
	Graph string `json:"graph"`
	Node  string `json:"node"`
	Bin   string `json:"bin"`
	// Unreachable says that interval analysis proves that no input hits it.
	Unreachable bool `json:"unreachable"`

	cell, node, bin int
}

// String is NODE/BIN, by which Matches finds the target.
func (t Target) String() string { return t.Node + "/" + t.Bin }

// Matches says whether a pattern of path.Match fits the target: NODE/BIN, or GRAPH/NODE/BIN.
func (t Target) Matches(pattern string) bool {
	name := t.String()
	if strings.Count(pattern, "/") > 1 {
		name = t.Graph + "/" + name
	}
	matched, err := path.Match(pattern, name)
	return err == nil && matched
}

// Place is the cell and the node of the target, by their places in the header.
func (t Target) Place() (cell, node int) { return t.cell, t.node }

// NewProbe prepares a model.
func NewProbe(m *xmodel.Model) (*Probe, error) {
	cells, _, err := newCells(m)
	if err != nil {
		return nil, err
	}
	analyse(cells)
	return &Probe{cells}, nil
}

// Targets lists all bins.
func (p *Probe) Targets() []Target {
	var targets []Target
	for i, c := range p.cells {
		for j, n := range c.nodes {
			for bin, name := range n.names {
				targets = append(targets, Target{c.graph, n.info.Name, name, !n.reachable[bin], i, j, bin})
			}
		}
	}
	return targets
}

// Entry says that the target is of x as it enters the first layer, which no frame shows: it is before the quantization.
func (p *Probe) Entry(t Target) bool {
	return p.cells[t.cell].layer == p.cells[0].layer && p.cells[t.cell].nodes[t.node] == p.cells[t.cell].x
}

// Reads is the cell whose frames show the target: its own, or for x of a layer above the first the forward and the backward one below.
func (p *Probe) Reads(t Target, cell int) bool {
	c := p.cells[t.cell]
	if c.nodes[t.node] == c.x {
		return p.cells[cell].layer == c.layer-1
	}
	return cell == t.cell
}

// Distance is how far a frame of a cell that the target is read from is from the bin: 0 is a hit. before is the frame of the step before,
// nil at the first step.
func (p *Probe) Distance(t Target, cell int, before, frame [][]int16) int64 {
	c := p.cells[t.cell]
	n := c.nodes[t.node]
	nearest := int64(math.MaxInt64)
	n.near = func(bin int, distance int64) {
		if bin == t.bin {
			nearest = min(nearest, distance)
		}
	}
	switch {
	case n == c.x:
		below := p.cells[cell]
		enter(n, below.h, exactly(frame[below.h.at]))
	case n.compute == nil:
		for _, s := range c.states {
			if s.input == n && before != nil {
				enter(n, s.from, exactly(before[s.from.at]))
			}
		}
	default:
		values := make([][]interval, len(frame))
		for _, at := range n.reads {
			if at >= 0 {
				values[at] = exactly(frame[at])
			}
		}
		n.compute(values)
	}
	return nearest
}

// exactly gives intervals of one value each.
func exactly(values []int16) []interval {
	result := make([]interval, len(values))
	for i, v := range values {
		result[i] = interval{int64(v), int64(v)}
	}
	return result
}

// Hits says whether the stimuli of a report hit a target.
func (r *Report) Hits(t Target) bool {
	for _, n := range r.Nodes {
		if n.Graph != t.Graph || n.Name != t.Node {
			continue
		}
		for _, b := range n.Bins {
			if b.Name == t.Bin {
				return b.Hit
			}
		}
	}
	return false
}
