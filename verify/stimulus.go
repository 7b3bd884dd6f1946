package verify

import (
	"math"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/vectors"
)

// The default stimulus: as many random sequences, of as many steps, and one of each of these patterns, which need no more than the
// range of x.
const (
	randomSequences = 8
	stimulusSteps   = 24
)

var stimulusPatterns = []string{"zero", "min", "max", "alternating", "small", "one-hot", "ramp"}

// DefaultStimulus gives the stimulus that a verification without input uses, the same for the same seed: random sequences on
// the grid of the model's input, each in another part of its range, then corner patterns. The values are real numbers that lie on
// the grid, so that the float model can run them too.
func DefaultStimulus(features int, grid fixed.Format, seed uint64) []dump.Sequence {
	generator := vectors.Generator{Features: features, Grid: grid, Seed: seed, Steps: stimulusSteps}
	var sequences []dump.Sequence
	for _, part := range []struct {
		count    int
		patterns []string
	}{{randomSequences, []string{"random"}}, {len(stimulusPatterns), stimulusPatterns}} {
		generated, err := generator.Generate(part.count, part.patterns...)
		if err != nil {
			panic(err) // only a model that was not compiled has no features or no grid
		}
		for _, s := range generated {
			real := make([]float32, len(s.Fixed))
			for i, v := range s.Fixed {
				real[i] = float32(math.Ldexp(float64(v), -grid.Position))
			}
			sequences = append(sequences, dump.Sequence{Float: real})
		}
	}
	return sequences
}
