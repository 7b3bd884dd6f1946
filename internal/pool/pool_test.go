package pool

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryItemIsDoneOnce(t *testing.T) {
	for _, threads := range []int{0, 1, 3, 100} {
		items := make([]*atomic.Int64, 50)
		for i := range items {
			items[i] = &atomic.Int64{}
		}
		var running, most atomic.Int64
		told := 0
		err := Each(t.Context(), items, threads, func(_ context.Context, n *atomic.Int64) error {
			most.Store(max(most.Load(), running.Add(1)))
			n.Add(1)
			running.Add(-1)
			return nil
		}, func(done int) {
			told++
			require.Equal(t, told, done)
		})
		require.NoError(t, err)
		require.Equal(t, len(items), told)
		if threads > 0 {
			require.LessOrEqual(t, most.Load(), int64(threads))
		}
		for _, n := range items {
			require.EqualValues(t, 1, n.Load())
		}
	}
	require.NoError(t, Each(t.Context(), []int(nil), 2, func(context.Context, int) error { return errors.New("never") }, nil))
}

func TestTheFirstErrorEndsIt(t *testing.T) {
	broken := errors.New("broken")
	calls := 0
	err := Each(t.Context(), []int{1, 2, 3, 4, 5}, 1, func(_ context.Context, n int) error {
		calls++
		if n == 2 {
			return broken
		}
		return nil
	}, nil)
	require.ErrorIs(t, err, broken)
	require.Equal(t, 2, calls)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = Each(ctx, []int{1}, 1, func(context.Context, int) error { calls++; return nil }, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 2, calls)
}
