package numberset

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASetHoldsWhatWasAdded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var s Set
	slow := map[int]bool{}
	require.False(t, s.Has(0))
	for _, n := range []int{0, 63, 64, math.MaxInt32, -1, -64, -65, math.MinInt64} {
		require.True(t, s.Add(n))
		require.False(t, s.Add(n))
		slow[n] = true
	}
	for range 5000 {
		n := random.IntN(4000)
		require.Equal(t, slow[n], s.Has(n))
		require.Equal(t, !slow[n], s.Add(n))
		slow[n] = true
		require.Equal(t, len(slow), s.Len())
	}
	require.False(t, s.Has(math.MaxInt32-1))
}
