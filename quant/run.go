package quant

import (
	"context"
	"fmt"

	"rnnsim/internal/fixed"
	"rnnsim/model"
)

// calibration is the cells of a network while they calibrate.
type calibration struct {
	net     *model.Network
	options Options
	layers  [][]*calibratedCell
	params  *paramSearch

	done, total int // timesteps of cells
}

func newCalibration(net *model.Network, options Options) (*calibration, error) {
	c := &calibration{
		net: net, options: options, layers: make([][]*calibratedCell, len(net.Layers)),
		params: &paramSearch{kind: net.Kind, compat: options.Compat, maxPosition: options.MaxFixPosition, known: map[string]bool{}},
	}
	for _, placed := range placedCells(net) {
		cell, err := newCalibratedCell(net.Kind, placed, options, c.params)
		if err != nil {
			return nil, err
		}
		c.layers[placed.layer] = append(c.layers[placed.layer], cell)
	}
	return c, nil
}

func (c *calibration) run(ctx context.Context, sequences [][]float32) error {
	features := c.net.Input()
	for _, sequence := range sequences {
		for _, layer := range c.layers {
			c.total += len(layer) * (len(sequence) / features)
		}
	}
	for i, sequence := range sequences {
		steps := len(sequence) / features
		x := append([]float32(nil), sequence...)
		for _, layer := range c.layers {
			var err error
			if x, err = c.runLayer(ctx, layer, x, steps); err != nil {
				return fmt.Errorf("sequence %d: %w", i, err)
			}
		}
	}
	c.options.Progress(c.done, c.total)
	return nil
}

// runLayer runs the cells of a layer over x, [steps × features], and gives its output, [steps × units of all directions].
func (c *calibration) runLayer(ctx context.Context, layer []*calibratedCell, x []float32, steps int) ([]float32, error) {
	width := 0
	for _, cell := range layer {
		width += cell.Hidden
	}
	output := make([]float32, steps*width)
	offset := 0
	for _, cell := range layer {
		cell.reset()
		for k := range steps {
			t := k
			if cell.backward {
				t = steps - 1 - k
			}
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("stopped at step %d of %s: %w", t, cell.graph, err)
			}
			if err := cell.step(x[t*cell.Input : (t+1)*cell.Input]); err != nil {
				return nil, fmt.Errorf("step %d: %w", t, err)
			}
			copy(output[t*width+offset:], cell.values[cell.program.hNext])
			c.advance()
		}
		offset += cell.Hidden
	}
	return output, nil
}

// progressInterval is how many timesteps pass between two reports of progress.
const progressInterval = 64

func (c *calibration) advance() {
	c.done++
	if c.done%progressInterval == 0 {
		c.options.Progress(c.done, c.total)
	}
}

// info is the positions in force, before the export adjusts them. Tables, which have none yet, stand at position 0.
func (c *calibration) info() *Info {
	info := &Info{Param: c.params.section}
	c.eachTracked(func(cell *calibratedCell, o op, t, narrow *tracker) {
		format := fixed.Format{Bits: activationBits}
		if t != nil {
			format.Position = t.mode
		}
		info.Output = append(info.Output, Entry{nodeKey(cell.graph, o.Label), format})
		if narrow != nil {
			format = fixed.Format{Bits: c.options.WeightBits, Position: narrow.mode}
			info.Input = append(info.Input, Entry{nodeKey(cell.graph, o.Label), format})
		}
	})
	return info
}

func (c *calibration) history() History {
	var h History
	c.eachTracked(func(cell *calibratedCell, o op, t, narrow *tracker) {
		if t != nil {
			h.Output = append(h.Output, NodeHistory{nodeKey(cell.graph, o.Label), t.positions})
		}
		if narrow != nil {
			h.Input = append(h.Input, NodeHistory{nodeKey(cell.graph, o.Label), narrow.positions})
		}
	})
	return h
}

// eachTracked visits every node of every cell in the order of quant_info.json, with its history (nil for a table) and that of
// its 8-bit matmul input (nil where there is none).
func (c *calibration) eachTracked(visit func(cell *calibratedCell, o op, t, narrow *tracker)) {
	for _, layer := range c.layers {
		for _, cell := range layer {
			for i, o := range cell.program.ops {
				var narrow *tracker
				if o.kind == opLinear {
					narrow = cell.narrowTrackers[o.a]
				}
				visit(cell, o, cell.trackers[i], narrow)
			}
		}
	}
}
