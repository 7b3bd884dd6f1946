package verify

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/golden"
	"rnnsim/internal/fixed"
)

// float32Sum adds products in float32 along a random tree, each product rounded before it is added or fused into an addition.
func float32Sum(random *rand.Rand, x, w []int16) float32 {
	type term struct {
		value float32
		a, b  float64 // of a product that is not rounded yet
	}
	terms := make([]term, len(x))
	for i := range x {
		terms[i] = term{value: float32(x[i]) * float32(w[i]), a: float64(x[i]), b: float64(w[i])}
	}
	for len(terms) > 1 {
		i := random.IntN(len(terms) - 1)
		left, right := terms[i], terms[i+1]
		sum := left.value + right.value
		if right.a != 0 && random.IntN(2) == 0 {
			exact := new(big.Float).SetPrec(200).SetFloat64(right.a)
			exact.Mul(exact, new(big.Float).SetFloat64(right.b)).Add(exact, new(big.Float).SetFloat64(float64(left.value)))
			sum, _ = exact.Float32()
		}
		terms[i] = term{value: sum}
		terms = append(terms[:i+1], terms[i+2:]...)
	}
	return terms[0].value
}

func TestTheBoundHoldsForEveryOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		n := rapid.IntRange(1, 40).Draw(r, "terms")
		scaleX, scaleW := rapid.IntRange(0, 15).Draw(r, "x"), rapid.IntRange(0, 15).Draw(r, "w")
		x, w, products := make([]int16, n), make([]int16, n), make([]int64, n)
		var exact int64
		var magnitudes float64
		for i := range x {
			x[i], w[i] = int16(random.IntN(1<<16)-1<<15)>>scaleX, int16(random.IntN(1<<16)-1<<15)>>scaleW
			products[i] = int64(x[i]) * int64(w[i])
			exact += products[i]
			magnitudes += math.Abs(float64(products[i]))
		}
		bound := sumError(products)
		worst := float64(n) / (1 << 24) * magnitudes / (1 - float64(n)/(1<<24)) // the usual bound, n·u / (1 - n·u) of Σ|x·w|
		require.LessOrEqual(r, bound, worst*(1+1e-9))
		for range 20 {
			err := math.Abs(float64(float32Sum(random, x, w)) - float64(exact))
			require.LessOrEqual(r, err, bound)
		}
	})
}

// A bound that no sum comes near proves little.
func TestTheBoundIsNotLoose(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tightest := 0.0
	for range 2000 {
		x, w, products := make([]int16, 3), make([]int16, 3), make([]int64, 3)
		var exact int64
		for i := range x {
			x[i], w[i] = int16(random.IntN(1<<16)-1<<15), int16(random.IntN(1<<16)-1<<15)
			products[i] = int64(x[i]) * int64(w[i])
			exact += products[i]
		}
		if bound := sumError(products); bound > 0 {
			err := math.Abs(float64(float32Sum(random, x, w)) - float64(exact))
			tightest = max(tightest, err/bound)
		}
	}
	require.Greater(t, tightest, 0.4)
	require.LessOrEqual(t, tightest, 1.0)
}

func TestSmallSumsAreExact(t *testing.T) {
	require.Zero(t, sumError([]int64{1 << 23, -(1 << 23)}))
	require.Zero(t, sumError([]int64{1 << 29, 1 << 28}), "few significant bits")
	require.NotZero(t, sumError([]int64{1<<24 + 1}), "a product of 25 bits")
	require.NotZero(t, sumError([]int64{1 << 24, 1}))
	require.Zero(t, sumError(nil))
}

func TestExplainedProductsAreThoseOfFloat32(t *testing.T) {
	n := &golden.NodeInfo{
		Op: "mul", Width: 1, Format: fixed.Format{Bits: 16, Position: 12},
		Reads: []golden.Read{{Name: "a", Format: fixed.Format{Bits: 16, Position: 15}}, {Name: "b", Format: fixed.Format{Bits: 16, Position: 12}}},
	}
	found := false
	for a := 32767; a > 32000; a -= 3 {
		for b := 32767; b > 32000; b -= 7 {
			inputs := map[string][]int16{"a": {int16(a)}, "b": {int16(b)}}
			rounded, _ := new(big.Float).SetPrec(24).SetMode(big.ToNearestEven).SetInt64(int64(a) * int64(b)).Int64()
			want := int16(rounded >> 15)
			require.True(t, explained(n, 0, inputs, want))
			exact := int16(a * b >> 15)
			require.False(t, explained(n, 0, inputs, want-1))
			require.False(t, explained(n, 0, inputs, want+1))
			found = found || exact != want
		}
	}
	require.True(t, found, "somewhere float32 crosses a boundary")
}

// A sum beside a boundary: 3 LSB and a half, less a trifle that float32 cannot hold.
func TestExplainedSumsCrossOneBoundaryInTheRightDirection(t *testing.T) {
	format := func(bits, position int) fixed.Format { return fixed.Format{Bits: bits, Position: position} }
	node := func(bias []int16) *golden.NodeInfo {
		return &golden.NodeInfo{
			Op: "matmul", Width: 1, Format: format(16, 4), Reads: []golden.Read{{Name: "x", Format: format(16, 15)}},
			Matmul: &golden.MatmulInfo{Weights: []int16{32767, 32767, -1}, WeightFormat: format(16, 15), Bias: bias, BiasFormat: format(16, 4)},
		}
	}
	// 32767·(a+b) - 1 at position 30; one LSB of the output is 2^26.
	inputs := func(a, b int16) map[string][]int16 { return map[string][]int16{"x": {a, b, 1}} }
	const boundary = 1 << 26
	a, b := int16(1024), int16(1024)
	sum := int64(32767)*int64(a) + int64(32767)*int64(b) - 1
	require.Less(t, int64(boundary)-sum, int64(3000))
	bound := sumError([]int64{32767 * 1024, 32767 * 1024, -1})
	require.Less(t, bound, float64(boundary-sum), "not within the bound: float32 cannot lose that much")
	require.False(t, explained(node(nil), 0, inputs(a, b), 1))

	// With the third weight the sum comes to 2^26 - 1, which float32 rounds up.
	n := node(nil)
	n.Matmul.Weights = []int16{32767, 32767, 2047}
	require.EqualValues(t, boundary-1, int64(32767)*2048+2047)
	require.True(t, explained(n, 0, inputs(a, b), 1), "one LSB, upwards")
	require.False(t, explained(n, 0, inputs(a, b), -1), "the other direction")
	require.False(t, explained(n, 0, inputs(a, b), 2), "two LSB")
	withBias := node([]int16{100})
	withBias.Matmul.Weights = n.Matmul.Weights
	require.True(t, explained(withBias, 0, inputs(a, b), 101))
	require.False(t, explained(withBias, 0, inputs(a, b), 102))
	saturated := node([]int16{32767})
	saturated.Matmul.Weights = n.Matmul.Weights
	require.True(t, explained(saturated, 0, inputs(a, b), 32767), "the bias saturates both alike")
}
