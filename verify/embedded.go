package verify

import (
	"fmt"
	"math/rand/v2"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/model"
)

// How much an application's own kind of input is in the default stimulus of a model that begins with an embedding.
const (
	embeddedSequences = 8
	embeddedSteps     = 100
)

// Embed looks tokens up as the network does, and brings the result to the grid of the quantized model's input: what an application
// feeds it. Errors name the sequence and the step.
func Embed(e *model.Embedding, tokens [][]int64, grid fixed.Format) ([]dump.Sequence, error) {
	sequences := make([]dump.Sequence, len(tokens))
	for i, list := range tokens {
		x := make([]float32, 0, len(list)*e.Features)
		for step, token := range list {
			if token < 0 || token >= int64(e.Tokens) {
				return nil, fmt.Errorf("embed sequence %d, step %d: token %d; the embedding has %d", i, step, token, e.Tokens)
			}
			x = append(x, e.Weight[int(token)*e.Features:][:e.Features]...)
		}
		sequences[i].Float = x
	}
	RoundTo(grid, sequences)
	return sequences, nil
}

// RoundTo brings the real numbers of sequences to a grid, half away from zero, as an application does that feeds an embedding's rows.
func RoundTo(grid fixed.Format, sequences []dump.Sequence) {
	for _, sequence := range sequences {
		for i, v := range sequence.Float {
			sequence.Float[i] = float32(fixed.Real(fixed.HalfAway.Quantize(float64(v), grid), grid.Position))
		}
	}
}

// embeddedStimulus is seeded tokens through the embedding.
func embeddedStimulus(e *model.Embedding, grid fixed.Format, seed uint64) ([]dump.Sequence, error) {
	random := rand.New(rand.NewPCG(seed, embeddedSteps))
	tokens := make([][]int64, embeddedSequences)
	for i := range tokens {
		for range embeddedSteps {
			tokens[i] = append(tokens[i], random.Int64N(int64(e.Tokens)))
		}
	}
	return Embed(e, tokens, grid)
}
