package differential

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRandomCells runs for RNNSIM_DIFFERENTIAL seconds; by itself for a few, in short mode for one.
func TestRandomCells(t *testing.T) {
	seconds := 8.0
	if testing.Short() {
		seconds = 1
	}
	if text := os.Getenv("RNNSIM_DIFFERENTIAL"); text != "" {
		var err error
		seconds, err = strconv.ParseFloat(text, 64)
		require.NoError(t, err, "RNNSIM_DIFFERENTIAL")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	report, err := Run(context.Background(), Options{
		Seed: seed, Duration: time.Duration(seconds * float64(time.Second)), Processors: []int{2, 1, 4, 3},
		Save: filepath.Join(t.TempDir(), "case"),
	})
	require.NoError(t, err)
	require.Nil(t, report.Found, "%+v", report.Found)
	require.Positive(t, report.Cells)
	t.Logf("%d cells in %.1f s, %v", report.Cells, report.Seconds, report.Kernels)
}
