package sim

import (
	"slices"

	"rnnsim/dump"
)

// blockBytes is about what the frames of one block take. Blocks are how frames travel from the workers to the sink, and
// their number is bounded.
const blockBytes = 1 << 18

// A cancelled run stops at the end of a stretch. So a stretch has at most longestBlock steps, and fewer where they come to more
// products than this, but for shortestBlock, which the kernels need to be quick.
const (
	longestBlock       = 256
	shortestBlock      = 8
	productsPerStretch = 1 << 29
)

// stepsOfStretch is how many steps a number of sequences runs between two looks at whether the run is cancelled.
func stepsOfStretch(p *program, sequences int) int {
	products := max(1, p.products*sequences)
	return max(shortestBlock, min(longestBlock, productsPerStretch/products))
}

// block is consecutive frames of one cell of one sequence.
type block struct {
	cell, sequence, first int
	recorded              []int // indices of the nodes that are kept
	steps                 int
	values                []int16
	clamped               []int32
	// trace is rows of nodes as the kernels write them, [steps][row], and places, by recorded node, where it lies in a row; -1 says
	// that its values are among values, as those of all nodes are where places is nil.
	trace  []int16
	row    int
	places []int
}

func (p *Plan) emptyBlock() *block {
	if b, ok := p.blocks.Get().(*block); ok {
		return b
	}
	return new(block)
}

// stepsOfBlock is how many steps of a cell a block takes.
func stepsOfBlock(p *program) int {
	return max(1, min(stepsOfStretch(p, 1), blockBytes/2/len(p.frame)))
}

// start empties the block for the frames of a cell from a step on.
func (b *block) start(cell, sequence, first int, recorded []int) {
	*b = block{
		cell: cell, sequence: sequence, first: first, recorded: recorded,
		values: b.values[:0], clamped: b.clamped[:0], trace: b.trace,
	}
}

// traced makes room for so many rows of a trace, of which the recorded nodes have these places.
func (b *block) traced(places []int, row, steps int) []int16 {
	b.places, b.row, b.trace = places, row, grow(b.trace, steps*row)
	return b.trace
}

// lies says where in a row of the trace a recorded node lies; -1 where it does not.
func (b *block) lies(recorded int) int {
	if b.places == nil {
		return -1
	}
	return b.places[recorded]
}

// room makes room for so many steps of the nodes that do not lie in the trace.
func (b *block) room(spans []span, steps int) {
	width := 0
	for i, node := range b.recorded {
		if b.lies(i) < 0 {
			width += spans[node].to - spans[node].from
		}
	}
	b.values, b.clamped = slices.Grow(b.values, steps*width), slices.Grow(b.clamped, steps*len(b.recorded))
}

// add takes the step that the runner has just run.
func (b *block) add(r *nodeRunner) {
	for i, node := range b.recorded {
		if b.lies(i) < 0 {
			b.values = append(b.values, r.program.spans[node].of(r.values)...)
		}
		b.clamped = append(b.clamped, r.clamped[node])
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
			if at := b.lies(i); at >= 0 {
				at += step * b.row
				frame.Fixed[i] = b.trace[at : at+width : at+width]
			} else {
				frame.Fixed[i], values = values[:width:width], values[width:]
			}
		}
		frame.Step = b.first + step
		frame.Saturations, clamped = clamped[:len(b.recorded):len(b.recorded)], clamped[len(b.recorded):]
		if err := write(&frame); err != nil {
			return err
		}
	}
	return nil
}
