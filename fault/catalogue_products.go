package fault

import (
	"fmt"

	"rnnsim/internal/fixed"
)

// biases lists what can become of a bias.
func (l *lister) biases() {
	places := append(l.singles(hasBias), all("biases", "every linear with a bias", hasBias))
	for _, p := range places {
		for _, b := range []struct {
			kind, text string
			biasing    biasing
		}{
			{"bias-omitted", "leaves out the bias", biasNone},
			{"bias-before-shift", "adds the bias to the accumulator, before the shift: one saturation where there should be two", biasBefore},
			{"bias-unaligned", "adds the bias to the accumulator as it is, not aligned to its position", biasRaw},
			{"bias-twice", "adds the bias twice", biasTwice},
			{"bias-subtracted", "subtracts the bias", biasSubtracted},
			{"one-saturation", "does not saturate the product before the bias is added", biasUnclamped},
		} {
			l.at(p, b.kind, b.text, func(n *node) { n.product.biasing = b.biasing })
		}
		l.at(p, "bias-doubled-position", "aligns the bias one bit too far to the left", func(n *node) { n.product.biasError = 1 })
		l.at(p, "bias-halved-position", "aligns the bias one bit too far to the right", func(n *node) { n.product.biasError = -1 })
		l.at(p, "bias-bytes-swapped", "reads its bias with the bytes exchanged", func(n *node) { n.product.bias = mapped(n.product.bias, swapBytes) })
		l.at(p, "bias-next-unit", "adds the bias of the next unit", func(n *node) { n.product.bias = rotated(n.product.bias, 1) })
		l.at(p, "bias-low-byte", "reads only the low byte of its bias", func(n *node) { n.product.bias = mapped(n.product.bias, lowByte) })
		l.at(p, "bias-high-byte", "reads only the high byte of its bias", func(n *node) { n.product.bias = mapped(n.product.bias, highByte) })
	}
}

// sides are the products of x, of h, and both.
func (l *lister) sides() []place {
	side := func(name, text string, from func(*cell) int) place {
		return all(name, text, isMatmul).only(func(c *cell, n *node) bool { return c.source(n) == from(c) })
	}
	return append(l.singles(isMatmul),
		side("x-products", "every product of x", func(c *cell) int { return c.x }),
		side("h-products", "every product of h", func(c *cell) int { return c.h }),
		all("products", "every matrix product", isMatmul))
}

// source is the input of the cell that a product reads, also where it reads a cut of it.
func (c *cell) source(n *node) int {
	at := n.reads[0].node
	for c.nodes[at].op == "fix" {
		at = c.nodes[at].reads[0].node
	}
	return at
}

// products lists what can be wrong with the multiplier, the adder and the accumulator.
func (l *lister) products() {
	for _, p := range l.sides() {
		for _, bits := range []int{16, 18, 20, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 36} {
			narrow := p.only(func(_ *cell, n *node) bool { return n.product.reach(n.op) >= int64(1)<<(bits-1) })
			l.at(narrow, fmt.Sprintf("accumulator-%d-bits", bits), fmt.Sprintf("accumulates in %d bits, which wrap around", bits),
				func(n *node) { n.product.accumulator, n.product.saturating = bits, false })
			if bits == 24 || bits == 28 || bits >= 31 && bits <= 32 {
				l.at(narrow, fmt.Sprintf("accumulator-saturates-%d-bits", bits), fmt.Sprintf("accumulates in %d bits, which saturate after each product", bits),
					func(n *node) { n.product.accumulator, n.product.saturating = bits, true })
			}
		}
		for _, bit := range []int{8, 16} {
			l.at(p, fmt.Sprintf("carry-lost-%d", bit), fmt.Sprintf("accumulates without the carry into bit %d", bit), func(n *node) { n.product.carry = bit })
		}
		l.at(p.only(dropsBits), "shifts-each-product", "shifts each product before it is added, not the sum", func(n *node) {
			n.product.dropEach, n.product.dropToGrid = 0, true
		})
		l.at(p, "drops-8-bits-each", "drops the low 8 bits of each product", func(n *node) { n.product.dropEach, n.product.dropToGrid = 8, false })
		l.at(p, "operand-unsigned", "takes its operand as an unsigned number", func(n *node) { n.reads[0].lens = unsigned })
		l.at(p, "operand-negated", "negates its operand", func(n *node) { n.reads[0].lens = negated })
		l.at(p.only(func(_ *cell, n *node) bool { return n.reads[0].format.Bits > 8 }), "operand-bytes-swapped", "reads its operand with the bytes exchanged", func(n *node) { n.reads[0].lens = bytesSwapped })
		l.at(p, "weights-unsigned", "takes its weights as unsigned numbers", func(n *node) {
			mask := int64(1)<<n.product.bits - 1
			n.product.weightLens = func(w int16) int64 { return int64(w) & mask }
		})
		l.at(p, "operand-late", "reads its operand of the step before", func(n *node) { n.reads[0].delay = 1 })
		uncut := p.only(func(c *cell, n *node) bool { return isCut(c.nodes[n.reads[0].node]) })
		if len(uncut.nodes(l.cell)) > 0 {
			l.add(p.name, "operand-not-narrowed", p.text+" reads its operand before it is narrowed", func(c *cell) {
				for _, at := range uncut.nodes(c.sound) {
					// Where x and h are exchanged it reads what the cut does.
					cut := c.nodes[c.sound.nodes[at].reads[0].node].reads[0]
					o := &c.touch(at).reads[0]
					o.node, o.format, o.position, o.atStart, o.useStart = cut.node, cut.format, cut.position, cut.atStart, cut.useStart
				}
			})
		}
	}
	for _, p := range append(l.singles(isCut), all("cuts", "every narrowed input of a product", isCut)) {
		l.at(p, "takes-low-bits", "takes the low bits of its input where it should take the high ones", func(n *node) {
			n.point.shiftError, n.point.overflow = n.point.position-n.reads[0].position, wrapsAround
		})
		l.at(p, "truncates-and-wraps", "rounds towards zero and wraps around", func(n *node) { n.point.rounding, n.point.overflow = towardsZero, wrapsAround })
	}
}

// reach is the largest magnitude that the accumulator can have, from the weights and 16-bit operands.
func (p *product) reach(op string) int64 {
	if op != "matmul" {
		return 0
	}
	var largest int64
	for at := 0; at < len(p.weights); at += p.columns {
		var sum int64
		for _, w := range p.weights[at : at+p.columns] {
			sum += max(int64(w), -int64(w))
		}
		largest = max(largest, sum)
	}
	return largest << 15
}

func unsigned(v int16, f fixed.Format) int64     { return int64(v) & (1<<f.Bits - 1) }
func negated(v int16, _ fixed.Format) int64      { return -int64(v) }
func bytesSwapped(v int16, _ fixed.Format) int64 { return int64(swapBytes(v)) }
func swapBytes(v int16) int16                    { return int16(uint16(v)<<8 | uint16(v)>>8) }
func lowByte(v int16) int16                      { return int16(int8(v)) }
func highByte(v int16) int16                     { return v &^ 0xff }

func mapped(values []int16, f func(int16) int16) []int16 {
	result := make([]int16, len(values))
	for i, v := range values {
		result[i] = f(v)
	}
	return result
}

// rotated moves the values towards the front.
func rotated(values []int16, by int) []int16 {
	return append(append([]int16(nil), values[by%len(values):]...), values[:by%len(values)]...)
}
