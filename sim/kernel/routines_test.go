package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// everyLength calls test for the numbers of inputs from 1 to 4100; in short mode for few of them, around multiples of the
// routines' strides.
func everyLength(test func(inputs int)) {
	for inputs := 1; inputs <= 4100; inputs++ {
		if !testing.Short() || inputs < 40 || inputs%512 < 2 || inputs == 4100 {
			test(inputs)
		}
	}
}

// somePanels gives one to seven panels, and at most two for most of the long rows, which take their time.
func somePanels(inputs int) int {
	if inputs < 700 || inputs%64 < 4 {
		return 1 + inputs%7
	}
	return 1 + inputs%2
}

// obviousSums is Σ w·x of each row in 64 bits, from the layout [panel][group][32][width].
func obviousSums[T int8 | int16](w, x []T, width, groups, panels int) []int64 {
	sums := make([]int64, panels*panelRows)
	at := 0
	for panel := range panels {
		for group := range groups {
			for row := range panelRows {
				for k := range width {
					sums[panel*panelRows+row] += int64(w[at]) * int64(x[group*width+k])
					at++
				}
			}
		}
	}
	return sums
}

func draw[T int8 | int16](r *rand.Rand, f fill, n, bits int) []T {
	out := aligned[T](n)
	for k := range out {
		out[k] = T(f(r, bits))
	}
	return out
}

// offsets is what matrix.offset holds for packed weights.
func offsets(w []int8, groups, panels int) []int32 {
	ones := slices.Repeat([]int8{1}, 4*groups)
	offset := make([]int32, 0, panels*panelRows)
	for _, sum := range obviousSums(w, ones, 4, groups, panels) {
		offset = append(offset, int32(-128*sum))
	}
	return offset
}

// asTaken is 8-bit inputs in the form that a set takes them.
func asTaken(set *routines, x []int8) []int8 {
	if !set.offsetInputs {
		return x
	}
	out := make([]int8, len(x))
	for k, v := range x {
		out[k] = v ^ -128
	}
	return out
}

func wrapped(sums []int64) []int32 {
	out := make([]int32, len(sums))
	for k, v := range sums {
		out[k] = int32(v)
	}
	return out
}

func clamped(sums []int64) []int32 {
	out := make([]int32, len(sums))
	for k, v := range sums {
		out[k] = int32(min(max(v, -1<<31), 1<<31-1))
	}
	return out
}

func TestSumsOf8BitWeights(t *testing.T) {
	everyLength(func(inputs int) {
		r := seeded(t, inputs)
		groups, panels := (inputs+3)/4, somePanels(inputs)
		kind, other := fills[inputs%len(fills)], fills[inputs/len(fills)%len(fills)]
		lowest := draw[int8](r, kind.fill, groups*panels*panelRows*4, 8)
		x := draw[int8](r, other.fill, groups*4, 8)
		w := slices.Clone(lowest)
		for k := range w {
			w[k] = max(w[k], -127)
		}
		above := slices.Clone(x)
		for k := range above {
			above[k] = max(above[k], -127)
		}
		wantAny, offsetLowest := wrapped(obviousSums(lowest, x, 4, groups, panels)), offsets(lowest, groups, panels)
		wantLowest := wrapped(obviousSums(lowest, above, 4, groups, panels))
		want, offset := wrapped(obviousSums(w, x, 4, groups, panels)), offsets(w, groups, panels)
		got := make([]int32, panels*panelRows)
		for _, set := range available() {
			context := fmt.Sprintf("%s, %d inputs, weights %s, inputs %s", set.name, inputs, kind.name, other.name)
			set.dot8Any(got, lowest, asTaken(set, x), offsetLowest, groups, panels)
			require.Equal(t, wantAny, got, context)
			set.dot8Lowest(got, lowest, asTaken(set, above), offsetLowest, groups, panels)
			require.Equal(t, wantLowest, got, context)
			set.dot8(got, w, asTaken(set, x), offset, groups, panels)
			require.Equal(t, want, got, context)
		}
	})
}

