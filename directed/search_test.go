package directed_test

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/coverage"
	"rnnsim/directed"
	"rnnsim/dump"
	"rnnsim/xmodel"
)

func targetsOf(t *testing.T, name string, patterns ...string) (*xmodel.Model, []coverage.Target) {
	t.Helper()
	m, err := xmodel.ReadModel(filepath.Join("..", "vectors", name))
	require.NoError(t, err)
	probe, err := coverage.NewProbe(m)
	require.NoError(t, err)
	var chosen []coverage.Target
	for _, target := range probe.Targets() {
		for _, pattern := range patterns {
			if target.Matches(pattern) {
				chosen = append(chosen, target)
			}
		}
	}
	require.NotEmpty(t, chosen)
	return m, chosen
}

func TestWhatIsSaidToBeReachedIsHit(t *testing.T) {
	tests := []struct {
		model    string
		patterns []string
		atLeast  int
	}{
		{"digits-lstm16", []string{"c_next/saturation*", "y_i/*end itself", "it/entries 0 to 127", "w_hi*/product: saturation*", "input_0/*"}, 9},
		{"digits-gru8", []string{"h_next/*", "y_r/*", "input_1_*/*"}, 1},
		{"digits-bilstm16", []string{"*_backward/c_next/saturation*"}, 2},
	}
	if testing.Short() {
		tests = tests[:1]
		tests[0].patterns, tests[0].atLeast = []string{"c_next/saturation*", "it/entries 0 to 127", "input_0/*"}, 8
	}
	for _, test := range tests {
		t.Run(test.model, func(t *testing.T) {
			m, targets := targetsOf(t, test.model, test.patterns...)
			options := directed.Options{Seed: 2, Steps: 24, Tries: 150}
			result, err := directed.Search(context.Background(), m, targets, options)
			require.NoError(t, err)
			options.Threads = 1
			again, err := directed.Search(context.Background(), m, targets, options)
			require.NoError(t, err)
			require.Equal(t, result, again, "the search depends on nothing but the seed")
			require.Len(t, result.Targets, len(targets))
			hits := 0
			for _, found := range result.Targets {
				require.False(t, found.Hit && found.Unreachable)
				if !found.Hit {
					continue
				}
				hits++
				report, err := coverage.Measure(context.Background(), m, []dump.Sequence{result.Sequences[found.Sequence]})
				require.NoError(t, err)
				require.True(t, report.Hits(found.Target), found.Target)
			}
			assert.GreaterOrEqual(t, hits, test.atLeast)
			var text bytes.Buffer
			require.NoError(t, result.WriteText(&text))
			require.Contains(t, text.String(), " bins: ")
		})
	}
}

func TestIntegersDoNotReachWhatIsOffTheGrid(t *testing.T) {
	m, targets := targetsOf(t, "digits-gru8", "input_0/*")
	result, err := directed.Search(context.Background(), m, targets, directed.Options{Seed: 1, Steps: 4, Integers: true})
	require.NoError(t, err)
	for _, found := range result.Targets {
		onGrid := found.Bin == "floor without a remainder" || found.Bin == "the low end itself" || found.Bin == "the high end itself"
		assert.Equal(t, onGrid, found.Hit, found.Bin)
	}
	for _, s := range result.Sequences {
		require.Nil(t, s.Float)
	}
}

func TestACancelledSearchEnds(t *testing.T) {
	m, targets := targetsOf(t, "digits-gru8", "h_next/*")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := directed.Search(ctx, m, targets, directed.Options{Steps: 4})
	require.ErrorIs(t, err, context.Canceled)
}
