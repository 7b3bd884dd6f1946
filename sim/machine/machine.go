package machine

import (
	"fmt"
	"maps"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// Options are how a compiled model is run.
type Options struct {
	// Seed is what the random contents of the memories come from, which every run begins with. A sound program gives the same
	// results for every seed.
	Seed uint64
	// View says what the frames hold, as compile.Lift finds out. Nil takes every cell for a layer whose frames are x and h.
	View *xmodel.View
	// Meta is provenance that the header of a trace gets in addition.
	Meta map[string]string
	// Results, where it is not nil, gets what every instruction wrote, a lane at a time. Its slices are valid until it returns. An
	// error from it stops the run.
	Results func(*WordResult) error
}

// Machine is a compiled model that is ready to run. It does not change, and may run any number of times, also at once.
type Machine struct {
	options Options
	program *program
	view    *xmodel.View
	extents extents
	input   fixed.Format
	output  fixed.Format
	header  dump.Header
	probes  []*probe // a cell
}

// New decodes a compiled model and checks every word of it against the target, the weight blob and the register maps. Errors name
// the file, the segment, the word and the field.
func New(c *xmodel.Compiled, options Options) (*Machine, error) {
	p, err := decode(c)
	if err != nil {
		return nil, sourced(c, err)
	}
	m := &Machine{
		options: options, program: p, view: options.View, extents: p.extents(),
		input: fixed.Format{Bits: 16, Position: c.InputPosition}, output: fixed.Format{Bits: 16, Position: c.OutputPosition},
	}
	for _, f := range []fixed.Format{m.input, m.output} {
		if err := f.Validate(); err != nil {
			return nil, sourced(c, err)
		}
	}
	if m.view == nil {
		m.view = c.PlainView()
	}
	if err := m.view.Check(c); err != nil {
		return nil, sourced(c, err)
	}
	m.describe()
	return m, nil
}

// sourced adds the file to an error.
func sourced(c *xmodel.Compiled, err error) error {
	if c.Source == "" {
		return fmt.Errorf("compiled model: %w", err)
	}
	return fmt.Errorf("compiled model %s: %w", c.Source, err)
}

// Input is the number of features of a step of x, and the grid that real numbers are brought to.
func (m *Machine) Input() (features int, grid fixed.Format) {
	return m.program.cells[0].LoadX.Values(), m.input
}

// Output is the number of values of a step of Result.Output, and their grid.
func (m *Machine) Output() (units int, grid fixed.Format) {
	return len(m.view.Columns), m.output
}

// Lanes is how many sequences run at once.
func (m *Machine) Lanes() int { return m.program.lanes() }

// Header describes the frames that Run gives to its sink.
func (m *Machine) Header() dump.Header { return m.header }

// describe writes the header.
func (m *Machine) describe() {
	m.header.Meta = map[string]string{"rnnsim.origin": "machine"}
	maps.Copy(m.header.Meta, m.options.Meta)
	for i := range m.program.cells {
		view, probe := &m.view.Cells[i], m.newProbe(i)
		m.probes = append(m.probes, probe)
		m.header.Cells = append(m.header.Cells, dump.Cell{
			Graph: view.Graph, Layer: view.Layer, Backward: m.program.cells[i].reversed, Nodes: probe.nodes,
		})
	}
}

// engine is what one run works with: its chip, and the words made ready for it.
type engine struct {
	*Machine
	chip  *chip
	cells []preparedCell
	end   []operation
}

type preparedCell struct{ init, loop []operation }

func (m *Machine) engine() *engine {
	e := &engine{Machine: m, chip: newChip(m.extents, m.program.lanes(), m.options.Seed)}
	for i := range m.program.cells {
		c := &m.program.cells[i]
		e.cells = append(e.cells, preparedCell{init: m.prepareSegment(c.init, c), loop: m.prepareSegment(c.loop, c)})
	}
	e.end = m.prepareSegment(m.program.end, m.program.last())
	return e
}
