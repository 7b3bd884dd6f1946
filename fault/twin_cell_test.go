package fault_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// twin is one cell with faults, computed a value at a time as docs/arithmetic.md says it, with each fault done where it is. It is what
// package fault is held equal to, and shares nothing with it but the names of faults. The vendor tool's own faults are not in it.
type twin struct {
	twinModel
	kinds map[string][]string // what is wrong with a node, in the order of the faults
	other []string            // what is wrong elsewhere: "h/stale"
	// memory holds the parameters as they are read, by the name of the linear.
	memory map[string]*twinLinear
	// past are the steps before, of all sequences, the latest last.
	past []map[string][]int64
	step int
	h0   []int64
	c0   []int64

	// now is what the nodes hold: what is recorded of them, or else what is computed.
	now, computed, recorded map[string][]int64
	// seen replaces what the products of h read, where later units see the new h of earlier ones.
	seen []int64
}

// entry is x as it is offered: real numbers, or integers that each stand at a position.
type twinEntry struct {
	real      []float64
	integers  []int64
	positions []int
}

// next computes a step, and gives what is computed for each node.
func (t *twin) next(x twinEntry, recorded map[string][]int64) map[string][]int64 {
	t.now, t.computed, t.recorded, t.seen = map[string][]int64{}, map[string][]int64{}, recorded, nil
	t.set("input_0", t.enter(x))
	t.set("input_1", t.state("input_1", t.h0))
	if t.lstm {
		t.set("input_2", t.state("input_2", t.c0))
	}
	inputs := maps.Clone(t.now)
	t.cell()
	if units := t.early(); units > 0 {
		t.inGroups(units, inputs)
	}
	t.past = append(t.past, t.now)
	t.step++
	return t.computed
}

func (t *twin) set(node string, values []int64) {
	t.computed[node], t.now[node] = values, values
	if recorded, ok := t.recorded[node]; ok {
		t.now[node] = recorded
	}
}

// cell computes everything from the inputs on.
func (t *twin) cell() {
	for _, gate := range t.gates {
		t.linear("w_i"+gate, "input_0")
		t.linear("w_h"+gate, "input_1")
	}
	x := func(gate string) string { return t.called("w_i" + gate) }
	h := func(gate string) string { return t.called("w_h" + gate) }
	if t.lstm {
		for _, gate := range t.gates {
			t.sum("y_"+gate, x(gate), h(gate))
		}
		t.activation("it", "y_i")
		t.activation("ft", "y_f")
		t.activation("cct", "y_g")
		t.activation("ot", "y_o")
		t.product("it_cct", "it", "cct")
		t.product("ft_input_2", "ft", "input_2")
		t.sum("c_next", "it_cct", "ft_input_2")
		t.activation("c_temp", "c_next")
		t.product("h_next", "ot", "c_temp")
		return
	}
	t.sum("y_i", x("i"), h("i"))
	t.sum("y_f", x("f"), h("f"))
	t.activation("it", "y_i")
	t.activation("ft", "y_f")
	gated := "it__" + h("g") + "_"
	if t.has(gated, "reset-before-product") {
		t.set(gated, t.resetBeforeProduct(gated))
	} else {
		t.product(gated, "it", h("g"))
	}
	t.sum("y_g", x("g"), gated)
	t.activation("cct", "y_g")
	t.product("ft_cct", "ft", "cct")
	t.sum("cct_ft_cct", "cct", "ft_cct")
	t.product("ft_input_1", "ft", "input_1")
	t.sum("h_next", "cct_ft_cct", "ft_input_1")
}

// inGroups computes the cell anew for each group of units, the products of h reading the new h of the groups before.
func (t *twin) inGroups(units int, inputs map[string][]int64) {
	computed, now := map[string][]int64{}, map[string][]int64{}
	for name, values := range t.computed {
		computed[name], now[name] = slices.Clone(values), slices.Clone(t.now[name])
	}
	for from := 0; from < t.hidden; from += units {
		t.now, t.computed = maps.Clone(inputs), maps.Clone(t.computed)
		t.seen = now[t.becomes("input_1")][:from]
		t.cell()
		for name, values := range t.computed {
			if inputs[name] == nil && !strings.HasSuffix(name, "_pre_fix_i0") {
				copy(computed[name][from:min(from+units, t.hidden)], values[from:])
				copy(now[name][from:min(from+units, t.hidden)], t.now[name][from:])
			}
		}
	}
	t.computed, t.now = computed, now
}

func (t *twin) enter(x twinEntry) []int64 {
	var out []int64
	for _, v := range x.real {
		out = append(out, t.point("input_0").take(v, 0))
	}
	for i, v := range x.integers {
		out = append(out, t.point("input_0").take(float64(v), x.positions[i]))
	}
	return out
}

