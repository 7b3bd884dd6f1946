package verify

import (
	"context"
	"fmt"
	"slices"

	"rnnsim/dump"
	"rnnsim/fault"
)

// record is a trace as the diagnosis reads it: its columns in the order of the model's nodes, and what is offered to each cell as x.
type record struct {
	open     func() (dump.Source, error)
	base     *fault.Base
	header   dump.Header // the model's
	stimulus []dump.Sequence
	ofTrace  map[int]int // cell of the trace → cell of the model
	columns  [][]int     // a cell and a node: the column of the trace, or -1
	whole    []bool      // a cell: every node is recorded
	outputs  []map[int][]fault.Entry
	steps    []map[int]int
	layered  bool
	notes    []string
	streams  map[[2]int]fault.Stream // the latest, by cell and sequence
	given    bool                    // the states before a sequence are taken as recorded
}

// frame is one frame of a record.
type recordFrame struct {
	cell, sequence, step int
	values               [][]int16 // by node of the model; nil where not recorded
	entry                fault.Entry
}

// join finds the columns that belong to the model's nodes.
func (r *record) join(trace dump.Header) error {
	pairs, extra := pair(trace, r.header, Options{})
	r.ofTrace, r.columns, r.whole = map[int]int{}, make([][]int, len(r.header.Cells)), make([]bool, len(r.header.Cells))
	r.notes = pairs.notes
	for i := range pairs.cells {
		p := &pairs.cells[i]
		r.ofTrace[p.got] = p.want
		columns := make([]int, len(r.header.Cells[p.want].Nodes))
		for j := range columns {
			columns[j] = -1
		}
		whole := len(p.nodes) == len(columns)
		for _, n := range p.nodes {
			place := p.cell.Graph + "/" + n.gotNode.Name
			if n.shared != nil && wholeWidth(n.gotNode) == n.wantNode.Width { // what is not all there is as if it were not there
				pairs.missed.Nodes, whole = append(pairs.missed.Nodes, place), false
				continue
			}
			switch {
			case n.gotNode.Float:
				return fmt.Errorf("%s holds float numbers: a diagnosis needs the integers", place)
			case wholeWidth(n.gotNode) != n.wantNode.Width:
				return fmt.Errorf("%s has %d values, the model's node has %d: this trace is of another model", place, wholeWidth(n.gotNode), n.wantNode.Width)
			case n.gotNode.Position != n.wantNode.Position:
				return fmt.Errorf("%s stands at fix position %d, the model's node at %d: this trace is of another model", place, n.gotNode.Position, n.wantNode.Position)
			}
			columns[n.want] = n.got
		}
		r.columns[p.want], r.whole[p.want] = columns, whole
	}
	if len(pairs.cells) == 0 {
		return fmt.Errorf("the trace has no cell of the model: it has %s, the model %s", graphs(trace), graphs(r.header))
	}
	if len(pairs.missed.Nodes) > 0 && len(extra.Nodes) > 0 && !sharesGraph(trace, r.header) {
		return fmt.Errorf("the trace is of %s, the model is %s: this trace is of another model", graphs(trace), graphs(r.header))
	}
	if n := len(pairs.missed.Nodes); n > 0 {
		r.notes = append(r.notes, fmt.Sprintf("the trace lacks %s of the model, or units of them (%s): what these held is computed, under each fault anew", plural(int64(n), "node"), listed(pairs.missed.Nodes)))
	}
	if len(pairs.missed.Graphs) > 0 {
		r.notes = append(r.notes, "the trace lacks graphs of the model: "+listed(pairs.missed.Graphs))
	}
	if len(extra.Nodes) > 0 {
		r.notes = append(r.notes, "the trace has nodes that the model has not: "+listed(extra.Nodes))
	}
	return nil
}

func sharesGraph(a, b dump.Header) bool {
	for _, cell := range a.Cells {
		if slices.ContainsFunc(b.Cells, func(other dump.Cell) bool { return other.Graph == cell.Graph }) {
			return true
		}
	}
	return false
}

func graphs(h dump.Header) string {
	var names []string
	for _, c := range h.Cells {
		names = append(names, c.Graph)
	}
	return listed(names)
}

// listed writes the first of some names.
func listed(names []string) string {
	const most = 4
	text := ""
	for i, name := range names[:min(len(names), most)] {
		if i > 0 {
			text += ", "
		}
		text += name
	}
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}

