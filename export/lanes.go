package export

import "strings"

// packLanes gives the lines of the files that LaneFiles describes: one word a line, the value of the highest lane first.
func (m *cellModel) packLanes(lanes int) (weights, biases []byte) {
	groups := (m.hidden + lanes - 1) / lanes
	for group := range groups {
		for _, gate := range gates {
			for _, w := range []*parameter{m.byName["weight_i"+gate], m.byName["weight_h"+gate]} {
				columns := w.shape[1]
				for column := range columns {
					weights = m.packWord(weights, w, lanes, group, func(unit int) int { return unit*columns + column })
				}
			}
			biases = m.packWord(biases, m.byName["bias_"+gate], lanes, group, func(unit int) int { return unit })
		}
	}
	return weights, biases
}

// packWord appends the word of a group's units. p is nil where the cell has no biases.
func (m *cellModel) packWord(text []byte, p *parameter, lanes, group int, at func(unit int) int) []byte {
	bits := 16
	if p != nil {
		bits = p.format.Bits
	}
	for lane := lanes - 1; lane >= 0; lane-- {
		var v int16
		if unit := group*lanes + lane; p != nil && unit < m.hidden {
			v = p.values[at(unit)]
		}
		text = appendWord(text, int64(v), bits)
	}
	return append(text, '\n')
}

// laneBits is the width of the weights, which the packing needs to be whole digits and the same for all; 0 where it is not.
func (m *cellModel) laneBits() int {
	bits := 0
	for i := range m.parameters {
		p := &m.parameters[i]
		switch isBias := strings.HasPrefix(p.name, "bias"); {
		case isBias && p.format.Bits != 16:
			return 0
		case isBias:
		case p.format.Bits%4 != 0 || bits != 0 && bits != p.format.Bits:
			return 0
		default:
			bits = p.format.Bits
		}
	}
	return bits
}
