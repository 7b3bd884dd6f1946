package fault

// biasing is what becomes of a linear's bias.
type biasing int

const (
	biasAfter      biasing = iota // added to the quantized product, and quantized again
	biasBefore                    // aligned, added to the accumulator, and quantized once
	biasRaw                       // added to the accumulator as it is
	biasNone                      //
	biasTwice                     //
	biasSubtracted                //
	biasUnclamped                 // added to the shifted product, which was not saturated before
)

// product is the rule of a matmul: a sum of products, quantized, and a bias.
type product struct {
	weights  []int16 // [width of the node, columns], row-major
	columns  int
	position int // of the weights
	bits     int // width of the weights
	bias     []int16
	biasAt   int // position of the bias
	biasing  biasing
	// biasError shifts the bias too far to the left, in bits.
	biasError int
	// weightLens is how the weights are taken; nil is as they are.
	weightLens func(int16) int64
	// accumulator is the width in bits that the sum wraps at, or saturates at; 0 is wide enough.
	accumulator int
	saturating  bool
	// carry is the bit below which the adder's carry is lost; 0 is none.
	carry int
	// dropEach shifts each product right before it is added, dropToGrid by as much as the sum should be shifted.
	dropEach   int
	dropToGrid bool
}

// plain says that the accumulator adds products and nothing else.
func (p *product) plain() bool {
	return p.accumulator == 0 && p.carry == 0 && p.dropEach == 0 && !p.dropToGrid && p.weightLens == nil
}

// row gives one sum of products, whose operand's lens is put to x first. grid is the position of the node.
func (p *product) row(row int, x []int16, o *operand, grid int) int64 {
	weights := p.weights[row*p.columns:][:p.columns]
	if p.plain() && o.lens == nil {
		var sum int64
		for i, w := range weights {
			if i < len(x) {
				sum += int64(x[i]) * int64(w)
			}
		}
		return sum
	}
	var sum int64
	drop := p.dropEach
	if p.dropToGrid {
		drop = min(max(0, o.position+p.position-grid), 62)
	}
	for i, weight := range weights {
		if i >= len(x) {
			break
		}
		w := int64(weight)
		if p.weightLens != nil {
			w = p.weightLens(weight)
		}
		sum = p.accumulate(sum, o.take(x[i])*w>>drop)
	}
	return sum << drop
}

func (p *product) accumulate(sum, term int64) int64 {
	if p.carry > 0 {
		mask := int64(1)<<p.carry - 1
		low := (sum&mask + term&mask) & mask
		sum = (sum>>p.carry+term>>p.carry)<<p.carry | low
	} else {
		sum += term
	}
	if p.accumulator == 0 {
		return sum
	}
	if !p.saturating {
		return sum << (64 - p.accumulator) >> (64 - p.accumulator)
	}
	high := int64(1)<<(p.accumulator-1) - 1
	return min(max(sum, -high-1), high)
}

// finish quantizes a sum at a position and brings in the bias of the row.
func (p *product) finish(sum int64, position, row int, q *point) int16 {
	if p.bias == nil {
		return q.take(sum, position)
	}
	bias, at := int64(p.bias[row]), p.biasAt-p.biasError
	second := *q
	second.shiftError = 0 // a shift that is off by one is that of the product
	switch p.biasing {
	case biasNone:
		return second.take(int64(q.take(sum, position)), q.position)
	case biasRaw:
		return q.take(sum+bias, position)
	case biasBefore:
		return q.takeSum(sum, position, bias, at)
	case biasTwice:
		bias *= 2
	case biasSubtracted:
		bias = -bias
	case biasUnclamped:
		return second.takeSum(round(sum, position-q.position+q.shiftError, q.rounding), q.position, bias, at)
	}
	return second.takeSum(int64(q.take(sum, position)), q.position, bias, at)
}

// adder is how add and sub combine their operands.
type adder struct {
	negateFirst, negateSecond bool
	skipFirst, skipSecond     bool
	carry                     int // the bit below which the carry is lost
}

func (a *adder) sum(first int64, positionFirst int, second int64, positionSecond int, q *point) int16 {
	if a.negateFirst {
		first = -first
	}
	if a.negateSecond {
		second = -second
	}
	if a.skipFirst {
		first = 0
	}
	if a.skipSecond {
		second = 0
	}
	if finest := max(positionFirst, positionSecond); a.carry > 0 && finest-min(positionFirst, positionSecond) <= mostAlignment {
		broken := product{carry: a.carry}
		return q.take(broken.accumulate(first<<(finest-positionFirst), second<<(finest-positionSecond)), finest)
	}
	return q.takeSum(first, positionFirst, second, positionSecond)
}
