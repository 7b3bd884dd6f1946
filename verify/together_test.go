package verify

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTogetherKeepsTheOrder(t *testing.T) {
	second := make(chan struct{})
	checks, err := together(context.Background(), []checker{
		func(context.Context) (*Check, error) {
			<-second
			return &Check{Name: "first"}, nil
		},
		func(context.Context) (*Check, error) {
			close(second)
			return &Check{Name: "second"}, nil
		},
	})
	require.NoError(t, err)
	require.Equal(t, []Check{{Name: "first"}, {Name: "second"}}, checks)
}

func TestTogetherEndsAllForAnError(t *testing.T) {
	broken := errors.New("broken")
	waits := func(ctx context.Context) (*Check, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	breaks := func(context.Context) (*Check, error) { return nil, broken }
	_, err := together(context.Background(), []checker{waits, breaks, waits})
	require.ErrorIs(t, err, broken)
	require.NotErrorIs(t, err, context.Canceled)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = together(ctx, []checker{waits, waits})
	require.ErrorIs(t, err, context.Canceled)
}

func TestOnceForWorksOnce(t *testing.T) {
	times := 0
	f := onceFor(func(context.Context) (int, error) {
		times++
		return times, errors.New("kept")
	})
	for range 2 {
		v, err := f(context.Background())
		require.Equal(t, 1, v)
		require.EqualError(t, err, "kept")
	}
}
