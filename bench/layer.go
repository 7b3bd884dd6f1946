package bench

import "math"

// Layer is the weights of one layer as integers at fix position Position, gate blocks one after another in PyTorch's order.
type Layer struct {
	Inputs, Hidden int
	X              []int16 // [gates × hidden, inputs], row-major
	H              []int16 // [gates × hidden, hidden], row-major
	Bias           []int16 // [gates × hidden]
}

// weightLimit is the largest weight of a layer: 2/√hidden, which gives sums of the size that trained layers have.
func weightLimit(hidden int) int { return int((2 << Position) / math.Sqrt(float64(hidden))) }

// drawLayers draws the layers of a shape. Each has a stream of random numbers of its own.
func drawLayers(s Shape, gates int, values Values) []Layer {
	layers := make([]Layer, len(s.Hidden))
	for i, hidden := range s.Hidden {
		d := newDice(uint64(i))
		draw := d.weight(values, weightLimit(hidden))
		rows, inputs := gates*hidden, s.inputsOf(i)
		layers[i] = Layer{
			Inputs: inputs, Hidden: hidden,
			X: d.fill(rows*inputs, draw), H: d.fill(rows*hidden, draw), Bias: d.fill(rows, draw),
		}
	}
	return layers
}

// firstSequence is the random stream of the first sequence, above those of the layers.
const firstSequence = 1 << 32

func drawSequence(s Shape, values Values, number int) []int16 {
	d := newDice(firstSequence + uint64(number))
	return d.fill(s.Steps*s.Inputs, d.x(values))
}

// eightBitPosition is the finest position at which the weights of a layer have 8 bits.
func eightBitPosition(hidden int) int {
	position := Position
	for largest := weightLimit(hidden) - 1; largest > math.MaxInt8; largest >>= 1 {
		position--
	}
	return position
}

// toEightBits moves weights to a coarser position, rounding half up, and saturates. Weights at an end of 16 bits come to the
// end of 8.
func toEightBits(weights []int16, position int) []int16 {
	shift := Position - position
	out := make([]int16, len(weights))
	for i, w := range weights {
		v := (int(w) + 1<<shift>>1) >> shift
		out[i] = int16(min(max(v, math.MinInt8), math.MaxInt8))
	}
	return out
}

// EightBits gives the weights as the 8-bit model of the layer holds them, and their position.
func (l Layer) EightBits() (x, h []int16, position int) {
	position = eightBitPosition(l.Hidden)
	return toEightBits(l.X, position), toEightBits(l.H, position), position
}
