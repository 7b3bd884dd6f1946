package fault

import "fmt"

// Range is the integers from Low to High.
type Range struct{ Low, High int64 }

// Bounds hold every value that a model's nodes can have, for any input: by cell, by the node's place in the header, by element.
type Bounds [][][]Range

// check refuses bounds of another model.
func (b *Base) checkBounds(bounds Bounds) error {
	if len(bounds) != len(b.cells) {
		return fmt.Errorf("bounds are of %d cells, the model has %d", len(bounds), len(b.cells))
	}
	for i, c := range b.cells {
		if len(bounds[i]) != len(c.nodes) {
			return fmt.Errorf("bounds of graph %s are of %d nodes, it has %d", c.graph, len(bounds[i]), len(c.nodes))
		}
		for j, n := range c.nodes {
			if len(bounds[i][j]) != n.width {
				return fmt.Errorf("bounds of graph %s, %s, are of %d elements, it has %d", c.graph, n.name, len(bounds[i][j]), n.width)
			}
		}
	}
	return nil
}

func (r Range) plus(s Range) Range { return Range{r.Low + s.Low, r.High + s.High} }

func (r Range) times(s Range) Range {
	a, b, c, d := r.Low*s.Low, r.Low*s.High, r.High*s.Low, r.High*s.High
	return Range{min(a, b, c, d), max(a, b, c, d)}
}

func (r Range) scaled(by int64) Range { return r.times(Range{by, by}) }

func (r Range) union(s Range) Range { return Range{min(r.Low, s.Low), max(r.High, s.High)} }

// size is how many integers there are.
func (r Range) size() int64 { return r.High - r.Low + 1 }

// all says whether a condition holds for each of the integers.
func (r Range) all(holds func(int64) bool) bool {
	for v := r.Low; v <= r.High; v++ {
		if !holds(v) {
			return false
		}
	}
	return true
}

// list gives the integers.
func (r Range) list() []int64 {
	values := make([]int64, 0, r.size())
	for v := r.Low; v <= r.High; v++ {
		values = append(values, v)
	}
	return values
}
