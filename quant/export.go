package quant

import (
	"fmt"

	"rnnsim/internal/fixed"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// Limits of the accelerator's shifter, as the original's export checks them: a matmul's sum may be shifted right by 0 to 16
// bits; a bias may be shifted by up to 16 to meet the sum, and left by what 24 bits of the sum leave of 8.
const (
	maxShift      = 16
	biasShiftBits = 24
	biasBaseBits  = 8
)

// export adjusts the positions of a calibrated network to what the accelerator can do, and gives a warning for each
// adjustment of a shift. In this order:
//
//	align: tables take position 15, all other nodes of a cell but input_0 that of its h_next
//	bias:  a linear's bias takes the position of the linear's output
//	shift: outputs and weights move until every shift is within the limits
func export(net *model.Network, info *Info, compat xmodel.Compat) ([]string, error) {
	e := newExporter(net, info, compat)
	for _, cell := range e.cells {
		e.align(cell)
	}
	e.eachLinear(func(l exportedLinear) {
		if l.bias != nil {
			l.bias.Position = l.output.Position
		}
	})
	e.eachLinear(e.checkShifts)
	for _, section := range info.sections() {
		for _, entry := range *section.entries {
			if err := entry.Format.Validate(); err != nil {
				return nil, fmt.Errorf("%s entry %q: %w: scale the model or its inputs", section.name, entry.Name, err)
			}
		}
	}
	return e.warnings, nil
}

// exporter finds the formats of an Info by name and changes them in place.
type exporter struct {
	kind     model.Kind
	compat   xmodel.Compat
	cells    []placedCell
	param    map[string]*fixed.Format
	output   map[string]*fixed.Format
	input    map[string]*fixed.Format
	warnings []string
}

func newExporter(net *model.Network, info *Info, compat xmodel.Compat) *exporter {
	return &exporter{
		kind: net.Kind, compat: compat, cells: placedCells(net),
		param: info.Param.byName(), output: info.Output.byName(), input: info.Input.byName(),
	}
}

// byName gives the formats of a section, to be read or changed.
func (s Section) byName() map[string]*fixed.Format {
	formats := make(map[string]*fixed.Format, len(s))
	for i := range s {
		formats[s[i].Name] = &s[i].Format
	}
	return formats
}

func (e *exporter) align(cell placedCell) {
	p := programOf(e.kind)
	hNext := e.output[nodeKey(cell.graph, p.ops[p.hNext].Label)].Position
	for i, o := range p.ops {
		format := e.output[nodeKey(cell.graph, o.Label)]
		switch {
		case o.isTable():
			format.Position = fixed.TablePosition
		case i != nodeX:
			format.Position = hNext
		}
	}
}

// exportedLinear is the formats around a linear. bias is nil where there is none.
type exportedLinear struct {
	name                string
	input, weight, bias *fixed.Format
	output              *fixed.Format
}

// eachLinear visits the linears of all cells in order of execution.
func (e *exporter) eachLinear(visit func(exportedLinear)) {
	p := programOf(e.kind)
	for _, cell := range e.cells {
		for _, o := range p.ops {
			if o.kind != opLinear {
				continue
			}
			l := exportedLinear{
				name:   nodeKey(cell.graph, o.Label),
				weight: e.param[paramKey(e.kind, e.compat, cell.graph, o.Weight)],
				output: e.output[nodeKey(cell.graph, o.Label)],
				input:  e.input[nodeKey(cell.graph, o.Label)],
			}
			if l.input == nil {
				l.input = e.output[nodeKey(cell.graph, p.ops[o.a].Label)]
			}
			if o.Bias != "" {
				l.bias = e.param[paramKey(e.kind, e.compat, cell.graph, o.Bias)]
			}
			visit(l)
		}
	}
}

func (e *exporter) checkShifts(l exportedLinear) {
	shift := l.weight.Position + l.input.Position - l.output.Position
	if shift < 0 {
		e.warn(l, "output", l.output, l.output.Position+shift, "the sum would have to be shifted left by %d bits", -shift)
	}
	if shift > maxShift {
		e.warn(l, "weight", l.weight, l.weight.Position-(shift-maxShift), "the sum would have to be shifted right by %d bits, %d are possible", shift, maxShift)
	}
	if l.bias == nil {
		return
	}
	biasShift := l.weight.Position + l.input.Position - l.bias.Position
	lowest := min(0, -(biasShiftBits - (biasBaseBits + shift)))
	if biasShift < lowest {
		e.warn(l, "bias", l.bias, l.bias.Position+biasShift-lowest, "the bias would have to be shifted by %d bits, %d is the lowest", biasShift, lowest)
	}
	if biasShift > maxShift {
		e.warn(l, "weight", l.weight, l.weight.Position-(biasShift-maxShift), "the bias would have to be shifted left by %d bits, %d are possible", biasShift, maxShift)
	}
}

// warn moves a format to a position and notes it with the reason.
func (e *exporter) warn(l exportedLinear, what string, format *fixed.Format, position int, reason string, numbers ...any) {
	e.warnings = append(e.warnings, fmt.Sprintf("%s: %s fix position lowered from %d to %d: %s",
		l.name, what, format.Position, position, fmt.Sprintf(reason, numbers...)))
	format.Position = position
}
