package compile

import (
	"fmt"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// Severity is how much a finding matters.
type Severity string

// The severities: an Error keeps the model from being compiled, a Warning is about what is known from sources only, a Note about
// what is spent.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Finding is something that Lint says of a model.
type Finding struct {
	Severity Severity `json:"severity"`
	Graph    string   `json:"graph,omitempty"` // empty: of the whole model
	Text     string   `json:"text"`
}

// String gives "warning: graph: text".
func (f Finding) String() string {
	if f.Graph == "" {
		return fmt.Sprintf("%s: %s", f.Severity, f.Text)
	}
	return fmt.Sprintf("%s: %s: %s", f.Severity, f.Graph, f.Text)
}

// Lint says what compiling a model for a target comes to, before it is done: what is padded and what that wastes, how full the
// banks get, what is not proven to work, and what fails, all of it and not only the first. An error is about the options.
func Lint(m *xmodel.Model, o Options) ([]Finding, error) {
	target, core, err := o.resolve()
	if err != nil {
		return nil, fmt.Errorf("lint %s: %w", m.Source, err)
	}
	l := linter{target: target, core: core}
	if len(m.Cells) > 1 {
		l.add(Warning, "", "%d cells: how several layers are compiled is read from sources; no compiled file of that form is known", len(m.Cells))
	}
	var sources []*source
	for _, c := range m.Cells {
		s, err := readSource(c.Graph)
		if l.fail(err); err == nil {
			sources = append(sources, s)
		}
	}
	if len(sources) == len(m.Cells) && len(sources) > 0 {
		connected, _ := connect(sizes(m, sources))
		for i, f := range connected {
			p := &plan{source: sources[i], target: target, core: core, frames: f}
			l.cell(p, m.Cells[i].Backward)
			l.fail(p.checkCapacity())
		}
	}
	if l.failed {
		return l.findings, nil
	}
	compiled, err := compileFor(target, core, m)
	if l.fail(err); err == nil {
		l.compiled(compiled)
	}
	return l.findings, nil
}

// fail adds a finding for each of several errors.
func (l *linter) fail(err error) {
	if err == nil {
		return
	}
	l.failed = true
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		l.add(Error, "", "%v", err)
	}
}

type linter struct {
	target   *isa.Target
	core     *isa.Core
	findings []Finding
	failed   bool
}

func (l *linter) add(s Severity, graph, format string, args ...any) {
	l.findings = append(l.findings, Finding{s, graph, fmt.Sprintf(format, args...)})
}

func percent(part, all int) float64 { return 100 * float64(part) / float64(all) }

// cell says what padding costs a cell.
func (l *linter) cell(p *plan, backward bool) {
	rows, columns := len32(p.hidden, 2)*isa.ElementwiseWidth, len32(p.width(), 1)*isa.ElementwiseWidth
	if rows != p.hidden {
		l.add(Note, p.name, "%d units are padded to %d, the next multiple of %d; the values behind stay zero", p.hidden, rows, 2*isa.ElementwiseWidth)
	}
	switch {
	case p.width() != p.input:
		l.add(Note, p.name, "%d features lie in %d columns, with the padding between the two directions of the layer before; the weights of the others are zero", p.input, columns)
	case columns != p.input:
		l.add(Note, p.name, "%d features are padded to %d, the next multiple of %d; the weights of the others are zero", p.input, columns, isa.ElementwiseWidth)
	}
	gates := len(p.kind.Gates())
	used, all := gates*p.hidden*(p.input+p.hidden), gates*rows*(columns+rows)
	l.add(Note, p.name, "%d of %d multiplications a step are of use (%.1f %%); the rest multiplies padding", used, all, percent(used, all))
	weights := weightBytes(p.kind, p.width(), p.hidden)
	l.add(Note, p.name, "the matrices take %d of the %d bytes of each weight bank (%.1f %%), %d of them with values",
		weights, l.target.WeightCapacity, percent(weights, l.target.WeightCapacity), weights*used/all)
	vectors := p.in.step() + p.out.step()
	l.add(Note, p.name, "the frames of x and h take %d of the %d bytes of the vector bank (%.1f %%)", vectors, l.target.VectorCapacity, percent(vectors, l.target.VectorCapacity))
	if p.handedOn > 0 {
		l.add(Warning, p.name, "a layer of two directions hands x, or the other direction's h, on in the frames of h, by a SAVE from the vector bank; no compiled file does")
	}
	if backward {
		l.add(Warning, p.name, "a backward cell reads its frames from the last to the first; that the registers count down for it is inferred")
	}
}

// compiled says what only the finished streams show.
func (l *linter) compiled(c *xmodel.Compiled) {
	l.add(Note, "", "the weight blob has %d of %d bytes (%.1f %%)", len(c.Weights), isa.BlobSize, percent(len(c.Weights), isa.BlobSize))
	left, added := 0, 0
	for i := range c.Cells {
		for _, data := range [][]byte{c.Cells[i].Init, c.Cells[i].Loop} {
			s, err := isa.ParseSegment("", data)
			if err != nil {
				continue // our own words decode
			}
			for _, word := range s.Words {
				switch w := word.(type) {
				case *isa.MatMul:
					left += btoi(w.Shift < 0)
				case *isa.Multiply:
					left += btoi(w.Shift < 0)
				case *isa.Add:
					left += btoi(w.Shift < 0)
					added += btoi(w.Shift != 0)
				}
			}
		}
	}
	if left > 0 {
		l.add(Warning, "", "%d words shift to the left, which is read from sources; no compiled file does", left)
	}
	if added > 0 {
		l.add(Warning, "", "%d words of ADD shift their sum, which is read from sources; no compiled file does", added)
	}
}
