package verify

import (
	"math"
	"math/rand/v2"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// The default stimulus: as many sequences, of as many steps.
const (
	randomSequences = 8
	stimulusSteps   = 24
)

// DefaultStimulus gives the stimulus that a verification without input uses, the same for the same seed: random sequences on
// the grid of the model's input, each at another part of its range, then corner patterns (all zero, both ends, alternating
// ends, the smallest steps around zero, one feature at a time, a ramp over the range). The values are real numbers that lie on
// the grid, so that the float model can run them too.
func DefaultStimulus(features int, grid fixed.Format, seed uint64) []dump.Sequence {
	random := rand.New(rand.NewPCG(seed, 0))
	low, high := grid.Min(), grid.Max()
	var patterns []func(step, feature int) int64
	for i := range randomSequences {
		// The first sequence fills the range, each next one half as much.
		shift := i * grid.Bits / (randomSequences + 2)
		patterns = append(patterns, func(int, int) int64 { return fixed.ShiftRight(low+random.Int64N(high-low+1), shift) })
	}
	patterns = append(patterns,
		func(int, int) int64 { return 0 },
		func(int, int) int64 { return low },
		func(int, int) int64 { return high },
		func(step, feature int) int64 { return [2]int64{low, high}[(step+feature)%2] },
		func(step, feature int) int64 { return [4]int64{-1, 0, 1, 0}[(step+feature)%4] },
		func(step, feature int) int64 {
			if step%features == feature {
				return high
			}
			return 0
		},
		func(step, _ int) int64 { return low + (high-low)*int64(step)/(stimulusSteps-1) },
	)
	sequences := make([]dump.Sequence, len(patterns))
	for i, pattern := range patterns {
		values := make([]float32, 0, stimulusSteps*features)
		for step := range stimulusSteps {
			for feature := range features {
				values = append(values, float32(math.Ldexp(float64(pattern(step, feature)), -grid.Position)))
			}
		}
		sequences[i].Float = values
	}
	return sequences
}
