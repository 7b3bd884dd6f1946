package fault

import (
	"fmt"
	"slices"
)

// duals gives the node as functions of one integer; false says that the fault makes it none.
func (p *prover) duals(n, m *node) ([]dual, bool) {
	bounds := p.bounds[p.number]
	switch {
	case n.op == "matmul":
		return p.linear(n, m, bounds[n.reads[0].node])
	case n.op == "data" && !n.state.isState:
		return p.entered(n, m)
	case len(n.reads) == 1:
		return unaryDuals(n, m, bounds[n.reads[0].node]), true
	case len(n.reads) != 2 || n.reads[0].lens != nil || n.reads[1].lens != nil || m.reads[0].lens != nil || m.reads[1].lens != nil || n.add != m.add:
		return nil, false
	}
	first, second := n.reads[0], n.reads[1]
	positions := [2]int{first.position + second.position, m.reads[0].position + m.reads[1].position}
	join := Range.times
	if isSum(n) {
		finest := max(first.position, second.position)
		up := [2]int{finest - first.position, finest - second.position}
		if max(up[0], up[1]) > mostAlignment || m.reads[0].position != first.position || m.reads[1].position != second.position || n.add.carry > 0 {
			return nil, false
		}
		positions = [2]int{finest, finest}
		join = func(a, b Range) Range {
			a, b = a.scaled(1<<up[0]), b.scaled(1<<up[1])
			if n.add.negateSecond {
				b = b.scaled(-1)
			}
			return a.plus(b)
		}
	}
	over := join(bounds[first.node][0], bounds[second.node][0])
	for i := range n.width {
		over = over.union(join(bounds[first.node][i], bounds[second.node][i]))
	}
	if n.point.wrapsOn(over, positions[0]) || m.point.wrapsOn(over, positions[1]) {
		return nil, false
	}
	d := dual{over: over, rising: true,
		sound:   func(v int64) int16 { return n.point.take(v, positions[0]) },
		altered: func(v int64) int16 { return m.point.take(v, positions[1]) },
	}
	if positions[0] == positions[1] && m.point.sameBefore(n.point) {
		d.alike = func(r Range) bool { return m.point.inside(d.sound(r.Low)) && m.point.inside(d.sound(r.High)) }
	}
	return []dual{d}, true
}

// sameBefore says that two points differ at most in what they do at the ends of their range.
func (p *point) sameBefore(q point) bool {
	q.overflow = p.overflow
	return *p == q
}

// inside says of a value that a point has nothing to do with it but to let it through, whatever it does at the ends of its range.
func (p *point) inside(v int16) bool {
	low, high := int16(-1<<(p.bits-1)+1), int16(1<<(p.bits-1)-2)
	if p.overflow == stopsInBetween {
		low = 0
	}
	return low <= v && v <= high
}

// unaryDuals are one function for each range of the operand that occurs.
func unaryDuals(n, m *node, operands []Range) []dual {
	var duals []dual
	for _, r := range distinct(operands) {
		duals = append(duals, dual{r, func(v int64) int16 { return n.unary(int16(v)) }, func(v int64) int16 { return m.unary(int16(v)) }, false, nil})
	}
	return duals
}

// entered gives x of a layer above the first as functions of the h below it. That of the first can be any number.
func (p *prover) entered(n, m *node) ([]dual, bool) {
	var duals []dual
	for i, below := range p.base.cells {
		if below.layer != p.sound.layer-1 {
			continue
		}
		position := below.nodes[below.nextH].format.Position
		for _, r := range distinct(p.bounds[i][below.nextH]) {
			duals = append(duals, dual{r, func(v int64) int16 { return n.point.take(v, position) }, func(v int64) int16 { return m.point.take(v, position) }, false, nil})
		}
	}
	if len(duals) == 0 && n.reads == nil && n.point.overflow != wrapsAround && m.point.overflow != wrapsAround && m.point.clamps(n.point) {
		// x of the first layer can be anything; both points floor it to the same integer and clamp that.
		const far = 1 << 17
		duals = append(duals, dual{Range{-far, far}, func(v int64) int16 { return n.point.clamp(v) }, func(v int64) int16 { return m.point.clamp(v) }, false, nil})
	}
	return duals, len(duals) > 0
}

