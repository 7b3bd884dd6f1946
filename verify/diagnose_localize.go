package verify

import (
	"context"
	"slices"
)

// localize computes every node of every frame without a fault, finds the wrong ones, and chooses the sample.
func (d *diagnoser) localize(ctx context.Context) error {
	sound := d.base.With()
	walkers := make([]walker, d.base.Cells())
	for i := range walkers {
		walkers[i].follower = sound.Follow(i, true)
	}
	sample := newSampler(len(walkers), slices.Contains(d.record.whole, false))
	sequences := map[int]bool{}
	var first orderKey
	err := d.record.each(ctx, func(f *recordFrame) error {
		var wrong []int
		walkers[f.cell].visit(d.record, f, func(node int, computed, recorded []int16) {
			n := &d.nodes[f.cell][node]
			n.Judged += int64(len(recorded))
			for i, v := range recorded {
				if v == computed[i] {
					continue
				}
				n.Wrong++
				n.wrongUnits[i] = true
				if len(wrong) == 0 || wrong[len(wrong)-1] != node {
					wrong = append(wrong, node)
				}
				key := orderKey{sequence: f.sequence, cell: f.cell, step: f.step, node: node}
				if d.result.First == nil || key.compare(first) < 0 {
					first = key
					d.result.First = &Address{Layer: n.Layer, Backward: n.Back, Sequence: f.sequence, Step: f.step, Node: n.Node, Index: i}
				}
			}
		})
		sample.add(f, wrong)
		sequences[f.sequence] = true
		d.result.Frames++
		return nil
	})
	if err != nil {
		return err
	}
	for cell := range walkers {
		sample.decide(cell)
	}
	d.sample = sample.excerpts
	d.result.Sequences = len(sequences)
	for i := range d.nodes {
		for j := range d.nodes[i] {
			n := &d.nodes[i][j]
			d.result.Judged += n.Judged
			d.result.Wrong += n.Wrong
			for _, w := range n.wrongUnits {
				if w {
					n.Units++
				}
			}
			if n.Wrong > 0 {
				d.result.Nodes = append(d.result.Nodes, *n)
			}
		}
	}
	if d.result.Wrong > 0 && len(d.sample) == 0 {
		// The wrong values lie beyond the steps that an excerpt holds. Any will do: the whole trace has the last word.
		d.result.Notes = append(d.result.Notes, "the wrong values come late in long sequences: faults were tried on the beginnings of some first")
	}
	return nil
}