// state gives h or c as it enters the step.
func (t *twin) state(input string, initial []int64) []int64 {
	from, letter := t.becomes(input), map[string]string{"input_1": "h", "input_2": "c"}[input]
	delay, resets, swapped := 1, 1, false
	for _, id := range t.other {
		place, kind, _ := strings.Cut(id, "/")
		if place != letter && place != "state" {
			continue
		}
		switch kind {
		case "stale":
			delay, resets = 2, 2
		case "stale-carried":
			delay = 2
		case "not-reset":
			resets = 0
		case "reset-each-step":
			resets = 1 << 30
		case "bytes-swapped":
			swapped = true
		}
	}
	if t.step < resets || len(t.past) < delay {
		return append(slices.Clone(initial), make([]int64, t.hidden-len(initial))...)
	}
	var out []int64
	for _, v := range t.past[len(t.past)-delay][from] {
		if swapped {
			v = bytesExchanged(v)
		}
		out = append(out, t.point(input).take(float64(v), t.nodes[from].Position))
	}
	return out
}

// reads gives which node an operand of a node is, counted from 1.
func (t *twin) reads(node string, operand int, right string) string {
	for _, kind := range t.kinds[node] {
		other, is := strings.CutPrefix(kind, "reads-")
		other, counted := strings.CutSuffix(other, fmt.Sprintf("-for-operand-%d", operand))
		if is && counted {
			right = other
		}
		if kind == "reads-narrowed-h" && operand == 2 {
			right = t.called("w_hg") + "_pre_fix_i0"
		}
	}
	return right
}

// sum is a node that adds, or subtracts, two others.
func (t *twin) sum(node, first, second string) {
	first, second = t.reads(node, 1, first), t.reads(node, 2, second)
	finest := max(t.nodes[first].Position, t.nodes[second].Position)
	var out []int64
	point, x, y := t.point(node), t.now[first], t.now[second]
	for i := range t.hidden {
		a, b := t.aligned(node, "first", x[i]), t.aligned(node, "second", y[i])
		if t.has(node, "first-negated") {
			a = -a
		}
		if (t.nodes[node].Op == "sub") != t.has(node, "second-negated") {
			b = -b
		}
		if t.has(node, "first-left-out") {
			a = 0
		}
		if t.has(node, "second-left-out") {
			b = 0
		}
		a *= 1 << (finest - t.nodes[first].Position)
		b *= 1 << (finest - t.nodes[second].Position)
		total := a + b
		if t.has(node, "carry-lost-8") {
			total = addWithoutCarry(a, b, 8)
		}
		out = append(out, point.take(float64(total), finest))
	}
	t.set(node, out)
}

func (t *twin) aligned(node, which string, v int64) int64 {
	if len(t.kinds[node]) == 0 {
		return v
	}
	switch t.last(node, which+"-doubled", which+"-halved", which+"-bytes-swapped") {
	case which + "-doubled":
		return 2 * v
	case which + "-halved":
		return floorDiv(v, 2)
	case which + "-bytes-swapped":
		return bytesExchanged(v)
	}
	return v
}

// product is a node that multiplies two others, unit by unit.
func (t *twin) product(node, first, second string) {
	first, second = t.reads(node, 1, first), t.reads(node, 2, second)
	position := t.nodes[first].Position + t.nodes[second].Position
	if t.has(node, "shifts-16") {
		position++
	}
	var out []int64
	point, x, y := t.point(node), t.now[first], t.now[second]
	for i := range t.hidden {
		a := t.factor(node, "first", x[i], t.nodes[first].Position)
		b := t.factor(node, "second", y[i], t.nodes[second].Position)
		out = append(out, point.take(float64(a*b), position))
	}
	t.set(node, out)
}

func (t *twin) factor(node, which string, v int64, position int) int64 {
	if len(t.kinds[node]) == 0 {
		return v
	}
	kind := t.last(node, which+"-negated", which+"-unsigned", which+"-bytes-swapped", which+"-8-bits", which+"-one-exact", which+"-complement")
	switch strings.TrimPrefix(kind, which+"-") {
	case "negated":
		return -v
	case "unsigned":
		return asUnsigned(v, 16)
	case "bytes-swapped":
		return bytesExchanged(v)
	case "8-bits":
		return floorDiv(v, 256) * 256
	case "one-exact":
		if v == 32767 {
			return 32768
		}
	case "complement":
		return 1<<position - v
	}
	return v
}

// early is how many units are computed at a time where later ones read the new h of earlier ones, 0 where they do not.
func (t *twin) early() int {
	units := 0
	for _, id := range t.other {
		if number, is := strings.CutPrefix(id, "h/too-early-"); is {
			units = atoi(number)
		}
	}
	return units
}