// clamps says that two points differ at most in how they clamp.
func (p *point) clamps(q point) bool {
	q.overflow, q.bits = p.overflow, p.bits
	return *p == q
}

func distinct(ranges []Range) []Range {
	seen := map[Range]bool{}
	var once []Range
	for _, r := range ranges {
		if !seen[r] {
			seen[r] = true
			once = append(once, r)
		}
	}
	return once
}

// pairs tries all pairs of operands of a sum or a product, as far as there are not too many.
func (p *prover) pairs(n, m *node) bool {
	if !isSum(n) && !isMul(n) {
		return false
	}
	first, second := p.bounds[p.number][n.reads[0].node], p.bounds[p.number][n.reads[1].node]
	seen := map[[2]Range]bool{}
	for i := range n.width {
		pair := [2]Range{first[i], second[i]}
		if seen[pair] {
			continue
		}
		seen[pair] = true
		for _, a := range [2]int64{pair[0].Low, pair[0].High} {
			for _, b := range [2]int64{pair[1].Low, pair[1].High} {
				if n.joined(int16(a), int16(b)) != m.joined(int16(a), int16(b)) {
					return false
				}
			}
		}
		// Where the fault is in how operands are taken, only those that are taken for others matter.
		onlyLenses := n.point == m.point && n.add == m.add && n.reads[0].position == m.reads[0].position && n.reads[1].position == m.reads[1].position
		every, takenFirst, takenSecond := pair[1].list(), takenUnlike(&n.reads[0], &m.reads[0]), takenUnlike(&n.reads[1], &m.reads[1])
		others := slices.DeleteFunc(slices.Clone(every), func(b int64) bool { return !takenSecond(b) })
		equal := pair[0].all(func(a int64) bool {
			seconds := every
			if onlyLenses && !takenFirst(a) {
				seconds = others
			}
			if p.budget -= int64(len(seconds)); p.budget < 0 {
				return false
			}
			return !slices.ContainsFunc(seconds, func(b int64) bool { return n.joined(int16(a), int16(b)) != m.joined(int16(a), int16(b)) })
		})
		if !equal {
			return false
		}
		p.why = fmt.Sprintf("every pair from %d to %d and %d to %d, which no input leaves, gives the same", pair[0].Low, pair[0].High, pair[1].Low, pair[1].High)
	}
	return true
}

// takenUnlike says of an integer that two operands take it for different ones.
func takenUnlike(a, b *operand) func(int64) bool {
	return func(v int64) bool { return a.take(int16(v)) != b.take(int16(v)) }
}

// joined is a sum or an elementwise product of two integers.
func (n *node) joined(a, b int16) int16 {
	first, second := &n.reads[0], &n.reads[1]
	x, y := first.take(a), second.take(b)
	if isMul(n) {
		return n.point.take(x*y, first.position+second.position)
	}
	return n.add.sum(x, first.position, y, second.position, &n.point)
}

// mostAlignment is how far apart two positions may lie for a sum of 64 bits.
const mostAlignment = 30

// wrapsOn says that the point wraps around for one of the wide values. Where it does not it never falls.
func (p *point) wrapsOn(over Range, position int) bool {
	if p.overflow != wrapsAround {
		return false
	}
	shift := position - p.position + p.shiftError
	low, high := round(over.Low, shift, p.rounding), round(over.High, shift, p.rounding)
	return low < -1<<(p.bits-1) || high >= 1<<(p.bits-1)
}

