package fault

import (
	"fmt"

	"rnnsim/internal/fixed"
)

// elements lists what can be wrong with elementwise sums and products: signs, operands, and what a table's output is taken for.
func (l *lister) elements() {
	for _, p := range append(l.singles(isSum), all("sums", "every addition", isSum)) {
		l.at(p, "second-negated", "has the sign of its second operand wrong", func(n *node) { n.add.negateSecond = n.op == "add" })
		l.at(p, "first-negated", "has the sign of its first operand wrong", func(n *node) { n.add.negateFirst = true })
		l.at(p, "first-left-out", "leaves out its first operand", func(n *node) { n.add.skipFirst = true })
		l.at(p, "second-left-out", "leaves out its second operand", func(n *node) { n.add.skipSecond = true })
		l.at(p, "carry-lost-8", "adds without the carry into bit 8", func(n *node) { n.add.carry = 8 })
		for i, which := range []string{"first", "second"} {
			l.at(p, which+"-doubled", "aligns its "+which+" operand one bit too far to the left", func(n *node) { n.reads[i].lens = func(v int16, _ fixed.Format) int64 { return 2 * int64(v) } })
			l.at(p, which+"-halved", "aligns its "+which+" operand one bit too far to the right", func(n *node) { n.reads[i].lens = func(v int16, _ fixed.Format) int64 { return int64(v) >> 1 } })
			l.at(p, which+"-bytes-swapped", "reads its "+which+" operand with the bytes exchanged", func(n *node) { n.reads[i].lens = bytesSwapped })
		}
	}
	for _, p := range append(l.singles(isMul), all("multiplications", "every elementwise product", isMul)) {
		for i, which := range []string{"first", "second"} {
			for _, lens := range []struct {
				kind, text string
				lens       lens
			}{
				{"negated", "has the sign of its %s operand wrong", negated},
				{"unsigned", "takes its %s operand as an unsigned number", unsigned},
				{"bytes-swapped", "reads its %s operand with the bytes exchanged", bytesSwapped},
				{"8-bits", "takes only the high 8 bits of its %s operand", func(v int16, _ fixed.Format) int64 { return int64(v) >> 8 << 8 }},
				{"one-exact", "takes the largest value of its %s operand for one", func(v int16, _ fixed.Format) int64 { return int64(v) + one64(v == 1<<15-1) }},
				{"complement", "takes one minus its %s operand", func(v int16, f fixed.Format) int64 { return fixed.ShiftRight(1, -f.Position) - int64(v) }},
			} {
				p := p
				if lens.kind == "one-exact" { // only what stands at position 15 comes within 1 LSB of one
					p = p.only(func(_ *cell, n *node) bool { return n.reads[i].format.Position == tablePosition })
				}
				l.at(p, which+"-"+lens.kind, fmt.Sprintf(lens.text, which), func(n *node) { n.reads[i].lens = lens.lens })
			}
		}
		l.at(p, "shifts-16", "shifts as if its first operand stood at position 16", func(n *node) { n.reads[0].position = n.reads[0].format.Position + 1 })
	}
	l.wrongOperands()
}

func one64(condition bool) int64 {
	if condition {
		return 1
	}
	return 0
}

// wrongOperands lists the nodes that read another node than they should.
func (l *lister) wrongOperands() {
	activations := l.cell.where(isTable)
	for at, n := range l.cell.nodes {
		for i := range n.reads {
			read := l.cell.nodes[n.reads[i].node]
			if isMul(n) && isTable(read) {
				for _, other := range activations {
					if other < at && other != n.reads[i].node {
						l.reads(n, i, l.cell.nodes[other].name)
					}
				}
			}
		}
	}
	for _, w := range []struct {
		node  string
		read  int
		other string
	}{
		{"h_next", 1, "c_next"}, {"h_next", 1, "cct"}, {"c_temp", 0, "input_2"}, {"c_next", 1, "input_2"}, {"ft_input_2", 1, "input_1"},
		{"y_g", 1, "w_hg___input_1___bias_hg"}, {"ft_input_1", 1, "input_0"}, {"cct_ft_cct", 0, "ft"},
	} {
		at := l.cell.find(w.node)
		if at >= 0 && l.cell.find(w.other) >= 0 && w.read < len(l.cell.nodes[at].reads) && l.cell.nodes[l.cell.find(w.other)].width == l.cell.nodes[at].width {
			l.reads(l.cell.nodes[at], w.read, w.other)
		}
	}
	l.cutForWhole()
	l.resetFirst()
}

func (l *lister) reads(n *node, i int, other string) {
	right := quoted(l.cell.nodes[n.reads[i].node])
	text := quoted(n) + " reads " + quoted(l.cell.nodes[l.cell.find(other)]) + " where it should read " + right
	name := n.name
	l.add(name, "reads-"+other+"-for-operand-"+string(rune('1'+i)), text, func(c *cell) {
		at, from := c.find(name), c.find(other)
		if at >= 0 && from >= 0 && i < len(c.nodes[at].reads) {
			c.touch(at).reads[i].from(c, from)
		}
	})
}

// cutForWhole is the original's quantization in place: an 8-bit GRU's ft*input_1 reads the h that was narrowed for a product.
func (l *lister) cutForWhole() {
	const name = "ft_input_1"
	at := l.cell.find(name)
	cuts := l.cell.where(func(n *node) bool { return isCut(n) && l.cell.source(&node{reads: n.reads}) == l.cell.h })
	if at < 0 || len(cuts) == 0 || isCut(l.cell.nodes[l.cell.nodes[at].reads[1].node]) {
		return
	}
	last := l.cell.nodes[cuts[len(cuts)-1]].name
	text := fmt.Sprintf("%s reads h as it was narrowed to %d bits for a product, where it should read all of h", quoted(l.cell.nodes[at]), l.cell.nodes[cuts[0]].point.bits)
	l.add(name, "reads-narrowed-h", text, func(c *cell) {
		at, from := c.find(name), c.find(last)
		if at >= 0 && from >= 0 {
			c.touch(at).reads[1].from(c, from)
		}
	})
}

// resetFirst is a GRU whose reset gate is put to h before the product and not to the product.
func (l *lister) resetFirst() {
	const name, product, reset, h = "it__w_hg___input_1___bias_hg_", "w_hg___input_1___bias_hg", "it", "input_1"
	if l.cell.find(name) < 0 || l.cell.find(product) < 0 {
		return
	}
	l.add(name, "reset-before-product", "the reset gate is multiplied with h before the product, not with the product", func(c *cell) {
		at, linear, gate, state := c.find(name), c.find(product), c.find(reset), c.find(h)
		if at < 0 || linear < 0 || gate < 0 || state < 0 {
			return
		}
		c.touch(at).instead = func(f *Follower, n *node, out []int16) bool {
			r, x := f.now[gate], f.now[state]
			if r == nil || x == nil {
				return false
			}
			m, s := f.cell.nodes[linear], f.cell.nodes[state]
			gated := make([]int16, len(x))
			for i := range gated {
				gated[i] = f.cuts(m.reads[0].node, s.point.take(int64(r[i])*int64(x[i]), f.cell.nodes[gate].format.Position+s.format.Position))
			}
			for row := range out {
				value := m.product.finish(m.product.row(row, gated, &m.reads[0], m.format.Position), m.reads[0].position+m.product.position, row, &m.point)
				out[row] = n.point.take(int64(value), m.format.Position)
			}
			return true
		}
	})
}
