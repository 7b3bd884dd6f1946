package verify

import "context"

// confirm tries faults on the whole trace.
func (d *diagnoser) confirm(ctx context.Context, candidates []*candidate) ([]Cause, error) {
	causes := make([]Cause, len(candidates))
	followers := make([][]walker, len(candidates))
	for i, c := range candidates {
		path := d.base.With(c.faults...)
		causes[i] = causeOf(c)
		causes[i].Leaves = d.result.Wrong
		for cell := range d.base.Cells() {
			followers[i] = append(followers[i], walker{follower: path.Follow(cell, !d.record.whole[cell])})
		}
	}
	sound := make([]walker, d.base.Cells())
	computed := make([][][]int16, d.base.Cells())
	for cell := range sound {
		sound[cell].follower = d.base.With().Follow(cell, true)
		computed[cell] = make([][]int16, len(d.nodes[cell]))
	}
	err := d.record.each(ctx, func(f *recordFrame) error {
		right := computed[f.cell]
		clear(right)
		sound[f.cell].visit(d.record, f, func(node int, values, _ []int16) { right[node] = values })
		for i := range candidates {
			followers[i][f.cell].visit(d.record, f, func(node int, values, recorded []int16) {
				for j, v := range recorded {
					wasWrong := right[node] != nil && v != right[node][j]
					switch isWrong := v != values[j]; {
					case wasWrong && !isWrong:
						causes[i].Explains++
						causes[i].Leaves--
					case !wasWrong && isWrong:
						causes[i].Leaves++
					}
				}
			})
		}
		return nil
	})
	return causes, err
}

func causeOf(c *candidate) Cause {
	cause := Cause{Touches: c.touches, order: c.order, faults: c.faults}
	for i, f := range c.faults {
		cause.Faults = append(cause.Faults, f.ID)
		if i > 0 {
			cause.Text += "; and "
		}
		cause.Text += f.Text
	}
	return cause
}
