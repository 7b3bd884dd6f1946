package fault

import "fmt"

// parameters lists what can be wrong with how the weights lie in memory.
func (l *lister) parameters() {
	for _, p := range l.sides() {
		set := func(p place, kind, text string, relaid func(weights []int16, columns int) []int16) {
			l.at(p, kind, text, func(n *node) { n.product.weights = relaid(n.product.weights, n.product.columns) })
		}
		set(p, "weights-transposed", "reads its weights as if they lay column by column", func(w []int16, columns int) []int16 {
			return transpose(w, columns, len(w)/columns)
		})
		set(p.only(func(_ *cell, n *node) bool { return n.product.bits > 8 }), "weights-bytes-swapped", "reads its weights with the bytes exchanged",
			func(w []int16, _ int) []int16 { return mapped(w, swapBytes) })
		set(p, "weights-words-swapped", "reads every two weights in the wrong order", func(w []int16, _ int) []int16 {
			swapped := append([]int16(nil), w...)
			for i := 0; i+1 < len(swapped); i += 2 {
				swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			}
			return swapped
		})
		set(p, "weights-next-unit", "reads the weights of the next unit", func(w []int16, columns int) []int16 { return rotated(w, columns) })
		set(p, "weights-next-column", "reads the weights of the next column", func(w []int16, _ int) []int16 { return rotated(w, 1) })
		set(p, "weights-reversed", "reads the weights of its units in the opposite order", func(w []int16, columns int) []int16 {
			var turned []int16
			for at := len(w) - columns; at >= 0; at -= columns {
				turned = append(turned, w[at:at+columns]...)
			}
			return turned
		})
		set(p, "first-column-left-out", "leaves out the first of its operand's values", func(w []int16, columns int) []int16 { return without(w, columns, 0) })
		set(p, "last-column-left-out", "leaves out the last of its operand's values", func(w []int16, columns int) []int16 { return without(w, columns, columns-1) })
	}
}

// without gives weights whose column is zero.
func without(weights []int16, columns, column int) []int16 {
	copied := append([]int16(nil), weights...)
	for at := column; at < len(copied); at += columns {
		copied[at] = 0
	}
	return copied
}

// samples lists single wrong bits of parameters: a few in every corner of each. WeightBits and BiasBits give all of a unit.
func (l *lister) samples() {
	for at, n := range l.cell.nodes {
		if !isMatmul(n) {
			continue
		}
		rows, columns := n.width, n.product.columns
		for _, place := range [][2]int{{0, 0}, {rows / 2, columns / 2}, {rows - 1, columns - 1}} {
			for _, bit := range []int{0, n.product.bits / 2, n.product.bits - 1} {
				l.take(weightBit(l.cell, at, place[0], place[1], bit))
			}
			if hasBias(n) {
				l.take(biasBit(l.cell, at, place[0], 0), biasBit(l.cell, at, place[0], 15))
			}
		}
	}
}

// take lists faults that are made elsewhere.
func (l *lister) take(faults ...*Fault) {
	for _, f := range faults {
		if !l.seen[f.ID] {
			l.seen[f.ID] = true
			l.faults = append(l.faults, f)
		}
	}
}

// WeightBits lists, for one unit of a matmul, every fault that is one wrong bit of one weight or of the bias.
func (b *Base) WeightBits(cell, node, unit int) []*Fault {
	c := b.cells[cell]
	n := c.nodes[node]
	if !isMatmul(n) || unit >= n.width {
		return nil
	}
	var faults []*Fault
	for column := range n.product.columns {
		for bit := range n.product.bits {
			faults = append(faults, weightBit(c, node, unit, column, bit).In(cell))
		}
	}
	if hasBias(n) {
		for bit := range 16 {
			faults = append(faults, biasBit(c, node, unit, bit).In(cell))
		}
	}
	return faults
}

func weightBit(c *cell, node, unit, column, bit int) *Fault {
	name := c.nodes[node].name
	return &Fault{
		ID: fmt.Sprintf("%s/weight-bit-%d-%d-%d", name, unit, column, bit), Kind: "weight-bit", Place: name, Cell: EveryCell,
		Text: fmt.Sprintf("bit %d of the weight of unit %d, column %d of %s is flipped", bit, unit, column, quoted(c.nodes[node])),
		alter: func(c *cell) {
			if at := c.find(name); at >= 0 && unit < c.nodes[at].width && column < c.nodes[at].product.columns {
				p := &c.touch(at).product
				flip(&p.weights, unit*p.columns+column, bit, p.bits)
			}
		},
	}
}

func biasBit(c *cell, node, unit, bit int) *Fault {
	name := c.nodes[node].name
	return &Fault{
		ID: fmt.Sprintf("%s/bias-bit-%d-%d", name, unit, bit), Kind: "bias-bit", Place: name, Cell: EveryCell,
		Text: fmt.Sprintf("bit %d of the bias of unit %d of %s is flipped", bit, unit, quoted(c.nodes[node])),
		alter: func(c *cell) {
			if at := c.find(name); at >= 0 && unit < len(c.nodes[at].product.bias) {
				flip(&c.touch(at).product.bias, unit, bit, 16)
			}
		},
	}
}

// flip turns one bit of a number of so many bits over, in a copy.
func flip(values *[]int16, at, bit, bits int) {
	copied := append([]int16(nil), *values...)
	copied[at] = (copied[at] ^ 1<<bit) << (16 - bits) >> (16 - bits)
	*values = copied
}

// StuckBits lists the faults that are one bit of the weights, or of the biases, stuck at 0 or 1 in one of so many lanes: in the
// units u with u mod lanes = lane. One lane is all units.
func (b *Base) StuckBits(lanes, lane int) []*Fault {
	var faults []*Fault
	bits := 16
	for _, c := range b.cells {
		for _, n := range c.nodes {
			if isMatmul(n) {
				bits = n.product.bits
			}
		}
	}
	where := fmt.Sprintf("in lane %d of %d", lane, lanes)
	if lanes == 1 {
		where = "in every unit"
	}
	for bit := range bits {
		for value := range 2 {
			faults = append(faults, stuck("weights", where, bit, value, lanes, lane, func(n *node) (*[]int16, int) { return &n.product.weights, n.product.columns }))
		}
	}
	for bit := range 16 {
		for value := range 2 {
			faults = append(faults, stuck("biases", where, bit, value, lanes, lane, func(n *node) (*[]int16, int) { return &n.product.bias, 1 }))
		}
	}
	return faults
}

func stuck(what, where string, bit, value, lanes, lane int, of func(*node) (values *[]int16, columns int)) *Fault {
	return &Fault{
		ID: fmt.Sprintf("%s/bit-%d-stuck-at-%d-lane-%d-of-%d", what, bit, value, lane, lanes), Kind: "stuck-bit", Place: what, Cell: EveryCell,
		Text: fmt.Sprintf("bit %d of the %s is stuck at %d %s", bit, what, value, where),
		alter: func(c *cell) {
			for _, at := range c.where(isMatmul) {
				if what == "biases" && !hasBias(c.nodes[at]) {
					continue
				}
				n := c.touch(at)
				values, columns := of(n)
				copied := append([]int16(nil), *values...)
				bits := n.product.bits
				if what == "biases" {
					bits = 16
				}
				for i, v := range copied {
					if i/columns%lanes != lane {
						continue
					}
					copied[i] = v | 1<<bit
					if value == 0 {
						copied[i] = v &^ (1 << bit)
					}
					copied[i] = copied[i] << (16 - bits) >> (16 - bits)
				}
				*values = copied
			}
		},
	}
}
