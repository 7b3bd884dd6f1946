package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/model"
	"rnnsim/vectors"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// readStimulus reads what --input, --lengths, --h0 and --c0 name.
func readStimulus(c *cli.Context, quantized *xmodel.Model) (*vectors.Sequences, error) {
	stimulus, err := vectors.ReadSequences(c.String("input"), c.String("lengths"))
	if err != nil {
		return nil, err
	}
	features, err := quantized.Cells[0].Input()
	if err != nil {
		return nil, err
	}
	if err := stimulus.WantFeatures(features); err != nil {
		return nil, err
	}
	if c.String("h0") == "" && c.String("c0") == "" {
		return stimulus, nil
	}
	shapes, err := stateShapes(quantized)
	if err != nil {
		return nil, err
	}
	return stimulus, stimulus.ReadStates(c.String("h0"), c.String("c0"), shapes)
}

// holdsTokens tells whether the input is token ids for the embedding of the float model.
func holdsTokens(c *cli.Context, network *model.Network) bool {
	tokens, err := vectors.IsTokens(c.String("input"))
	return err == nil && tokens && network != nil && network.Embedding != nil
}

// readEmbedded looks the token ids of the input up in the float model's embedding.
func readEmbedded(c *cli.Context, network *model.Network, grid fixed.Format) ([]dump.Sequence, error) {
	ids, err := vectors.ReadTokens(c.String("input"), c.String("lengths"))
	if err != nil {
		return nil, err
	}
	sequences, err := verify.Embed(network.Embedding, ids, grid)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.String("input"), err)
	}
	return sequences, nil
}

func stateShapes(quantized *xmodel.Model) ([]vectors.StateShape, error) {
	var shapes []vectors.StateShape
	for i := range quantized.Cells {
		cell := &quantized.Cells[i]
		hidden, err := cell.Output()
		if err != nil {
			return nil, err
		}
		shape := vectors.StateShape{Hidden: hidden, HasC: cell.Graph.Node("input_2") != nil}
		if shape.H, err = nodeFormat(cell.Graph, "input_1"); err != nil {
			return nil, err
		}
		if shape.HasC {
			if shape.C, err = nodeFormat(cell.Graph, "input_2"); err != nil {
				return nil, err
			}
		}
		shapes = append(shapes, shape)
	}
	return shapes, nil
}

// nodeFormat is the format that a node is quantized to: that of the fix op behind it.
func nodeFormat(g *xmodel.Graph, node string) (fixed.Format, error) {
	fix := g.Op(xmodel.OpName(g.Name, node) + "_fix")
	if fix == nil {
		return fixed.Format{}, fmt.Errorf("graph %s: node %s has no fix op behind it", g.Name, node)
	}
	return xmodel.FixFormat(fix)
}
