package golden

import (
	"math"
	"math/big"
	"math/bits"

	"rnnsim/internal/fixed"
)

// far stands for every magnitude that no format holds. It leaves room for one addition without overflow.
const far = 1 << 62

// rescale gives floor(v · 2^(to-from)): the integer that stands at position to for what v stands for at position from.
// Results beyond ±far stop there.
func rescale(v int64, from, to int) int64 {
	if to > from {
		if magnitude := uint64(max(v, -v)); v != 0 && bits.Len64(magnitude)+to-from > 62 {
			return far * sign(v)
		}
		return v * (1 << (to - from))
	}
	// Moved up by 2^63, every value is a natural number, for which dropping bits is rounding down.
	const up = uint64(1) << 63
	steps := min(from-to, 63)
	return int64((uint64(v)+up)>>steps - up>>steps)
}

func sign(v int64) int64 {
	if v < 0 {
		return -1
	}
	return 1
}

// quantizer brings exact values into a format: floor, then saturate.
type quantizer struct {
	low, high int64
	position  int
	// wraps is the fault of Vitis AI 2.0's kernels: they cast to int32 before they clamp, and the processor's cast yields
	// the most negative number for whatever does not fit. From 2^31 upwards the result is therefore the low end.
	wraps bool
}

func newQuantizer(f fixed.Format, wraps bool) quantizer {
	half := int64(1) << (f.Bits - 1)
	return quantizer{low: -half, high: half - 1, position: f.Position, wraps: wraps}
}

// take quantizes the integer v at the given position. The count is 1 if the value had to be clamped, and else 0.
func (q *quantizer) take(v int64, position int) (quantized int16, clamped int32) {
	return q.clamp(rescale(v, position, q.position))
}

// takeAll quantizes integers that are all at the given position, with what the position says looked at once.
func (q *quantizer) takeAll(values []int64, position int, out []int16) (clamped int32) {
	steps := position - q.position
	if steps < 0 || steps > 63 {
		for i, v := range values {
			var c int32
			out[i], c = q.take(v, position)
			clamped += c
		}
		return clamped
	}
	low, span := q.low, uint64(q.high-q.low)
	out = out[:len(values)]
	for i, v := range values {
		v >>= uint(steps) & 63    // rounds down
		if uint64(v-low) > span { // below low it is beyond every span as well
			var c int32
			out[i], c = q.clamp(v)
			clamped += c
			continue
		}
		out[i] = int16(v)
	}
	return clamped
}

func (q *quantizer) clamp(v int64) (quantized int16, clamped int32) {
	switch {
	case v < q.low:
		return int16(q.low), 1
	case v <= q.high:
		return int16(v), 0
	case q.wraps && v > math.MaxInt32:
		return int16(q.low), 1
	}
	return int16(q.high), 1
}

// takeReal quantizes a finite real number. The product with a power of two is exact: a float32 has 24 bits and a float64 room for
// every exponent that can come out.
func (q *quantizer) takeReal(v float32) (quantized int16, clamped int32) {
	scaled := math.Floor(math.Ldexp(float64(v), q.position))
	return q.clamp(int64(math.Max(-far, math.Min(far, scaled))))
}

// near says that two integers of at most 17 bits at these positions have an aligned sum of fewer than 60.
func near(positionA, positionB int) bool {
	return max(positionA, positionB)-min(positionA, positionB) < 40
}

// takeSum quantizes a + b, each at its own position.
func (q *quantizer) takeSum(a int64, positionA int, b int64, positionB int) (quantized int16, clamped int32) {
	finest := max(positionA, positionB)
	if near(positionA, positionB) {
		return q.take(a<<(finest-positionA)+b<<(finest-positionB), finest)
	}
	sum := new(big.Int).Lsh(big.NewInt(a), uint(finest-positionA))
	sum.Add(sum, new(big.Int).Lsh(big.NewInt(b), uint(finest-positionB)))
	if q.position >= finest {
		sum.Lsh(sum, uint(q.position-finest))
	} else {
		sum.Rsh(sum, uint(finest-q.position)) // rounds down, as the documentation of Rsh says
	}
	if !sum.IsInt64() {
		return q.clamp(far * int64(sum.Sign()))
	}
	return q.clamp(sum.Int64())
}

// lookAll gives the entries of an activation table for integers at the given position; the entries stand at fixed.TablePosition.
func lookAll(table *fixed.Table, values []int16, position int, entries []int64) {
	const half = fixed.TableSize / 2
	entries = entries[:len(values)]
	rescaleAll(values, position, table.IndexPosition, entries)
	for i, step := range entries {
		switch {
		case step >= half:
			entries[i] = int64(table.Above)
		case step < -half:
			entries[i] = int64(table.Below)
		default:
			entries[i] = int64(table.Entries[step+half])
		}
	}
}

// rescaleAll is rescale of many integers, with what the positions say looked at once.
func rescaleAll(values []int16, from, to int, rescaled []int64) {
	steps := from - to
	if steps < 0 || steps > 63 {
		for i, v := range values {
			rescaled[i] = rescale(int64(v), from, to)
		}
		return
	}
	rescaled = rescaled[:len(values)]
	for i, v := range values {
		rescaled[i] = int64(v) >> (uint(steps) & 63) // rounds down
	}
}
