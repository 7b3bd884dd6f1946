package quant

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/internal/fixed"
)

// tensors draws tensors of the kinds that a search must stand: ordinary ones of every magnitude, constants and ties,
// values on a grid, zeros, denormals, one outlier among small values, the largest and the smallest numbers.
func tensors() *rapid.Generator[[]float32] {
	return rapid.Custom(func(t *rapid.T) []float32 {
		n := rapid.IntRange(1, 40).Draw(t, "length")
		exponent := rapid.IntRange(-149, 120).Draw(t, "exponent")
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		x := make([]float32, n)
		for i := range x {
			v := math.Ldexp(rapid.Float64Range(-1, 1).Draw(t, "value"), exponent)
			switch kind {
			case 1:
				v = math.Ldexp(float64(rapid.IntRange(-9, 9).Draw(t, "tie")), exponent-1)
			case 2:
				v = math.Ldexp(float64(rapid.IntRange(-32768, 32767).Draw(t, "grid")), -rapid.IntRange(-20, 20).Draw(t, "position"))
			case 3:
				v = 0
			case 4:
				v = math.Ldexp(v, rapid.IntRange(-20, 7).Draw(t, "spread"))
			case 5:
				v = float64(rapid.SampledFrom([]float32{
					0, float32(math.Copysign(0, -1)), math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32,
					-math.SmallestNonzeroFloat32, 1, -1, 8, -8, 7.999756, 1e-38, -1e-38, 32767.5, -32768.5, 127.5, -128.5,
				}).Draw(t, "special"))
			}
			x[i] = float32(v)
		}
		return x
	})
}

func TestSearchEqualsTheSlowOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := tensors().Draw(t, "x")
		bits := rapid.SampledFrom([]int{8, 16}).Draw(t, "bits")
		maxPosition := rapid.SampledFrom([]int{12, 12, 1, 31}).Draw(t, "max")
		low, high, finite := extremes(x)
		if !finite {
			t.Skip("not finite")
		}
		for _, candidates := range []int{inputCandidates, nodeCandidates} {
			want := slowSearch(x, bits, candidates, fixed.Floor, maxPosition)
			if got := searchFloor(x, low, high, bits, candidates, maxPosition); got != want {
				t.Fatalf("floor, %d candidates: %d, slowly %d", candidates, got, want)
			}
		}
		want := slowSearch(x, bits, nodeCandidates, fixed.HalfAway, maxPosition)
		if got := searchHalfAway(x, low, high, bits, maxPosition); got != want {
			t.Fatalf("half away: %d, slowly %d", got, want)
		}
	})
}

func TestQuantizingEqualsTheSlowOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := tensors().Draw(t, "x")
		bits := rapid.SampledFrom([]int{8, 16}).Draw(t, "bits")
		position := rapid.IntRange(fixed.MinPosition, fixed.MaxPosition).Draw(t, "position")
		g := gridOf(bits, position)
		for _, wrap := range []bool{false, true} {
			got := append([]float32(nil), x...)
			g.floorAll(got, wrap)
			for i, v := range x {
				if want := slowQuantize(v, position, bits, fixed.Floor, wrap); got[i] != want {
					t.Fatalf("floor of %g, wrap %v: %g, slowly %g", v, wrap, got[i], want)
				}
			}
		}
		got := append([]float32(nil), x...)
		g.halfAwayAll(got)
		for i, v := range x {
			if want := slowQuantize(v, position, bits, fixed.HalfAway, false); got[i] != want {
				t.Fatalf("half away of %g: %g, slowly %g", v, got[i], want)
			}
		}
	})
}

// Below 2^n, the logarithm of the k-th float32 rounds to n while k is at most this. Recorded with torch 1.13.1,
// floor(log2(x)) of float32 scalars and vectors alike.
var roundsUpTo = map[int]int{
	-64: 44, -33: 22, -32: 22, -10: 5, -4: 2, -2: 1, -1: 0, 0: 0, 1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 8: 2, 9: 5, 13: 5, 16: 5,
	17: 11, 33: 22, 64: 22,
}

// floorLog2Of gives firstCandidate a tensor whose inverse step is y, if there is one.
func floorLog2Of(y float32) (got int, ok bool) {
	for _, step := range []float32{1 / y, math.Nextafter32(1/y, 0), math.Nextafter32(1/y, 2/y)} {
		for _, high := range []float32{step * 32767.5, math.Nextafter32(step*32767.5, 0), math.Nextafter32(step*32767.5, math.MaxFloat32)} {
			if 1/(high/32767.5) == y {
				return firstCandidate(0, high, 16), true
			}
		}
	}
	return 0, false
}

func TestFirstCandidateNearPowersOfTwo(t *testing.T) {
	reached, recorded := 0, 0
	for n := -100; n <= 100; n++ {
		for k := range 70 {
			y := float32(math.Ldexp(1-math.Ldexp(float64(k), -24), n))
			got, ok := floorLog2Of(y)
			if !ok {
				continue
			}
			reached++
			require.Equal(t, slowFloorLog2(y), got, "2^%d less %d units", n, k)
			if up, found := roundsUpTo[n]; found {
				want := n
				if k > up {
					want = n - 1
				}
				require.Equal(t, want, got, "2^%d less %d units, as recorded", n, k)
				recorded++
			}
		}
	}
	require.Greater(t, reached, 5000)
	require.Greater(t, recorded, 500)
}

func TestFloorErrorsEqualTheSlowOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := tensors().Draw(t, "x")
		bits := rapid.SampledFrom([]int{8, 16}).Draw(t, "bits")
		low, high, finite := extremes(x)
		if !finite || low == 0 && high == 0 {
			t.Skip("nothing to search")
		}
		first := firstCandidate(low, high, bits)
		if first >= fixed.MaxPosition {
			t.Skip("the limit decides")
		}
		for i, got := range floorErrors(x, first, bits) {
			var want float32
			for _, v := range x {
				e := v - slowQuantize(v, first+i, bits, fixed.Floor, false)
				square := e * e
				want = want + square
			}
			if got != want {
				t.Fatalf("candidate %d: %g, slowly %g", i, got, want)
			}
		}
	})
}

func TestModeEqualsTheSlowOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		positions := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(-3, 3), rapid.IntRange(-126, 31)), 1, 60).Draw(t, "positions")
		var history tracker
		for i, p := range positions {
			history.add(p)
			if want := slowMode(positions[:i+1]); history.mode != want {
				t.Fatalf("after %v: %d, slowly %d", positions[:i+1], history.mode, want)
			}
		}
	})
}

func TestSearchOfZeros(t *testing.T) {
	x := make([]float32, 5)
	assert.Equal(t, 0, searchFloor(x, 0, 0, 16, nodeCandidates, 12))
	assert.Equal(t, 0, searchFloor(x, 0, 0, 16, inputCandidates, 12))
	assert.Equal(t, 0, searchHalfAway(x, 0, 0, 16, 12))
}

func TestWrapOfTheCast(t *testing.T) {
	// 2^19 at position 12 is 2^31 as an integer: the largest of the grid, but the most negative through an int32.
	for v, want := range map[float32][2]float32{
		524288:    {8 - 1.0/4096, -8},
		524287.97: {8 - 1.0/4096, 8 - 1.0/4096},
		-600000:   {-8, -8},
	} {
		for i, wrap := range []bool{false, true} {
			x := []float32{v}
			g := gridOf(16, 12)
			g.floorAll(x, wrap)
			assert.Equal(t, want[i], x[0], "%g, wrap %v", v, wrap)
		}
	}
}
