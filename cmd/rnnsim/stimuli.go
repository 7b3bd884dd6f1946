package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/internal/npy"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// modelAndStimuli reads what a command line names: first a quantized model, then .npy files of stimuli, which are taken one after
// another.
func modelAndStimuli(c *cli.Context) (*xmodel.Model, []dump.Sequence, error) {
	paths := c.Args().Slice()
	first := len(paths)
	for first > 0 && strings.HasSuffix(strings.ToLower(paths[first-1]), ".npy") {
		first--
	}
	if first == 0 || first == len(paths) {
		return nil, nil, usagef("%s wants a quantized model and .npy files of stimuli (rnnsim %s --help)", c.Command.Name, c.Command.Name)
	}
	if c.IsSet("lengths") && len(paths)-first > 1 {
		return nil, nil, usagef("--lengths goes with one file of stimuli; there are %d", len(paths)-first)
	}
	quantized, err := readQuantized(paths[:first]...)
	if err != nil {
		return nil, nil, err
	}
	float, err := readEmbedding(c)
	if err != nil {
		return nil, nil, err
	}
	sequences, err := readStimuli(quantized, float, paths[first:], c.String("lengths"))
	return quantized, sequences, err
}

// readStimuli reads the sequences of files one after another; of token ids, where float, which may be nil, has an embedding.
func readStimuli(quantized *xmodel.Model, float *model.Network, paths []string, lengths string) ([]dump.Sequence, error) {
	features, err := quantized.Cells[0].Input()
	if err != nil {
		return nil, err
	}
	var sequences []dump.Sequence
	for _, path := range paths {
		stimulus, err := readSequences(float, path, lengths)
		if err != nil {
			return nil, err
		}
		if err := stimulus.WantFeatures(features); err != nil {
			return nil, err
		}
		sequences = append(sequences, stimulus.Sequences...)
	}
	return sequences, nil
}

// writeStimuli writes sequences of one length as a .npy file: int16 where all are integers on the grid of x, float32 otherwise.
func writeStimuli(path string, features int, grid fixed.Format, sequences []dump.Sequence) error {
	real := slices.ContainsFunc(sequences, func(s dump.Sequence) bool { return s.Float != nil })
	var values []int16
	var reals []float32
	for _, s := range sequences {
		values = append(values, s.Fixed...)
		reals = append(reals, s.Float...)
		for _, v := range s.Fixed {
			if real {
				reals = append(reals, float32(fixed.Real(int64(v), grid.Position)))
			}
		}
	}
	steps := (len(sequences[0].Fixed) + len(sequences[0].Float)) / features
	var array *npy.Array
	var err error
	if real {
		array, err = npy.New(reals, len(sequences), steps, features)
	} else {
		array, err = npy.New(values, len(sequences), steps, features)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return npy.WriteFile(path, array)
}
