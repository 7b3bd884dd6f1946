package directed

import (
	"cmp"
	"context"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"rnnsim/coverage"
	"rnnsim/dump"
)

// climb is the search for one target.
type climb struct {
	*search
	target  coverage.Target
	best    dump.Sequence
	nearest int64
	tries   int
	enters  bool // the target is of x as it enters
}

// patience is how many alterations in a row may lead nowhere before the climb starts from another sequence.
const patience = 120

func (c *climb) run(ctx context.Context, p *coverage.Probe) error {
	if p.Entry(c.target) {
		c.enter()
		return nil
	}
	var starts []foothold
	for _, s := range c.starts {
		at, err := c.try(ctx, p, s)
		if err != nil || at.distance == 0 {
			return err
		}
		starts = append(starts, at)
	}
	slices.SortStableFunc(starts, func(a, b foothold) int { return cmp.Compare(a.distance, b.distance) })
	hash := fnv.New64a()
	hash.Write([]byte(c.target.Graph + "/" + c.target.String()))
	random := rand.New(rand.NewPCG(c.options.Seed, hash.Sum64()))
	for from := 0; c.tries < c.options.Tries; from++ {
		at := starts[from%len(starts)]
		for fruitless := 0; fruitless < patience && c.tries < c.options.Tries; fruitless++ {
			next, err := c.try(ctx, p, c.alter(random, at))
			if err != nil || next.distance == 0 {
				return err
			}
			if next.distance < at.distance {
				fruitless = 0
			}
			if next.distance <= at.distance {
				at = next
			}
		}
	}
	return nil
}

// foothold is a sequence, how far it is from the target, and at which timestep it is that near.
type foothold struct {
	sequence dump.Sequence
	distance int64
	time     int
}

func (c *climb) try(ctx context.Context, p *coverage.Probe, s dump.Sequence) (foothold, error) {
	if err := ctx.Err(); err != nil {
		return foothold{}, err
	}
	c.tries++
	d, time, err := c.distance(ctx, p, c.target, &s)
	if err == nil && d < c.nearest {
		c.best, c.nearest = s, d
	}
	return foothold{s, d, time}, err
}

// enter makes the sequence for a bin of x as it enters: values at which its quantization can do something. Integers only reach the ends.
func (c *climb) enter() {
	low, high := float64(c.grid.Min()), float64(c.grid.Max())
	values := []float64{0, low, high, low - 1, high + 1, 0.5, -0.5}
	for i := range c.options.Steps * c.features {
		if c.options.Integers {
			c.best.Fixed = append(c.best.Fixed, int16(values[i%3]))
		} else {
			c.best.Float = append(c.best.Float, realOf(values[i%len(values)], c.grid.Position))
		}
	}
	c.tries, c.nearest, c.enters = 1, 0, true
}

// alter gives a sequence that is changed in one way: at the timestep that is nearest to the target, at another, or at several.
func (c *climb) alter(random *rand.Rand, at foothold) dump.Sequence {
	x := slices.Clone(at.sequence.Fixed)
	from, to := at.time, at.time+1
	switch random.IntN(4) {
	case 0:
		from = random.IntN(c.options.Steps)
		to = from + 1
	case 1:
		from = random.IntN(c.options.Steps)
		to = from + 1 + random.IntN(c.options.Steps-from)
	}
	feature := random.IntN(c.features)
	step := func(t int) []int16 { return x[t*c.features:][:c.features] }
	switch random.IntN(8) {
	case 0, 1: // as far as x can drive one unit of one gate
		row, towards := c.row(random), random.IntN(2) == 0
		shift := random.IntN(3)
		for t := from; t < to; t++ {
			for i := range step(t) {
				step(t)[i] = c.clamp(c.end((row[i] > 0) == towards) >> shift)
			}
		}
	case 2: // one feature anew
		v := (c.grid.Min() + random.Int64N(c.grid.Max()-c.grid.Min()+1)) >> random.IntN(c.grid.Bits)
		for t := from; t < to; t++ {
			step(t)[feature] = int16(v)
		}
	case 3, 4, 5: // a little to one side
		by := int64(1) << random.IntN(c.grid.Bits)
		if random.IntN(2) == 0 {
			by = -by
		}
		for t := from; t < to; t++ {
			step(t)[feature] = c.clamp(int64(step(t)[feature]) + by)
		}
	case 6: // as at another step
		other := slices.Clone(step(random.IntN(c.options.Steps)))
		for t := from; t < to; t++ {
			copy(step(t), other)
		}
	default: // smaller
		for t := from; t < to; t++ {
			for i, v := range step(t) {
				step(t)[i] = v / 2
			}
		}
	}
	return dump.Sequence{Fixed: x}
}

// row gives the weights that a unit of a gate of the first layer has for x.
func (c *climb) row(random *rand.Rand) []int16 {
	if len(c.rows) == 0 {
		return make([]int16, c.features)
	}
	return c.rows[random.IntN(len(c.rows))]
}

func (c *climb) end(high bool) int64 {
	if high {
		return c.grid.Max()
	}
	return c.grid.Min()
}

func (c *climb) clamp(v int64) int16 { return int16(min(max(v, c.grid.Min()), c.grid.Max())) }
