package fault_test

import (
	"math"
	"slices"
	"strings"
)

// twinLinear is the parameters of a linear as they lie in memory.
type twinLinear struct {
	weights        []int64 // [hidden, columns]
	columns        int
	bits, position int
	bias           []int64 // nil is none
	biasPosition   int
}

func (l *twinLinear) clone() *twinLinear {
	c := *l
	c.weights, c.bias = slices.Clone(l.weights), slices.Clone(l.bias)
	return &c
}

// linear computes a matrix product with what goes before it.
func (t *twin) linear(prefix, input string) {
	name := t.called(prefix)
	columns, position := t.memory[name].columns, t.nodes[input].Position
	cut := name + "_pre_fix_i0"
	_, narrowed := t.nodes[cut]
	if narrowed {
		t.set(cut, t.narrow(cut, fitted(t.now[t.offered(input, t.step)], columns), position))
	}
	late := t.has(name, "operand-late")
	step := t.step
	if late {
		step--
	}
	from := t.offered(input, step)
	source := from
	if narrowed = narrowed && !t.has(name, "operand-not-narrowed"); narrowed {
		source = cut
	}
	var read []int64
	switch {
	case !late:
		read = fitted(t.now[source], columns)
	case t.step > 0:
		read = fitted(t.past[len(t.past)-1][source], columns)
	default:
		read = make([]int64, columns)
	}
	if from == "input_1" && !late {
		early := fitted(t.entered(t.seen), min(len(t.seen), columns))
		if narrowed {
			early = t.narrow(cut, early, position)
		}
		copy(read, early)
	}
	bits := t.nodes[input].Bits
	if narrowed {
		position, bits = t.nodes[cut].Position, t.nodes[cut].Bits
	}
	t.set(name, t.times(name, read, position, bits))
}

// offered is the input of the cell that products get at a step where they should get the given one.
func (t *twin) offered(input string, step int) string {
	if slices.Contains(t.other, "inputs/swapped") || step == 0 && slices.Contains(t.other, "inputs/swapped-at-start") {
		return map[string]string{"input_0": "input_1", "input_1": "input_0"}[input]
	}
	return input
}

func (t *twin) narrow(cut string, x []int64, position int) (out []int64) {
	point := t.point(cut)
	for _, v := range x {
		out = append(out, point.take(float64(v), position))
	}
	return out
}

// entered is what input_1 makes of values that become h.
func (t *twin) entered(values []int64) (out []int64) {
	swapped := slices.Contains(t.other, "h/bytes-swapped") || slices.Contains(t.other, "state/bytes-swapped")
	for _, v := range values {
		if swapped {
			v = bytesExchanged(v)
		}
		out = append(out, t.point("input_1").take(float64(v), t.nodes[t.becomes("input_1")].Position))
	}
	return out
}

// becomes is the node whose values an input of the cell gets.
func (t *twin) becomes(input string) string {
	if (input == "input_1") == slices.Contains(t.other, "state/exchanged") {
		return "c_next"
	}
	return "h_next"
}

// fitted gives a number of integers: the first, or all with zeros behind.
func fitted(x []int64, n int) []int64 {
	out := make([]int64, n)
	copy(out, x)
	return out
}

// times is the matrix product with all that belongs to it, of an operand at a position.
func (t *twin) times(name string, x []int64, position, bits int) []int64 {
	l := t.memory[name]
	node := t.nodes[name]
	from := position + l.position
	drop := 0
	switch t.last(name, "shifts-each-product", "drops-8-bits-each") {
	case "shifts-each-product":
		drop = max(0, from-node.Position)
	case "drops-8-bits-each":
		drop = 8
	}
	taken := make([]int64, len(x))
	for i, v := range x {
		switch taken[i] = v; t.last(name, "operand-unsigned", "operand-negated", "operand-bytes-swapped") {
		case "operand-unsigned":
			taken[i] = asUnsigned(v, bits)
		case "operand-negated":
			taken[i] = -v
		case "operand-bytes-swapped":
			taken[i] = bytesExchanged(v)
		}
	}
	unsigned := t.has(name, "weights-unsigned")
	add := t.adder(name)
	out := make([]int64, t.hidden)
	point := t.point(name)
	for row := range out {
		var sum int64
		for i, w := range l.weights[row*l.columns:][:l.columns] {
			if unsigned {
				w = asUnsigned(w, l.bits)
			}
			term := taken[i] * w
			if drop > 0 {
				term = floorDiv(term, 1<<drop)
			}
			sum = add(sum, term)
		}
		out[row] = t.withBias(name, point, float64(sum)*math.Ldexp(1, drop), from, row)
	}
	return out
}

