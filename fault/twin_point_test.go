package fault_test

import (
	"math"
	"slices"
	"strconv"
)

// twinPoint is a quantization point. It counts in float64, which holds all that comes to it exactly.
type twinPoint struct {
	bits, position, shift int
	rounding, overflow    string
	low                   bool // the low bits are taken, not the high ones
}

var roundingKinds = []string{"rounds-half-up", "rounds-half-even", "rounds-half-away", "truncates", "rounds-half-mixed", "ceils", "truncates-and-wraps"}

var overflowKinds = []string{"wraps", "no-negatives", "high-one-short", "symmetric", "truncates-and-wraps", "takes-low-bits"}

func (t *twin) point(node string) *twinPoint {
	n := t.nodes[node]
	p := &twinPoint{bits: n.Bits, position: n.Position}
	if len(t.kinds[node]) == 0 {
		return p
	}
	p.rounding, p.overflow = t.last(node, roundingKinds...), t.last(node, overflowKinds...)
	switch t.last(node, "shifts-one-more", "shifts-one-less", "takes-low-bits") {
	case "shifts-one-more":
		p.shift = 1
	case "shifts-one-less":
		p.shift = -1
	case "takes-low-bits":
		p.low = true
	}
	for _, bits := range []int{8, 12, 15} {
		if t.has(node, strconv.Itoa(bits)+"-bits") {
			p.bits = min(p.bits, bits)
		}
	}
	return p
}

// take quantizes v / 2^from.
func (p *twinPoint) take(v float64, from int) int64 {
	return p.clamp(p.round(p.scaled(v, from)))
}

// scaled is v / 2^from in units of the point's grid.
func (p *twinPoint) scaled(v float64, from int) float64 {
	if p.low {
		return v
	}
	return math.Ldexp(v, p.position-from-p.shift)
}

func (p *twinPoint) round(v float64) float64 {
	switch p.rounding {
	case "rounds-half-up":
		return math.Floor(v + 0.5)
	case "rounds-half-even":
		return math.RoundToEven(v)
	case "rounds-half-away":
		return math.Round(v)
	case "truncates", "truncates-and-wraps":
		return math.Trunc(v)
	case "ceils":
		return math.Ceil(v)
	case "rounds-half-mixed":
		if v < 0 {
			return math.Floor(v + 0.5)
		}
		return math.RoundToEven(v)
	}
	return math.Floor(v)
}

func (p *twinPoint) clamp(v float64) int64 {
	size := math.Ldexp(1, p.bits)
	low, high := -size/2, size/2-1
	switch p.overflow {
	case "wraps", "truncates-and-wraps", "takes-low-bits":
		return int64(v - size*math.Floor((v+size/2)/size))
	case "no-negatives":
		low = 0
	case "high-one-short":
		high--
	case "symmetric":
		low++
	}
	return int64(math.Max(low, math.Min(high, v)))
}

var indexKinds = []string{"index-abs", "index-next", "index-before", "index-next-early", "index-before-early", "index-rounds", "index-wraps", "index-unsigned"}

// activation is a node that looks up another one in a table.
func (t *twin) activation(node, operand string) {
	operand = t.reads(node, 1, t.exchangedSums(operand))
	var out []int64
	point := t.point(node)
	for _, v := range t.now[operand] {
		out = append(out, point.take(float64(t.lookup(node, v, t.nodes[operand].Position)), 15))
	}
	t.set(node, out)
}

