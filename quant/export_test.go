package quant

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/internal/fixed"
)

// positionsOf makes the formats around a linear.
func positionsOf(weight, input, output, bias int) exportedLinear {
	format := func(p int) *fixed.Format { return &fixed.Format{Bits: 16, Position: p} }
	return exportedLinear{name: "G::y", weight: format(weight), input: format(input), output: format(output), bias: format(bias)}
}

func TestShiftCheckByHand(t *testing.T) {
	for name, c := range map[string]struct {
		weight, input, output, bias int
		want                        [4]int
		warning                     string
	}{
		"within the limits": {12, 12, 12, 12, [4]int{12, 12, 12, 12}, ""},
		// 3 + 2 - 12 = -7: the output goes down by 7. (The recorded case bigw.)
		"shift below 0": {3, 2, 12, 12, [4]int{3, 2, 5, 12}, "G::y: output fix position lowered from 12 to 5: the sum would have to be shifted left by 7 bits"},
		// 15 + 14 - 10 = 19: the weight goes down by 3.
		"shift above 16": {15, 14, 10, 10, [4]int{12, 14, 10, 10}, "G::y: weight fix position lowered from 15 to 12: the sum would have to be shifted right by 19 bits, 16 are possible"},
		// The shift is 10 + 2 - 10 = 2, so the bias may be at min(0, -(24-10)) = -14; it is at 12 - 30 = -18, 4 too low.
		"bias too fine": {10, 2, 10, 30, [4]int{10, 2, 10, 26}, "G::y: bias fix position lowered from 30 to 26: the bias would have to be shifted by -18 bits, -14 is the lowest"},
		// The shift is 2, but the bias is 12 + 6 = 18 bits coarser than the sum.
		"bias too coarse": {10, 2, 10, -6, [4]int{8, 2, 10, -6}, "G::y: weight fix position lowered from 10 to 8: the bias would have to be shifted left by 18 bits, 16 are possible"},
	} {
		t.Run(name, func(t *testing.T) {
			l := positionsOf(c.weight, c.input, c.output, c.bias)
			var e exporter
			e.checkShifts(l)
			assert.Equal(t, c.want, [4]int{l.weight.Position, l.input.Position, l.output.Position, l.bias.Position})
			if c.warning == "" {
				assert.Empty(t, e.warnings)
				return
			}
			assert.Equal(t, []string{c.warning}, e.warnings)
		})
	}
}

func TestShiftCheckEqualsTheFormulas(t *testing.T) {
	position := rapid.IntRange(-32, 31)
	rapid.Check(t, func(t *rapid.T) {
		w, in, out, b := position.Draw(t, "weight"), position.Draw(t, "input"), position.Draw(t, "output"), position.Draw(t, "bias")
		l := positionsOf(w, in, out, b)
		var e exporter
		e.checkShifts(l)

		warnings := 0
		sc := w + in - out
		if sc < 0 {
			out, warnings = out+sc, warnings+1
		}
		if sc > 16 {
			w, warnings = w-(sc-16), warnings+1
		}
		sb, minSB := w+in-b, -(24 - (8 + sc))
		if minSB > 0 {
			minSB = 0
		}
		if sb < minSB {
			b, warnings = b+sb-minSB, warnings+1
		}
		if sb > 16 {
			w, warnings = w-(sb-16), warnings+1
		}
		require.Equal(t, [4]int{w, in, out, b}, [4]int{l.weight.Position, l.input.Position, l.output.Position, l.bias.Position})
		require.Len(t, e.warnings, warnings)
	})
}
