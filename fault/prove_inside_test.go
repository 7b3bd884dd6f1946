package fault

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHalvingIsTryingOut holds the halving of ranges against trying every integer, for every pair of quantization points that never fall.
func TestHalvingIsTryingOut(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	equal := 0
	for range rounds(4000) {
		sound := point{position: 4, bits: []int{5, 8}[random.IntN(2)]}
		altered := sound
		switch random.IntN(4) {
		case 0:
			altered.rounding = rounding(random.IntN(int(ceiling) + 1))
		case 1:
			altered.bits--
		case 2:
			altered.shiftError = random.IntN(3) - 1
		default:
			altered.overflow = overflow(random.IntN(int(stopsInBetween) + 1))
		}
		position := 4 + random.IntN(5)
		low := random.Int64N(1<<12) - 1<<11
		r := Range{low, low + random.Int64N(600)}
		if altered.wrapsOn(r, position) {
			continue
		}
		d := dual{over: r, rising: true, sound: func(v int64) int16 { return sound.take(v, position) }, altered: func(v int64) int16 { return altered.take(v, position) }}
		if altered.sameBefore(sound) {
			d.alike = func(r Range) bool { return altered.inside(d.sound(r.Low)) && altered.inside(d.sound(r.High)) }
		}
		want := true
		for v := r.Low; v <= r.High; v++ {
			want = want && sound.take(v, position) == altered.take(v, position)
			if v > r.Low {
				require.LessOrEqual(t, altered.take(v-1, position), altered.take(v, position), "%+v falls", altered)
			}
		}
		require.Equal(t, want, d.equalOn(r), "%+v and %+v on %v", sound, altered, r)
		if want {
			equal++
		}
	}
	require.Greater(t, equal, rounds(400))
}
