package fault

import "strings"

// Families are what the kinds of faults belong to, in the order in which a report lists them.
func Families() []string {
	names := make([]string, len(families))
	for i, f := range families {
		names[i] = f.name
	}
	return names
}

// families name the kinds by parts of them; the first family that has a kind is its own.
var families = []struct {
	name  string
	kinds []string // a leading or trailing * stands for anything
}{
	{"rounding", []string{"rounds-*", "truncates", "ceils", "shifts-each-product", "drops-8-bits-each"}},
	{"saturation", []string{"wraps", "no-negatives", "high-one-short", "symmetric", "truncates-and-wraps", "one-saturation"}},
	{"byte order", []string{"*bytes-swapped", "weights-words-swapped", "weights-transposed"}},
	{"bias", []string{"bias-*"}},
	{"shift", []string{"shifts-*", "*-doubled", "*-halved", "takes-low-bits"}},
	{"table", []string{"index-*", "end-entries", "ends-swapped", "zero-beyond", "entries-*", "interpolates", "other-*", "input-negated"}},
	{"accumulator", []string{"accumulator-*"}},
	{"width", []string{"*-bits", "operand-not-narrowed"}},
	{"sign", []string{"*-negated", "*-unsigned"}},
	{"state", []string{"stale*", "not-reset", "reset-each-step", "too-early-*", "exchanged", "operand-late"}},
	{"gate order", []string{"order-*", "x-weights-*", "h-weights-*", "biases-*", "sums-*"}},
	{"carry", []string{"carry-lost-*"}},
	{"weights", []string{"weight-bit", "weights-next-*", "weights-reversed", "*-column-left-out"}},
	{"operands", []string{"*-left-out", "*-complement", "*-one-exact", "reads-*", "reset-before-product", "swapped", "swapped-at-start"}},
}

// Family is what the kind of the fault belongs to: "rounding", "saturation", … It is empty where no family has it.
func (f *Fault) Family() string {
	for _, family := range families {
		for _, pattern := range family.kinds {
			prefix, isPrefix := strings.CutSuffix(pattern, "*")
			suffix, isSuffix := strings.CutPrefix(pattern, "*")
			if f.Kind == pattern || isPrefix && strings.HasPrefix(f.Kind, prefix) || isSuffix && strings.HasSuffix(f.Kind, suffix) {
				return family.name
			}
		}
	}
	return ""
}