func TestSumsOf16BitWeights(t *testing.T) {
	everyLength(func(inputs int) {
		r := seeded(t, inputs)
		groups, panels := (inputs+1)/2, somePanels(inputs)
		kind, other := fills[inputs%len(fills)], fills[inputs/len(fills)%len(fills)]
		lowest := draw[int16](r, kind.fill, groups*panels*panelRows*2, 16)
		x := draw[int16](r, other.fill, groups*2, 16)
		small := slices.Clone(lowest) // of which fifteen pairs fit
		for k := range small {
			small[k] = max(small[k], -32767) >> 4
		}
		wantLowest, wantSmall := obviousSums(lowest, x, 2, groups, panels), clamped(obviousSums(small, x, 2, groups, panels))
		got := make([]int32, panels*panelRows)
		for _, set := range available() {
			context := fmt.Sprintf("%s, %d inputs, weights %s, inputs %s", set.name, inputs, kind.name, other.name)
			set.dot16(got, lowest, x, groups, panels)
			require.Equal(t, wrapped(wantLowest), got, context)
			dotWide(set, got, lowest, x, groups, 1)
			require.Equal(t, clamped(wantLowest), got, context)
			dotWide(set, got, small, x, groups, 1+inputs%15)
			require.Equal(t, wantSmall, got, context)
		}
	})
}

// dotWide calls dot16Wide for all panels.
func dotWide(set *routines, sums []int32, w, x []int16, groups, segment int) {
	for panel := range len(sums) / panelRows {
		set.dot16Wide(sums[panel*panelRows:], w[panel*groups*panelRows*2:], x, groups, segment, (groups+segment-1)/segment)
	}
}

// Pairs of -32768 at each position, alone and together, are where a multiply-add of 16-bit pairs leaves 32 bits.
func TestPairsOfLowest16BitValues(t *testing.T) {
	const groups, panels = 7, 2
	lowest := int16(-1 << 15)
	for _, set := range available() {
		for at := range groups * panels * panelRows {
			w, x := aligned[int16](groups*panels*panelRows*2), aligned[int16](groups*2)
			for k := range x {
				x[k] = lowest
			}
			w[2*at], w[2*at+1] = lowest, lowest
			got := make([]int32, panels*panelRows)
			dotWide(set, got, w, x, groups, 1)
			require.Equal(t, clamped(obviousSums(w, x, 2, groups, panels)), got, set.name)
		}
	}
}

func TestProductsWithSeveralRows(t *testing.T) {
	for _, set := range available() {
		for rows := 1; rows <= 9; rows++ {
			for _, groups := range []int{1, 2, 3, 16, 25, 128} {
				r := seeded(t, rows, groups)
				kind, other := fills[1+r.IntN(len(fills)-1)], fills[1+r.IntN(len(fills)-1)]
				stride := 4*groups + 8*r.IntN(3)
				start := draw[int16](r, fills[2].fill, rows*panelRows, 16)
				got := make([]int32, rows*panelRows)

				w16, x16 := draw[int16](r, kind.fill, groups*panelRows*2, 16), draw[int16](r, other.fill, rows*stride, 16)
				for k, v := range start {
					got[k] = int32(v)
				}
				set.product16(got, w16, x16, stride, groups, rows)
				for n := range rows {
					for k, v := range obviousSums(w16, x16[n*stride:], 2, groups, 1) {
						require.Equal(t, int32(v+int64(start[n*panelRows+k])), got[n*panelRows+k], "%s: %d rows, %d pairs", set.name, rows, groups)
					}
				}

				w8, x8 := draw[int8](r, kind.fill, groups*panelRows*4, 8), draw[int8](r, other.fill, rows*stride, 8)
				for k := range w8 {
					w8[k] = max(w8[k], -127)
				}
				offset := offsets(w8, groups, 1)
				for k, v := range start {
					got[k] = int32(v)
					if set.offsetInputs {
						got[k] += offset[k%panelRows]
					}
				}
				set.product8(got, w8, asTaken(set, x8), stride, groups, rows)
				for n := range rows {
					for k, v := range obviousSums(w8, x8[n*stride:], 4, groups, 1) {
						require.Equal(t, int32(v+int64(start[n*panelRows+k])), got[n*panelRows+k], "%s: %d rows, %d groups", set.name, rows, groups)
					}
				}
			}
		}
	}
}
