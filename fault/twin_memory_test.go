package fault_test

import (
	"slices"
	"strings"
)

// spoil does a fault of how the parameters of a linear lie in memory.
func (l *twinLinear) spoil(kind string) {
	rows := len(l.weights) / l.columns
	was := slices.Clone(l.weights)
	at := func(row, column int) *int64 { return &l.weights[row*l.columns+column] }
	switch {
	case kind == "weights-transposed":
		// Weight (row, column) is taken from where it lies if the columns lie one after another.
		for row := range rows {
			for column := range l.columns {
				*at(row, column) = was[column*rows+row]
			}
		}
	case kind == "weights-bytes-swapped":
		for i, w := range was {
			l.weights[i] = bytesExchanged(w)
		}
	case kind == "weights-words-swapped":
		for i := 1; i < len(was); i += 2 {
			l.weights[i-1], l.weights[i] = was[i], was[i-1]
		}
	case kind == "weights-next-unit":
		for row := range rows {
			copy(l.weights[row*l.columns:][:l.columns], was[(row+1)%rows*l.columns:])
		}
	case kind == "weights-next-column":
		for i := range was {
			l.weights[i] = was[(i+1)%len(was)]
		}
	case kind == "weights-reversed":
		for row := range rows {
			copy(l.weights[row*l.columns:][:l.columns], was[(rows-1-row)*l.columns:])
		}
	case kind == "first-column-left-out":
		for row := range rows {
			*at(row, 0) = 0
		}
	case kind == "last-column-left-out":
		for row := range rows {
			*at(row, l.columns-1) = 0
		}
	case strings.HasPrefix(kind, "weight-bit-"):
		place := strings.Split(strings.TrimPrefix(kind, "weight-bit-"), "-")
		if row, column := atoi(place[0]), atoi(place[1]); row < rows && column < l.columns {
			*at(row, column) = withBit(*at(row, column), atoi(place[2]), -1, l.bits)
		}
	}
	l.spoilBias(kind)
}

func (l *twinLinear) spoilBias(kind string) {
	was := slices.Clone(l.bias)
	for i, v := range was {
		switch kind {
		case "bias-bytes-swapped":
			l.bias[i] = bytesExchanged(v)
		case "bias-next-unit":
			l.bias[i] = was[(i+1)%len(was)]
		case "bias-low-byte":
			l.bias[i] = signed(v, 8)
		case "bias-high-byte":
			l.bias[i] = floorDiv(v, 256) * 256
		}
	}
	if place, is := strings.CutPrefix(kind, "bias-bit-"); is {
		unit, bit, _ := strings.Cut(place, "-")
		if i := atoi(unit); i < len(l.bias) {
			l.bias[i] = withBit(l.bias[i], atoi(bit), -1, 16)
		}
	}
}

// withBit sets a bit of a number of so many bits to 0 or 1, or turns it over for -1.
func withBit(v int64, bit, to, bits int) int64 {
	raw := asUnsigned(v, bits)
	isSet := raw>>bit&1 == 1
	switch {
	case isSet && to != 1:
		raw -= 1 << bit
	case !isSet && to != 0:
		raw += 1 << bit
	}
	return signed(raw, bits)
}

// remember does the faults of the memory of all linears: gates that have the parameters of others, and stuck bits.
func (t *twin) remember(place, kind string) {
	if place == "gates" && !strings.HasPrefix(kind, "sums-") {
		t.mixUp(kind)
		return
	}
	words := strings.Split(kind, "-") // bit-2-stuck-at-1-lane-0-of-4
	if words[0] != "bit" {
		return
	}
	bit, to, lane, lanes := atoi(words[1]), atoi(words[4]), atoi(words[6]), atoi(words[8])
	for _, l := range t.memory {
		for i := range l.weights {
			if place == "weights" && i/l.columns%lanes == lane {
				l.weights[i] = withBit(l.weights[i], bit, to, l.bits)
			}
		}
		for i := range l.bias {
			if place == "biases" && i%lanes == lane {
				l.bias[i] = withBit(l.bias[i], bit, to, 16)
			}
		}
	}
}

// mixUp gives gates the parameters of others; their positions stay.
func (t *twin) mixUp(kind string) {
	words := strings.Split(kind, "-")
	what, order := strings.Join(words[:len(words)-2], "-"), slices.Clone(t.gates)
	if words[0] == "order" {
		what, order = "order", strings.Split(words[1], "")
	} else {
		a, b := slices.Index(t.gates, words[len(words)-2]), slices.Index(t.gates, words[len(words)-1])
		order[a], order[b] = order[b], order[a]
	}
	was := map[string]*twinLinear{}
	for name, l := range t.memory {
		was[name] = l.clone()
	}
	for i, gate := range t.gates {
		for _, side := range []string{"i", "h"} {
			to, from := t.memory[t.called("w_"+side+gate)], was[t.called("w_"+side+order[i])]
			if what == "order" || what == map[string]string{"i": "x", "h": "h"}[side]+"-weights" {
				copy(to.weights, from.weights)
			}
			if what == "order" || what == "biases" {
				copy(to.bias, from.bias)
			}
		}
	}
}

// exchangedSums is the sum that an activation reads where it should read the given one.
func (t *twin) exchangedSums(sum string) string {
	for _, id := range t.other {
		pair, is := strings.CutPrefix(id, "gates/sums-")
		a, b, _ := strings.Cut(pair, "-")
		switch {
		case is && sum == "y_"+a:
			sum = "y_" + b
		case is && sum == "y_"+b:
			sum = "y_" + a
		}
	}
	return sum
}
