package coverage

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
)

// TestADistanceOfZeroIsAHit holds the distances of a probe against the hits of the coverage, for every bin of every frame.
func TestADistanceOfZeroIsAHit(t *testing.T) {
	names := []string{"digits-gru8", "digits-lstm16", "digits-bilstm16"}
	if testing.Short() {
		names = names[:1]
	}
	for _, name := range names {
		m, exact := shippedModel(t, name)
		stimuli := generated(t, exact, 6, 3)
		report, err := Measure(t.Context(), m, stimuli)
		require.NoError(t, err)
		probe, err := NewProbe(m)
		require.NoError(t, err)
		trace := dump.NewMemory()
		require.NoError(t, exact.Run(t.Context(), stimuli, trace))
		for _, target := range probe.Targets() {
			if probe.Entry(target) {
				continue
			}
			nearest := int64(math.MaxInt64)
			before := map[int][][]int16{}
			for _, f := range trace.Frames {
				if f.Step == 0 {
					delete(before, f.Cell)
				}
				if probe.Reads(target, f.Cell) {
					d := probe.Distance(target, f.Cell, before[f.Cell], f.Fixed)
					require.GreaterOrEqual(t, d, int64(0), target)
					nearest = min(nearest, d)
				}
				before[f.Cell] = f.Fixed
			}
			require.Equal(t, report.Hits(target), nearest == 0, "%s: %s", name, target)
		}
	}
}

func TestPatternsOfBins(t *testing.T) {
	target := Target{Graph: "g", Node: "y_i", Bin: "saturation at the low end"}
	for pattern, want := range map[string]bool{
		"y_i/saturation at the low end": true, "y_*/saturation*": true, "g/y_i/*": true, "*/*": true,
		"y_f/*": false, "h/y_i/*": false, "y_i": false, "[": false,
	} {
		require.Equal(t, want, target.Matches(pattern), pattern)
	}
}
