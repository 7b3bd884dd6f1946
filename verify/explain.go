package verify

import (
	"context"
	"errors"
	"fmt"
	"io"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/golden"
	"rnnsim/xmodel"
)

// Explanation is the whole way to one value: operands, products, accumulator, bias, shift, remainder, saturation, table index.
type Explanation struct {
	Address Address `json:"address"`
	Graph   string  `json:"graph"`
	Label   string  `json:"label"`
	Op      string  `json:"op"`
	Format  string  `json:"format"`
	// Got is what the trace holds, Follows what its own operands give, and Want what the other trace holds.
	Got     *Value `json:"got,omitempty"`
	Follows *Value `json:"follows,omitempty"`
	Want    *Value `json:"want,omitempty"`
	// Terms are what is summed up, a line each, and Steps what becomes of it.
	Terms []Term        `json:"terms,omitempty"`
	Steps []ExplainedAs `json:"steps,omitempty"`
	// Findings say which term is off, as far as it can be told.
	Findings []string `json:"findings,omitempty"`
}

// Number is an integer at a fix position.
type Number struct {
	Int      int64   `json:"int"`
	Position int     `json:"position"`
	Hex      string  `json:"hex"`
	Real     float64 `json:"real"`
}

// Term is one operand, or one product of a sum.
type Term struct {
	Name string `json:"name"`
	// A and B are the factors of a product; B is nil for a plain operand, whose value A is.
	A       Number  `json:"a"`
	B       *Number `json:"b,omitempty"`
	BName   string  `json:"b_name,omitempty"`
	Product *Number `json:"product,omitempty"`
	// Want is what the other trace holds in the place of A, where there is one and it differs.
	Want *Number `json:"want,omitempty"`
}

// ExplainedAs is one step from the operands to the value.
type ExplainedAs struct {
	Name   string  `json:"name"`
	Number *Number `json:"number,omitempty"`
	Note   string  `json:"note,omitempty"`
}

// ExplainOptions say where the operands of a value are.
type ExplainOptions struct {
	Compat xmodel.Compat
	// Got is the trace with the value; Want is another one to hold it against, or nil. Neither is closed.
	Got, Want dump.Source
}

// Explain shows how a value of a trace follows, or does not, from what the trace recorded for the nodes that it is computed from.
func Explain(ctx context.Context, model *xmodel.Model, address Address, options ExplainOptions) (*Explanation, error) {
	fail := func(err error) (*Explanation, error) { return nil, fmt.Errorf("explain %s: %w", address, err) }
	if address.Step == NoStep {
		return fail(errors.New("it is a parameter, which nothing computes"))
	}
	exact, err := golden.NewExact(model, options.Compat)
	if err != nil {
		return fail(err)
	}
	base, err := fault.New(model, options.Compat)
	if err != nil {
		return fail(err)
	}
	e := &explainer{exact: exact, base: base, header: base.Header(), address: address}
	if err := e.find(); err != nil {
		return fail(err)
	}
	if e.got, err = e.read(ctx, options.Got); err != nil {
		return fail(fmt.Errorf("the got side: %w", err))
	}
	if options.Want != nil {
		if e.want, err = e.read(ctx, options.Want); err != nil {
			return fail(fmt.Errorf("the wanted side: %w", err))
		}
	}
	if err := e.explain(); err != nil {
		return fail(err)
	}
	return &e.result, nil
}

// explainer is the state of one Explain.
type explainer struct {
	exact     *golden.Exact
	base      *fault.Base
	header    dump.Header
	address   Address
	cell      int
	place     int
	info      *golden.NodeInfo
	got, want *moment
	result    Explanation
}

// moment is what one trace recorded at a step, and at the one before; nil values are not recorded.
type moment struct {
	now, before [][]int16
}

func (e *explainer) find() error {
	a := e.address
	for i, cell := range e.header.Cells {
		if cell.Layer != a.Layer || cell.Backward != a.Backward {
			continue
		}
		for j, n := range cell.Nodes {
			if n.Name != a.Node {
				continue
			}
			if a.Index >= n.Width {
				return fmt.Errorf("%s has %d values", n.Name, n.Width)
			}
			info, err := e.exact.Describe(i, n.Name)
			if err != nil {
				return err
			}
			e.cell, e.place, e.info = i, j, info
			e.result = Explanation{Address: a, Graph: cell.Graph, Label: n.Label, Op: n.Op, Format: formatOf(n)}
			return nil
		}
		return fmt.Errorf("graph %s has no node %s; it has %s", cell.Graph, a.Node, nodesOf(cell))
	}
	return fmt.Errorf("the model has no layer %d in direction %s", a.Layer, direction(a.Backward))
}

func nodesOf(cell dump.Cell) string {
	var names []string
	for _, n := range cell.Nodes {
		names = append(names, n.Name)
	}
	return listed(names)
}

// read finds the frame of the address in a trace, and the one before it.
func (e *explainer) read(ctx context.Context, source dump.Source) (*moment, error) {
	r := &record{base: e.base, header: e.header}
	if err := r.join(source.Header()); err != nil {
		return nil, err
	}
	m := &moment{}
	var frame dump.Frame
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := source.Next(&frame)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if cell, ok := r.ofTrace[frame.Cell]; !ok || cell != e.cell || frame.Sequence != e.address.Sequence {
			continue
		}
		switch frame.Step {
		case e.address.Step - 1:
			m.before = r.copied(e.cell, &frame)
		case e.address.Step:
			m.now = r.copied(e.cell, &frame)
		}
		if m.now != nil && (m.before != nil || e.address.Step == 0) {
			break
		}
	}
	if m.now == nil {
		return nil, fmt.Errorf("the trace has no sequence %d, step %d of this cell", e.address.Sequence, e.address.Step)
	}
	return m, nil
}

// copied gives a frame's values in the order of the model's nodes.
func (r *record) copied(cell int, frame *dump.Frame) [][]int16 {
	values := make([][]int16, len(r.columns[cell]))
	for i, column := range r.columns[cell] {
		if column >= 0 && columnOf(frame, column).len() == r.header.Cells[cell].Nodes[i].Width {
			values[i] = append([]int16{}, columnOf(frame, column).ints...)
		}
	}
	return values
}

// of gives the recorded values of a node by its name, or nil.
func (e *explainer) of(values [][]int16, name string) []int16 {
	for i, n := range e.header.Cells[e.cell].Nodes {
		if n.Name == name && i < len(values) {
			return values[i]
		}
	}
	return nil
}

func (e *explainer) explain() error {
	index, format := e.address.Index, e.info.Format
	value := func(m *moment) *Value {
		if m == nil || m.now[e.place] == nil {
			return nil
		}
		v := fixedValue(int64(m.now[e.place][index]), format)
		return &v
	}
	e.result.Got, e.result.Want = value(e.got), value(e.want)
	follows, ok, err := e.steps()
	if err != nil {
		return err
	}
	if ok {
		v := fixedValue(follows, format)
		e.result.Follows = &v
	}
	e.judge()
	return nil
}
