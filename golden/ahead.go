package golden

import (
	"context"
	"sync"
)

// What depends on x alone need not wait for h: while a cell is at one block of steps, the nodes of the next are worked out beside it.

// stepsAhead is the steps of a block.
const stepsAhead = 32

// divide parts the nodes that are computed: input_0 with what depends on it and on parameters alone, and the rest.
func (c *cell) divide() {
	early := map[*node]bool{c.x: true}
	for _, n := range c.nodes {
		if n.rule == nil {
			continue
		}
		early[n] = true
		for _, o := range n.reads {
			early[n] = early[n] && (o.node == nil || early[o.node])
		}
	}
	for _, n := range c.nodes {
		switch {
		case early[n]:
			c.ahead = append(c.ahead, n)
		case n.rule != nil:
			c.rest = append(c.rest, n)
		}
	}
}

// aheadBlock is the nodes ahead of some steps, in the order of execution.
type aheadBlock struct {
	frames      [stepsAhead][][]int16 // as cellRun.frame, nil for other nodes
	saturations [stepsAhead][]int32
}

func newAheadBlock(c *cell) *aheadBlock {
	b := &aheadBlock{}
	for i := range b.frames {
		b.frames[i], b.saturations[i] = make([][]int16, len(c.nodes)), make([]int32, len(c.nodes))
		for _, n := range c.ahead {
			b.frames[i][n.at] = make([]int16, n.width)
		}
	}
	return b
}

// fill works a block out, from the given step on.
func (r *cellRun) fill(b *aheadBlock, x *stream, from int) {
	for i := range min(stepsAhead, x.steps-from) {
		frame, saturations := b.frames[i], b.saturations[i]
		for _, n := range r.cell.ahead {
			if n == r.cell.x {
				saturations[n.at] = x.enter(r.time(from+i, x.steps), &r.enter, frame[n.at])
			} else {
				saturations[n.at] = n.rule.compute(n, frame, frame[n.at])
			}
		}
	}
}

// aheadRun works out the blocks of a stream.
type aheadRun struct {
	block       *aheadBlock // that the steps are taken from
	done, freed chan *aheadBlock
	cancel      context.CancelFunc
	running     sync.WaitGroup
}

// runAhead begins to work. A stream of one block is not worth being waited for.
func (r *cellRun) runAhead(ctx context.Context, x *stream) *aheadRun {
	if x.steps <= stepsAhead {
		r.fill(r.blocks[0], x, 0)
		return &aheadRun{block: r.blocks[0], cancel: func() {}}
	}
	ctx, cancel := context.WithCancel(ctx)
	a := &aheadRun{done: make(chan *aheadBlock, 1), freed: make(chan *aheadBlock, len(r.blocks)), cancel: cancel}
	for _, block := range r.blocks {
		a.freed <- block
	}
	a.running.Go(func() {
		for from := 0; from < x.steps; from += stepsAhead {
			var block *aheadBlock
			select {
			case block = <-a.freed:
			case <-ctx.Done():
				return
			}
			r.fill(block, x, from)
			select {
			case a.done <- block:
			case <-ctx.Done():
				return
			}
		}
	})
	return a
}

// step gives the frame of a step with the nodes ahead, and their saturations. Both are good until a later step is asked for; steps are asked
// for in turn.
func (a *aheadRun) step(ctx context.Context, step int) (frame [][]int16, saturations []int32, err error) {
	i := step % stepsAhead
	if i == 0 && a.done != nil {
		if a.block != nil {
			a.freed <- a.block
		}
		select {
		case a.block = <-a.done:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	return a.block.frames[i], a.block.saturations[i], nil
}

// stop ends the work.
func (a *aheadRun) stop() {
	a.cancel()
	a.running.Wait()
}
