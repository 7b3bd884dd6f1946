package quant

import "math"

// grid is the numbers of a format, q / 2^position, for quantizing float32 values onto it ("fake quantization").
type grid struct {
	scale, unit float32 // 2^position and 2^-position
	least, most int32   // the smallest and the largest q
}

// gridOf makes the grid of a width of up to 16 bits at a position of -126 … 126.
func gridOf(bits, position int) grid {
	half := int32(1) << (bits - 1)
	return grid{scale: power2(position), unit: power2(-position), least: -half, most: half - 1}
}

// int32Limit is where the int32 ends in which a scaled value is floored.
const int32Limit = 1 << 31

// floorScaled floors a scaled value, clamps it and gives the number of the grid. scaled is in -2^31 … 2^31 (exclusive). It
// works on integers because the compiler makes them free of branches, which values of random sign would mispredict.
func (g *grid) floorScaled(scaled float32) float32 {
	whole := int32(scaled)
	if float32(whole) > scaled {
		whole--
	}
	return float32(min(max(whole, g.least), g.most)) * g.unit
}

// floorAll rounds finite values towards minus infinity onto the grid and clamps (rounding method 4), in place. With wrap it
// has the original's cast to int32 before the clamp: what reaches 2^31 becomes the most negative number of the grid instead
// of the largest.
func (g *grid) floorAll(x []float32, wrap bool) {
	beyond := float32(g.most) * g.unit
	if wrap {
		beyond = float32(g.least) * g.unit
	}
	for i, v := range x {
		switch scaled := v * g.scale; {
		case scaled >= int32Limit:
			x[i] = beyond
		case scaled < -int32Limit:
			x[i] = float32(g.least) * g.unit
		default:
			x[i] = g.floorScaled(scaled)
		}
	}
}

// halfAway rounds a finite value to nearest, ties away from zero, onto the grid and clamps (rounding method 3). The way
// through an integer makes every zero positive, as in the original's files.
func (g *grid) halfAway(v float32) float32 {
	scaled := min(max(v*g.scale, float32(g.least)), float32(g.most))
	return float32(int32(math.Round(float64(scaled)))) * g.unit
}

// halfAwayAll rounds finite values onto the grid, in place.
func (g *grid) halfAwayAll(x []float32) {
	for i, v := range x {
		x[i] = g.halfAway(v)
	}
}