// linear gives each unit of a matrix product as a function of its sum of products.
func (p *prover) linear(n, m *node, operands []Range) ([]dual, bool) {
	if !sameSums(n, m, operands) {
		return nil, false
	}
	duals := make([]dual, n.width)
	from := [2]int{n.reads[0].position + n.product.position, m.reads[0].position + m.product.position}
	for row := range duals {
		var over Range
		for i, w := range n.product.weights[row*n.product.columns:][:n.product.columns] {
			over = over.plus(operands[i].scaled(int64(w)))
		}
		if n.biasWraps(over, from[0], row) || m.biasWraps(over, from[1], row) {
			return nil, false
		}
		d := &duals[row]
		*d = dual{over: over, rising: true,
			sound:   func(sum int64) int16 { return n.product.finish(sum, from[0], row, &n.point) },
			altered: func(sum int64) int16 { return m.product.finish(sum, from[1], row, &m.point) },
		}
		if from[0] == from[1] && sameFinish(&n.product, &m.product, row) && m.point.sameBefore(n.point) {
			d.alike = func(r Range) bool {
				return n.point == m.point || m.point.inside(d.sound(r.Low)) && m.point.inside(d.sound(r.High)) &&
					m.point.inside(n.point.take(r.Low, from[0])) && m.point.inside(n.point.take(r.High, from[0]))
			}
		}
	}
	return duals, true
}

// sameFinish says that two linears bring in the bias of a row alike.
func sameFinish(a, b *product, row int) bool {
	if a.biasing != b.biasing || a.biasAt != b.biasAt || a.biasError != b.biasError {
		return false
	}
	return a.bias == nil && b.bias == nil || a.bias != nil && b.bias != nil && a.bias[row] == b.bias[row]
}

// biasWraps says that one of the two quantization points of a linear can wrap around.
func (n *node) biasWraps(over Range, position, row int) bool {
	if n.point.overflow != wrapsAround {
		return false
	}
	if n.product.biasing != biasAfter && n.product.biasing != biasNone || n.point.wrapsOn(over, position) {
		return true
	}
	if n.product.bias == nil || n.product.biasing == biasNone {
		return false
	}
	extra := n.product.biasAt - n.product.biasError - n.point.position
	if extra > mostAlignment || extra < -mostAlignment {
		return true
	}
	low, high := int64(n.point.take(over.Low, position)), int64(n.point.take(over.High, position))
	second := n.point
	second.shiftError = 0
	bias := int64(n.product.bias[row])
	sums := Range{low, high}.scaled(1 << max(extra, 0)).plus(Range{bias, bias}.scaled(1 << max(-extra, 0)))
	return second.wrapsOn(sums, n.point.position+max(extra, 0))
}

// sameSums says that a fault leaves the sums of products as they are, for all operands within their ranges.
func sameSums(n, m *node, operands []Range) bool {
	a, b := &n.product, &m.product
	if a.columns != b.columns || len(a.weights) != len(b.weights) || b.carry > 0 || b.dropEach > 0 || b.dropToGrid {
		return false
	}
	for i, w := range a.weights {
		taken := int64(b.weights[i])
		if b.weightLens != nil {
			taken = b.weightLens(b.weights[i])
		}
		if taken != int64(w) && operands[i%a.columns] != (Range{}) {
			return false
		}
	}
	for _, r := range operands {
		if o := &m.reads[0]; o.lens != nil && !r.all(func(v int64) bool { return o.take(int16(v)) == v }) {
			return false
		}
	}
	return b.accumulator == 0 || b.holds(operands)
}

// holds says that no sum leaves the accumulator: where it wraps around, the whole sums matter, where it saturates, all of their beginnings.
func (p *product) holds(operands []Range) bool {
	low, high := int64(-1)<<(p.accumulator-1), int64(1)<<(p.accumulator-1)-1
	for at := 0; at < len(p.weights); at += p.columns {
		var sum Range
		for i, w := range p.weights[at : at+p.columns] {
			sum = sum.plus(operands[i].scaled(int64(w)))
			if p.saturating && (sum.Low < low || sum.High > high) {
				return false
			}
		}
		if sum.Low < low || sum.High > high {
			return false
		}
	}
	return true
}
