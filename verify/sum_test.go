package verify

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Sums are held to exact arithmetic, in two orders.
func TestSumsAreExactWhateverTheirOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(41, 42))
	for range 50 {
		numbers := make([]float64, 3000)
		exact := new(big.Int)
		for i := range numbers {
			n := random.Int64N(1 << (1 + random.IntN(53)))
			numbers[i] = math.Ldexp(float64(n), -24)
			exact.Add(exact, big.NewInt(n))
		}
		want, _ := new(big.Float).SetInt(exact).Float64()
		want = math.Ldexp(want, -24)
		var forward, parts sum
		for _, x := range numbers {
			forward.add(x)
		}
		random.Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
		for len(numbers) > 0 {
			n := min(len(numbers), 1+random.IntN(40))
			var part sum
			for _, x := range numbers[:n] {
				part.add(x)
			}
			parts.join(part)
			numbers = numbers[n:]
		}
		require.Equal(t, want, forward.value())
		require.Equal(t, forward, parts)
	}
	endless := sumOf(1)
	endless.add(math.Inf(1))
	endless.add(5)
	require.Equal(t, math.Inf(1), endless.value())
}