// survey reads the trace once for what crosses from cell to cell, where something does.
func (r *record) survey(ctx context.Context) error {
	first := r.header.Cells[0].Layer
	for _, c := range r.header.Cells {
		r.layered = r.layered || c.Layer != first
		r.outputs, r.steps = append(r.outputs, map[int][]fault.Entry{}), append(r.steps, map[int]int{})
	}
	visit := func(f *dump.Frame) error {
		cell, ok := r.ofTrace[f.Cell]
		if !ok {
			return nil
		}
		r.steps[cell][f.Sequence] = max(r.steps[cell][f.Sequence], f.Step+1)
		if !r.layered {
			return nil
		}
		out := r.base.Output(cell)
		entry := fault.Entry{Position: r.header.Cells[cell].Nodes[out].Position}
		if column := r.columns[cell][out]; column >= 0 {
			entry.Fixed = append(entry.Fixed, columnOf(f, column).ints...)
		}
		if f.Step == len(r.outputs[cell][f.Sequence]) {
			r.outputs[cell][f.Sequence] = append(r.outputs[cell][f.Sequence], entry)
		}
		return nil
	}
	return eachFrame(ctx, r.open, r.join, visit)
}

// each visits the frames of the trace. What it gives is valid until the visit ends.
func (r *record) each(ctx context.Context, visit func(*recordFrame) error) error {
	r.streams = map[[2]int]fault.Stream{}
	var f recordFrame
	return eachFrame(ctx, r.open, func(dump.Header) error { return nil }, func(frame *dump.Frame) error {
		cell, ok := r.ofTrace[frame.Cell]
		if !ok {
			return nil
		}
		f.cell, f.sequence, f.step = cell, frame.Sequence, frame.Step
		f.values = f.values[:0]
		for i, column := range r.columns[cell] {
			var values []int16
			if column >= 0 {
				values = columnOf(frame, column).ints
				if len(values) != r.header.Cells[cell].Nodes[i].Width {
					return fmt.Errorf("%s, sequence %d, step %d: %s holds %d values, %d wanted", r.header.Cells[cell].Graph, frame.Sequence, frame.Step,
						r.header.Cells[cell].Nodes[i].Name, len(values), r.header.Cells[cell].Nodes[i].Width)
				}
			}
			f.values = append(f.values, values)
		}
		stream, err := r.stream(cell, frame.Sequence)
		if err != nil {
			return err
		}
		f.entry = fault.Entry{}
		if t := fault.TimeOf(frame.Step, r.steps[cell][frame.Sequence], r.header.Cells[cell].Backward); t >= 0 && t < len(stream) {
			f.entry = stream[t]
		}
		return visit(&f)
	})
}

// stream gives what a cell is offered in a sequence, in the order of time; nil where it is not known.
func (r *record) stream(cell, sequence int) (fault.Stream, error) {
	key := [2]int{cell, sequence}
	if stream, ok := r.streams[key]; ok {
		return stream, nil
	}
	stream, err := r.offered(cell, sequence)
	if err != nil {
		return nil, err
	}
	const kept = 64
	if len(r.streams) > kept {
		clear(r.streams)
	}
	r.streams[key] = stream
	return stream, nil
}

func (r *record) offered(cell, sequence int) (fault.Stream, error) {
	layer := r.header.Cells[cell].Layer
	var stream fault.Stream
	if layer == r.header.Cells[0].Layer {
		if sequence >= len(r.stimulus) {
			return nil, nil
		}
		var err error
		if stream, err = r.base.First(&r.stimulus[sequence]); err != nil {
			return nil, fmt.Errorf("sequence %d of the stimulus: %w", sequence, err)
		}
		if steps := r.steps[cell][sequence]; steps != len(stream) {
			return nil, fmt.Errorf("sequence %d of the stimulus has %d steps, that of the trace %d: give the stimulus that the trace was recorded from", sequence, len(stream), steps)
		}
	} else {
		var below []fault.Stream
		for i, c := range r.header.Cells {
			if c.Layer != layer-1 {
				continue
			}
			executed := r.outputs[i][sequence]
			inTime := make(fault.Stream, len(executed))
			for step, entry := range executed {
				inTime[fault.TimeOf(step, len(executed), c.Backward)] = entry
			}
			if len(below) > 0 && len(inTime) != len(below[0]) || len(inTime) == 0 || inTime[0].Fixed == nil {
				return nil, nil
			}
			below = append(below, inTime)
		}
		stream = fault.Join(below)
	}
	for i := range cell {
		if r.header.Cells[i].Layer == layer {
			return r.base.Passed(stream, i), nil
		}
	}
	return stream, nil
}

// initial gives the state of a cell before a frame: at a sequence's first step that of the stimulus, in the middle what was
// recorded.
func (r *record) initial(f *recordFrame) fault.Initial {
	if f.sequence < len(r.stimulus) && f.step == 0 {
		if given := r.stimulus[f.sequence].Initial; f.cell < len(given) {
			return fault.Initial(given[f.cell])
		}
		return fault.Initial{}
	}
	if f.step == 0 && !r.given {
		return fault.Initial{}
	}
	h, c := r.base.States(f.cell)
	var state fault.Initial
	if h >= 0 {
		state.H = append(state.H, f.values[h]...)
	}
	if c >= 0 {
		state.C = append(state.C, f.values[c]...)
	}
	return state
}
