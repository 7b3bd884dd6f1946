package quant

import "math"

// grid is the numbers of a format, q / 2^position, for quantizing float32 values onto it ("fake quantization").
type grid struct {
	scale, unit float32 // 2^position and 2^-position
	least, most float32 // the smallest and the largest q
}

// gridOf makes the grid of a width of up to 16 bits at a position of -126 … 126.
func gridOf(bits, position int) grid {
	half := float32(int64(1) << (bits - 1))
	return grid{scale: power2(position), unit: power2(-position), least: -half, most: half - 1}
}

// floor rounds v towards minus infinity onto the grid and clamps (rounding method 4). v is finite.
func (g *grid) floor(v float32) float32 {
	// The clamp comes first: it changes no result, and leaves a value that an int32 holds.
	scaled := v * g.scale
	if scaled > g.most {
		scaled = g.most
	}
	if scaled < g.least {
		scaled = g.least
	}
	whole := float32(int32(scaled))
	if whole > scaled {
		whole--
	}
	return whole * g.unit
}

// halfAway rounds v to nearest, ties away from zero, onto the grid and clamps (rounding method 3). v is finite. The way
// through an integer makes every zero positive, as in the original's files.
func (g *grid) halfAway(v float32) float32 {
	scaled := min(max(v*g.scale, g.least), g.most)
	return float32(int32(math.Round(float64(scaled)))) * g.unit
}

// int32Limit is where the original's cast to int32, which comes before its clamp, leaves the range of the type.
const int32Limit = 1 << 31

// floorAll floors x onto the grid in place. With wrap it has the original's cast to int32 before the clamp: what reaches 2^31
// becomes the most negative value of the grid instead of the largest.
func (g *grid) floorAll(x []float32, wrap bool) {
	for i, v := range x {
		if wrap && v*g.scale >= int32Limit {
			x[i] = g.least * g.unit
			continue
		}
		x[i] = g.floor(v)
	}
}

// halfAwayAll rounds x onto the grid in place.
func (g *grid) halfAwayAll(x []float32) {
	for i, v := range x {
		x[i] = g.halfAway(v)
	}
}
