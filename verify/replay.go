package verify

import (
	"context"
	"fmt"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/xmodel"
)

// Reference computes one node of one cell from given values, exactly. golden.Exact is one.
type Reference interface {
	// Header describes the cells and their nodes, in an order in which each node comes after those that it reads.
	Header() dump.Header
	// Describe says how a node is computed, and from what.
	Describe(cell int, node string) (*golden.NodeInfo, error)
	// Node computes a node from the values of the nodes that it reads.
	Node(cell int, node string, inputs map[string][]int16) ([]int16, error)
}

// ReplayOptions says what is known about a recorded run.
type ReplayOptions struct {
	// Exact says that the run was computed without rounding (in float64), so that no difference can be explained.
	Exact bool
	// Compat is the semantics that the recording has between the cells of a bidirectional layer.
	Compat xmodel.Compat
	// Stimulus gives what input_0 of the first layer's cells, in their order in the header, must be at a step of the
	// sequence that was recorded, and Initial the states before the first step (nil is zero). Without a stimulus, neither
	// the first layer's input_0 nor the initial states are judged.
	Stimulus func(cell, sequence, step int) []int16
	Initial  []dump.State
	// FirstSequence is added to the trace's sequence numbers in addresses.
	FirstSequence int
	// Errors, Heat, Detail and Progress are as in Options.
	Errors   int
	Heat     bool
	Detail   bool
	Progress func(frames int64)
}

// Replay judges a recorded run. Each node of each frame is computed anew from the values recorded for the nodes that it
// reads, so that an error shows where it arises and nowhere else; and the recorded inputs of each frame are held against what
// they must come from: the states recorded a step before, the outputs recorded for the layer below, the stimulus. Parameters
// in the trace are held against those of the model.
//
// A difference is explained where float32 arithmetic can have made it (see Counts), misreported where an 8-bit dump of the
// original is known to show something else than what it computed with, and wrong otherwise.
//
// The trace is read twice, since the first reading collects what crosses from cell to cell; open is called for each. A short
// trace is kept instead. Memory is that of the outputs and the h of the recorded cells, not that of a long trace.
func Replay(ctx context.Context, open func() (dump.Source, error), reference Reference, model *xmodel.Model, options ReplayOptions) (*Comparison, error) {
	r, err := newReplay(reference, model, options)
	if err != nil {
		return nil, fmt.Errorf("replay a recorded run: %w", err)
	}
	err = readTwice(ctx, open, visitor{r.join, r.survey}, visitor{r.params, r.judge})
	if err != nil {
		return nil, fmt.Errorf("replay a recorded run: %w", err)
	}
	return r.finish(), nil
}

// replay is the state of one Replay.
type replay struct {
	reference Reference
	header    dump.Header // the reference's
	options   ReplayOptions
	cells     []*replayCell
	ofTrace   map[int]*replayCell // by cell of the trace
	style     dumpStyle
	found     divergences
	counts    Counts
	seen      map[int]struct{}
	notes     []string
	missing   Missing
	extra     Missing
}

// replayCell is one cell of a recorded run.
type replayCell struct {
	index   int // in the reference's header
	cell    dump.Cell
	nodes   []*golden.NodeInfo // as in cell.Nodes
	states  []string           // the nodes that become input_1 and input_2 of the next step: h, then c
	columns []int              // for each node of the cell, its column in the trace or -1
	place   map[string]int
	narrow  []narrowed // the 8-bit matmul inputs
	stats   []NodeStats
	steps   []stepStats // with Detail, as details
	details []nodeDetail
	trails  trails
	// spans, by sequence, is collected by the first reading.
	spans map[int]*span
	feeds bool // a layer above reads the outputs
	// repaired holds what outputs should have been, where a value was wrong; past is the states after the last frame.
	repaired map[frameKey][]int16
	past     pastStates
}

// span is the recorded steps of one sequence of a cell, and h after each of them where a layer above reads it.
type span struct {
	first, end int // steps [first, end)
	outputs    [][]int16
}

// output gives h after a step, nil where it was not recorded.
func (s *span) output(step int) []int16 {
	if s == nil || step < s.first || step-s.first >= len(s.outputs) {
		return nil
	}
	return s.outputs[step-s.first]
}

