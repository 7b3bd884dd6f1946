package golden

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/internal/fixed"
)

// Many values at a time come out as one by one, at positions near and far.
func TestManyValuesAreLikeOne(t *testing.T) {
	wide := rapid.OneOf(rapid.Int64Range(-far, far), rapid.Int64Range(-70000, 70000), rapid.SampledFrom([]int64{-far, far, 0, -1, 1, 1 << 31, -1 << 31}))
	rapid.Check(t, func(t *rapid.T) {
		format := fixed.Format{Bits: rapid.SampledFrom([]int{1, 8, 16}).Draw(t, "bits"), Position: rapid.IntRange(-60, 60).Draw(t, "to")}
		position := rapid.IntRange(-60, 60).Draw(t, "from")
		q := newQuantizer(format, rapid.Bool().Draw(t, "wraps"))

		values := rapid.SliceOfN(wide, 1, 20).Draw(t, "values")
		out := make([]int16, len(values))
		clamped := q.takeAll(values, position, out)
		for i, v := range values {
			want, c := q.take(v, position)
			require.Equal(t, want, out[i], "%d", v)
			clamped -= c
		}
		require.Zero(t, clamped)

		narrow := rapid.SliceOfN(rapid.Int16(), 1, 2*batch+3).Draw(t, "integers")
		cuts, entries := make([]int16, len(narrow)), make([]int64, len(narrow))
		clamped = q.all(narrow, position, cuts)
		table := rapid.SampledFrom([]*fixed.Table{fixed.Sigmoid, fixed.Tanh}).Draw(t, "table")
		lookAll(table, narrow, position, entries)
		for i, v := range narrow {
			want, c := q.take(int64(v), position)
			require.Equal(t, want, cuts[i], "%d", v)
			clamped -= c
			require.EqualValues(t, table.Lookup(int64(v), position), entries[i], "%d", v)
		}
		require.Zero(t, clamped)
	})
}
