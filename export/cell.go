package export

import (
	"fmt"
	"math"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// parameter is a constant of a cell on its grid.
type parameter struct {
	name   string
	label  string
	shape  []int
	format fixed.Format
	values []int16
}

// cellModel is what the files of a cell are made of.
type cellModel struct {
	graph      string
	layer      int
	backward   bool
	kind       string // "lstm", "gru", or empty
	hasBias    bool
	input      int // features
	hidden     int // units
	parameters []parameter
	byName     map[string]*parameter
	formats    map[string]fixed.Format // of the nodes, by name
}

// readCell takes a cell's parameters and formats out of its graph. Parameters are quantized as the tool does it: clamp, else
// round half away from zero.
func readCell(c *xmodel.Cell) (*cellModel, error) {
	m := &cellModel{
		graph: c.Graph.Name, layer: c.Layer, backward: c.Backward,
		byName: map[string]*parameter{}, formats: map[string]fixed.Format{},
	}
	var err error
	if m.input, err = c.Input(); err != nil {
		return nil, err
	}
	if m.hidden, err = c.Output(); err != nil {
		return nil, err
	}
	ops := c.Graph.Index()
	for _, op := range c.Graph.Ops {
		if op.Type != "fix" {
			continue
		}
		format, err := xmodel.FixFormat(op)
		if err != nil {
			return nil, fmt.Errorf("op %q: %w", op.Name, err)
		}
		if format.Bits > 16 {
			return nil, fmt.Errorf("op %q: %d bits are not exported; the accelerator's values have 16 at most", op.Name, format.Bits)
		}
		name := xmodel.NodeName(m.graph, op.Name)
		inputs := op.Input("input")
		if len(inputs) != 1 || ops[inputs[0]] == nil || ops[inputs[0]].Type != "const" {
			m.formats[name] = format
			continue
		}
		p, err := readParameter(name, ops[inputs[0]], format)
		if err != nil {
			return nil, err
		}
		m.parameters = append(m.parameters, p)
	}
	for i := range m.parameters {
		m.byName[m.parameters[i].name] = &m.parameters[i]
	}
	m.recognise()
	return m, nil
}

func readParameter(name string, constant *xmodel.Op, format fixed.Format) (parameter, error) {
	p := parameter{name: name, label: xmodel.Label(name), format: format}
	values, err := xmodel.ConstFloats(constant)
	if err != nil {
		return p, err
	}
	for _, size := range constant.Output.Shape {
		p.shape = append(p.shape, int(size))
	}
	for i, v := range values {
		if math.IsNaN(float64(v)) {
			return p, fmt.Errorf("const %q: element %d is not a number", constant.Name, i)
		}
		p.values = append(p.values, int16(fixed.HalfAway.Quantize(float64(v), format)))
	}
	return p, nil
}

// recognise finds out whether the cell has the nodes and parameters of a standard one, by their names.
func (m *cellModel) recognise() {
	for _, kind := range []xmodel.CellKind{xmodel.GRU, xmodel.LSTM} {
		if m.hasAll(kind) {
			m.kind = kind.String()
			m.hasBias = len(xmodel.Parameters(kind, false)) < len(m.parameters)
			return
		}
	}
}

func (m *cellModel) hasAll(kind xmodel.CellKind) bool {
	nodes := 0
	for _, n := range xmodel.Nodes(kind) {
		if _, ok := m.formats[xmodel.Sanitize(n.Label)]; !ok {
			return false
		}
		if nodes++; n.Weight == "" {
			continue
		}
		columns := m.input
		if n.Reads[0] == "input_1" {
			columns = m.hidden
		}
		w := m.byName[n.Weight]
		if w == nil || len(w.shape) != 2 || w.shape[0] != m.hidden || w.shape[1] != columns || len(w.values) != m.hidden*columns {
			return false
		}
		if _, ok := m.formats[xmodel.PreFixName(xmodel.Sanitize(n.Label))]; ok {
			nodes++
		}
	}
	for _, bias := range []bool{false, true} {
		if len(m.parameters) == len(xmodel.Parameters(kind, bias)) && nodes == len(m.formats) {
			return true
		}
	}
	return false
}