func newReplay(reference Reference, model *xmodel.Model, options ReplayOptions) (*replay, error) {
	r := &replay{
		reference: reference, header: reference.Header(), options: options, ofTrace: map[int]*replayCell{},
		found: divergences{limit: Options{Errors: options.Errors}.kept()}, seen: map[int]struct{}{},
	}
	if len(r.header.Cells) != len(model.Cells) {
		return nil, fmt.Errorf("the reference has %d cells, the model %d", len(r.header.Cells), len(model.Cells))
	}
	for i, cell := range r.header.Cells {
		c := &replayCell{
			index: i, cell: cell, place: map[string]int{}, states: stateNodes(model.Cells[i].Graph),
			spans: map[int]*span{}, repaired: map[frameKey][]int16{},
		}
		for j, node := range cell.Nodes {
			c.place[node.Name] = j
			info, err := reference.Describe(i, node.Name)
			if err != nil {
				return nil, err
			}
			c.nodes = append(c.nodes, info)
			c.stats = append(c.stats, NodeStats{
				Graph: cell.Graph, Layer: cell.Layer, Backward: cell.Backward, Node: node.Name, Label: node.Label, Op: node.Op,
				Format: formatOf(node), FirstStep: NoStep, LastStep: NoStep,
			})
		}
		if options.Detail {
			c.newDetails()
		}
		c.narrow = c.narrowedInputs()
		for _, other := range r.header.Cells {
			c.feeds = c.feeds || other.Layer == cell.Layer+1
		}
		r.cells = append(r.cells, c)
	}
	return r, nil
}

// join finds the columns of the trace that belong to the reference's nodes.
func (r *replay) join(trace dump.Header) error {
	pairs, onlyTrace := pair(trace, r.header, Options{})
	r.missing, r.extra = pairs.missed, onlyTrace
	r.notes = pairs.notes
	for i := range pairs.cells {
		pair := &pairs.cells[i]
		c := r.cells[pair.want]
		r.ofTrace[pair.got] = c
		c.columns = make([]int, len(c.cell.Nodes))
		for j := range c.columns {
			c.columns[j] = -1
		}
		for _, node := range pair.nodes {
			switch {
			case node.gotNode.Float:
				return fmt.Errorf("%s/%s holds float numbers: a replay needs the integers", c.cell.Graph, node.gotNode.Name)
			case node.gotNode.Width != node.wantNode.Width:
				return fmt.Errorf("%s/%s has %d values, the model's node has %d: this trace is of another model", c.cell.Graph, node.gotNode.Name, node.gotNode.Width, node.wantNode.Width)
			}
			c.columns[node.want] = node.got
		}
	}
	return nil
}

func stateNodes(graph *xmodel.Graph) []string {
	var states []string
	for _, op := range graph.ReturnOps() {
		states = append(states, xmodel.NodeName(graph.Name, op))
	}
	return states
}

// node finds a node of the cell, or nil.
func (c *replayCell) node(name string) *golden.NodeInfo {
	if place, ok := c.place[name]; ok {
		return c.nodes[place]
	}
	return nil
}

// recorded gives the values of a node in a frame of the trace, nil where the trace does not hold them.
func (c *replayCell) recorded(frame *dump.Frame, node string) []int16 {
	place, ok := c.place[node]
	if !ok || c.columns[place] < 0 {
		return nil
	}
	return columnOf(frame, c.columns[place]).ints
}

func (r *replay) finish() *Comparison {
	result := &Comparison{
		Counts: r.counts, Divergences: r.found.total, Notes: append(r.notes, r.style.notes()...),
		OnlyGot: r.extra, OnlyWant: r.missing,
	}
	result.Counts.Sequences = len(r.seen)
	for _, c := range r.cells {
		compared := false
		for i := range c.stats {
			if c.stats[i].Compared == 0 {
				continue
			}
			compared = true
			c.stats[i].finish()
			if i < len(c.details) { // parameters follow the nodes
				c.stats[i].Steps = c.steps[i].finish()
				c.details[i].finish(&c.stats[i])
			}
			result.Counts.Nodes++
			result.Nodes = append(result.Nodes, c.stats[i])
		}
		if compared {
			result.Counts.Cells++
		}
	}
	sorted := r.found.sorted()
	if len(sorted) > 0 {
		result.First, result.More = &sorted[0], sorted[1:]
	}
	return result
}
