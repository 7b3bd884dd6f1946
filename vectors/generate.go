package vectors

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// Generator makes stimuli. The same fields give the same sequences, on every machine.
type Generator struct {
	Features int          // of a step
	Grid     fixed.Format // of the first cell's input_0; values are integers on it
	Seed     uint64
	Steps    int // of each sequence
	// First describes the first cell, with its parameters where they are known: the pattern "saturate" takes the signs of x
	// from its weights. Without them the signs are random.
	First dump.Cell
}

// mostValues is how many values a stimulus can have: it is made in memory, and this is half a GiB of it.
const mostValues = 1 << 28

// Generate gives a number of sequences; the patterns, by name, take turns, and none means all. A pattern's second sequence is
// another than its first where the pattern leaves a choice. What a sequence holds depends on its pattern, its turn and the seed, and
// not on the other patterns that were asked for.
func (g *Generator) Generate(sequences int, names ...string) ([]dump.Sequence, error) {
	if g.Features < 1 || g.Steps < 1 || sequences < 1 {
		return nil, fmt.Errorf("generate stimuli: %d sequences of %d steps of %d features; each must be 1 or more", sequences, g.Steps, g.Features)
	}
	if sequences > mostValues/g.Steps/g.Features {
		return nil, fmt.Errorf("generate stimuli: %d sequences of %d steps of %d features are more than %d values", sequences, g.Steps, g.Features, mostValues)
	}
	if err := g.Grid.Validate(); err != nil || g.Grid.Bits > 16 {
		return nil, fmt.Errorf("generate stimuli: x has %d bits at position %d; up to 16 bits are possible", g.Grid.Bits, g.Grid.Position)
	}
	chosen := patterns
	if len(names) > 0 {
		chosen = nil
		for _, name := range names {
			at := slices.IndexFunc(patterns, func(p pattern) bool { return p.name == name })
			if at < 0 {
				return nil, fmt.Errorf("generate stimuli: there is no pattern %q; there are %s", name, strings.Join(PatternNames(), ", "))
			}
			chosen = append(chosen, patterns[at])
		}
	}
	result := make([]dump.Sequence, sequences)
	for i := range result {
		result[i].Fixed = g.sequence(chosen[i%len(chosen)], i/len(chosen))
	}
	return result, nil
}

// sequence makes the sequence of a pattern's turn.
func (g *Generator) sequence(p pattern, turn int) []int16 {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s %d", p.name, turn)
	value := p.begin(g, turn, rand.New(rand.NewPCG(g.Seed, hash.Sum64())))
	var values []int16
	for step := range g.Steps {
		for feature := range g.Features {
			v, _ := fixed.Saturate(value(step, feature), g.Grid.Bits)
			values = append(values, int16(v))
		}
	}
	return values
}
