package sim

import "rnnsim/dump"

// blockBytes is about what the frames of one block take. Blocks are how frames travel from the workers to the sink, and
// their number is bounded.
const blockBytes = 1 << 18

// longestBlock bounds the steps of a block, so that a cancelled run stops soon.
const longestBlock = 256

// block is consecutive frames of one cell of one sequence.
type block struct {
	cell, sequence, first int
	recorded              []int // indices of the nodes that are kept
	steps                 int
	values                []int16
	clamped               []int32
}

// stepsOfBlock is how many steps of a frame of the given width a block takes.
func stepsOfBlock(width int) int { return max(1, min(longestBlock, blockBytes/2/max(1, width))) }

// start empties the block for the frames of a cell from a step on.
func (b *block) start(cell, sequence, first int, recorded []int) {
	*b = block{cell: cell, sequence: sequence, first: first, recorded: recorded, values: b.values[:0], clamped: b.clamped[:0]}
}

// add takes the step that the runner has just run.
func (b *block) add(r *nodeRunner) {
	for _, i := range b.recorded {
		b.values = append(b.values, r.program.spans[i].of(r.values)...)
		b.clamped = append(b.clamped, r.clamped[i])
	}
	b.steps++
}

// write gives the frames to a function, in order.
func (b *block) write(spans []span, write func(*dump.Frame) error) error {
	frame := dump.Frame{Cell: b.cell, Sequence: b.sequence, Fixed: make([][]int16, len(b.recorded))}
	values, clamped := b.values, b.clamped
	for step := range b.steps {
		for i, node := range b.recorded {
			width := spans[node].to - spans[node].from
			frame.Fixed[i], values = values[:width:width], values[width:]
		}
		frame.Step = b.first + step
		frame.Saturations, clamped = clamped[:len(b.recorded):len(b.recorded)], clamped[len(b.recorded):]
		if err := write(&frame); err != nil {
			return err
		}
	}
	return nil
}