// lookup gives the entry for x / 2^position.
func (t *twin) lookup(node string, x int64, position int) int64 {
	isTanh := (t.nodes[node].Op == "tanh") != t.has(node, "other-function")
	table, indexPosition := sigmoidTable, 7
	if isTanh {
		indexPosition = 8
	}
	if isTanh != t.has(node, "other-entries") {
		table = tanhTable
	}
	switch t.last(node, "index-shifts-one-more", "index-shifts-one-less") {
	case "index-shifts-one-more":
		indexPosition--
	case "index-shifts-one-less":
		indexPosition++
	}
	if t.has(node, "input-negated") {
		x = -x
	}
	exact := math.Ldexp(float64(x), indexPosition-position)
	index := math.Floor(exact)
	kind := t.last(node, indexKinds...)
	switch kind {
	case "index-next-early":
		index++
	case "index-before-early":
		index--
	case "index-rounds":
		index = math.Floor(exact + 0.5)
	case "index-unsigned":
		index = math.Floor(math.Ldexp(float64(asUnsigned(x, 16)), indexPosition-position))
	case "index-wraps":
		index -= 2048 * math.Floor((index+1024)/2048)
	}
	if index < -1024 || index > 1023 {
		return t.beyond(node, table, index > 0)
	}
	switch kind {
	case "index-abs":
		if x < 0 {
			index = -math.Floor(-exact)
		}
	case "index-next":
		index = min(index+1, 1023)
	case "index-before":
		index = max(index-1, -1024)
	}
	value := t.entry(node, table, int(index))
	if t.has(node, "interpolates") {
		next := table.above
		if index < 1023 {
			next = t.entry(node, table, int(index)+1)
		}
		value += int64(math.Floor(float64(next-value) * (exact - math.Floor(exact))))
	}
	return value
}

func (t *twin) entry(node string, table *twinTable, index int) int64 {
	value := math.Round(table.exact(index))
	if t.has(node, "entries-floored") {
		value = math.Floor(table.exact(index))
	}
	if t.has(node, "entries-8-bits") {
		value = math.Floor(value/256) * 256
	}
	return int64(math.Min(value, 32767))
}

func (t *twin) beyond(node string, table *twinTable, right bool) int64 {
	switch t.last(node, "end-entries", "zero-beyond", "ends-swapped") {
	case "zero-beyond":
		return 0
	case "ends-swapped":
		right = !right
	case "end-entries":
		if right {
			return t.entry(node, table, 1023)
		}
		return t.entry(node, table, -1024)
	}
	if right {
		return table.above
	}
	return table.below
}

// twinTable is a table by its function.
type twinTable struct {
	values       [2048]float64
	below, above int64
}

func (t *twinTable) exact(index int) float64 { return t.values[index+1024] }

func makeTable(f func(x float64) float64, step float64, below, above int64) *twinTable {
	t := &twinTable{below: below, above: above}
	for i := range t.values {
		t.values[i] = 32768 * f(float64(i-1024)/step)
	}
	return t
}

var (
	sigmoidTable = makeTable(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 128, 0, 32767)
	tanhTable    = makeTable(math.Tanh, 256, -32768, 32767)
)

func asUnsigned(v int64, bits int) int64 {
	if v < 0 {
		return v + 1<<bits
	}
	return v
}

func bytesExchanged(v int64) int64 {
	v = asUnsigned(v, 16)
	return signed(v%256*256+v/256, 16)
}

// signed takes the low bits of an integer for a number in two's complement.
func signed(v int64, bits int) int64 {
	v = v - floorDiv(v, 1<<bits)<<bits
	if v >= 1<<(bits-1) {
		v -= 1 << bits
	}
	return v
}

func floorDiv(v, by int64) int64 {
	q := v / by
	if v%by < 0 {
		q--
	}
	return q
}

// addWithoutCarry adds bit by bit, and drops the carry into one bit.
func addWithoutCarry(a, b int64, bit int) int64 {
	var sum, carry uint64
	for i := range 64 {
		if i == bit {
			carry = 0
		}
		x, y := uint64(a)>>i&1, uint64(b)>>i&1
		sum += (x ^ y ^ carry) << i
		if x+y+carry >= 2 {
			carry = 1
		} else {
			carry = 0
		}
	}
	return int64(sum)
}

func (t *twin) has(node, kind string) bool { return slices.Contains(t.kinds[node], kind) }

// last gives the last of a node's faults that is one of some kinds, "" for none.
func (t *twin) last(node string, kinds ...string) string {
	last := ""
	for _, kind := range t.kinds[node] {
		if slices.Contains(kinds, kind) {
			last = kind
		}
	}
	return last
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}