// adder is how a linear accumulates.
func (t *twin) adder(name string) func(a, b int64) int64 {
	carry, bits, saturates := 0, 0, false
	for _, kind := range t.kinds[name] {
		switch {
		case kind == "carry-lost-8":
			carry = 8
		case kind == "carry-lost-16":
			carry = 16
		case strings.HasPrefix(kind, "accumulator-"):
			saturates = strings.Contains(kind, "saturates")
			bits = atoi(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(kind, "accumulator-"), "saturates-"), "-bits"))
		}
	}
	if carry == 0 && bits == 0 {
		return func(a, b int64) int64 { return a + b }
	}
	return func(a, b int64) int64 {
		sum := a + b
		if carry > 0 {
			sum = addWithoutCarry(a, b, carry)
		}
		switch {
		case bits == 0:
		case saturates:
			sum = max(-1<<(bits-1), min(1<<(bits-1)-1, sum))
		default:
			sum = signed(sum, bits)
		}
		return sum
	}
}

var biasKinds = []string{"bias-omitted", "bias-before-shift", "bias-unaligned", "bias-twice", "bias-subtracted", "one-saturation"}

// withBias quantizes a sum of products, and brings in the bias: a second quantization point, whose shift is right.
func (t *twin) withBias(name string, first *twinPoint, sum float64, from, row int) int64 {
	l := t.memory[name]
	if l.bias == nil {
		return first.take(sum, from)
	}
	second := *first
	second.shift = 0
	bias, at := float64(l.bias[row]), l.biasPosition
	switch t.last(name, "bias-doubled-position", "bias-halved-position") {
	case "bias-doubled-position":
		at--
	case "bias-halved-position":
		at++
	}
	switch t.last(name, biasKinds...) {
	case "bias-omitted":
		return second.clamp(float64(first.take(sum, from)))
	case "bias-before-shift":
		return first.take(math.Ldexp(sum, -from)+math.Ldexp(bias, -at), 0)
	case "bias-unaligned":
		return first.take(sum+bias, from)
	case "bias-twice":
		bias *= 2
	case "bias-subtracted":
		bias = -bias
	case "one-saturation":
		return second.clamp(second.round(first.round(first.scaled(sum, from)) + second.scaled(bias, at)))
	}
	return second.clamp(second.round(float64(first.take(sum, from)) + second.scaled(bias, at)))
}

// resetBeforeProduct is it * h, quantized as h is, through the product.
func (t *twin) resetBeforeProduct(node string) []int64 {
	linear := t.called("w_hg")
	h := t.nodes["input_1"]
	var gated []int64
	for i, r := range t.now["it"] {
		gated = append(gated, t.point("input_1").take(float64(r*t.now["input_1"][i]), t.nodes["it"].Position+h.Position))
	}
	position, bits := h.Position, h.Bits
	if cut, narrowed := t.nodes[linear+"_pre_fix_i0"]; narrowed && !t.has(linear, "operand-not-narrowed") {
		gated = t.narrow(linear+"_pre_fix_i0", gated, h.Position)
		position, bits = cut.Position, cut.Bits
	}
	var out []int64
	for _, v := range t.times(linear, gated, position, bits) {
		out = append(out, t.point(node).take(float64(v), t.nodes[linear].Position))
	}
	return out
}
