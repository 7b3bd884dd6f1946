package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"rnnsim/internal/fixed"
	"rnnsim/model"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

// embeddingFlag names the float model that token ids are looked up in: a quantized model has its recurrent layers only.
func embeddingFlag() cli.Flag {
	return &cli.StringFlag{Name: "embedding", Usage: "the input is token ids [sequences, steps]: look them up in the embedding of this float `MODEL`", TakesFile: true}
}

// embeddingFlags are for commands that read a float model for its embedding only.
func embeddingFlags() []cli.Flag {
	return []cli.Flag{
		embeddingFlag(),
		&cli.StringFlag{Name: "rnn", Usage: "the embedding is that of the RNN of this `NAME`, where the float model has several"},
	}
}

// readEmbedding reads the float model of --embedding; without the flag there is none.
func readEmbedding(c *cli.Context) (*model.Network, error) {
	if !c.IsSet("embedding") {
		return nil, nil
	}
	float, err := readFloat(c, c.String("embedding"))
	if err != nil {
		return nil, err
	}
	if float.Embedding == nil {
		return nil, fmt.Errorf("look token ids up in %s: it has no embedding", float.Source)
	}
	return float, nil
}

// readInput reads what --input and --lengths name. Token ids are looked up in the model of --embedding, or in float, which may be
// nil.
func readInput(c *cli.Context, float *model.Network) (*vectors.Sequences, error) {
	named, err := readEmbedding(c)
	if err != nil {
		return nil, err
	}
	if named != nil {
		float = named
	}
	return readSequences(float, c.String("input"), c.String("lengths"))
}

// readSequences reads one file of sequences: of token ids, where the float model, which may be nil, has an embedding.
func readSequences(float *model.Network, path, lengths string) (*vectors.Sequences, error) {
	if float == nil || float.Embedding == nil {
		return vectors.ReadSequences(path, lengths)
	}
	return vectors.ReadFor(float, path, lengths)
}

// readStimulus reads what --input, --lengths, --h0 and --c0 name; see readInput for float.
func readStimulus(c *cli.Context, quantized *xmodel.Model, float *model.Network) (*vectors.Sequences, error) {
	stimulus, err := readInput(c, float)
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
