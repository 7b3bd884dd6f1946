package selftest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/vectors"
)

// No flip is missed, and each kind is found in every way that it can be.
func TestNoFlipIsMissed(t *testing.T) {
	flips := uint64(10000)
	if testing.Short() {
		flips = 600
	}
	report, err := Run(context.Background(), Options{Seed: 1, Flips: flips, Cases: vectors.Embedded, Scratch: t.TempDir()})
	require.NoError(t, err)
	for _, miss := range report.Missed {
		t.Errorf("flip %d, %s: %s: %s", miss.Number, miss.Kind, miss.Place, miss.Why)
	}
	require.Equal(t, flips, report.Flips)
	for kind, tally := range report.Kinds {
		t.Logf("%s: %+v", kind, *tally)
		assert.Zero(t, tally.Missed)
		assert.Positive(t, tally.Found, kind)
		assert.Greater(t, tally.Flips, flips/10, kind)
		assert.Less(t, sum(tally.Harmless), tally.Flips*3/4, "most flips of %s are called harmless", kind)
	}
}

func sum(counts map[string]uint64) (n uint64) {
	for _, c := range counts {
		n += c
	}
	return n
}
