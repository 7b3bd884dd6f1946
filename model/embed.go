package model

import "fmt"

// Embed looks token ids up in the network's embedding: for each sequence its steps, row-major [steps, features]. A network without
// an embedding, an empty sequence and an id outside the table are errors that name the sequence and the step.
func (n *Network) Embed(tokens [][]int64) ([][]float32, error) {
	if n.Embedding == nil {
		return nil, fmt.Errorf("the network has no embedding, so it cannot read token ids; give it [sequences, steps, %d] floats", n.Input())
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("there is no sequence")
	}
	width := n.Embedding.Features
	steps := make([][]float32, len(tokens))
	for i, ids := range tokens {
		if len(ids) == 0 {
			return nil, fmt.Errorf("sequence %d has no token", i)
		}
		steps[i] = make([]float32, 0, len(ids)*width)
		for step, id := range ids {
			if id < 0 || id >= int64(n.Embedding.Tokens) {
				return nil, fmt.Errorf("sequence %d, step %d: token %d is outside the embedding's %d tokens", i, step, id, n.Embedding.Tokens)
			}
			steps[i] = append(steps[i], n.Embedding.Weight[int(id)*width:][:width]...)
		}
	}
	return steps, nil
}
