package coverage

import "math"

// matmul is two quantization points: of the product, and of the sum with the bias, where there is one.
func (n *node) matmul() func([][]interval) []interval {
	m, position := n.info.Matmul, n.info.Format.Position
	from := n.info.Reads[0].Format.Position + m.WeightFormat.Position
	columns := len(m.Weights) / n.info.Width
	signs := newSignPairs(&n.bins)
	weights := columnRanges(m.Weights, columns)
	product := newPoint(&n.bins, "product: ", from, n.info.Format)
	var bias *biasPoint
	if m.Bias != nil {
		finest := max(position, m.BiasFormat.Position)
		bias = &biasPoint{
			point: newPoint(&n.bins, "bias: ", finest, n.info.Format), dropped: from - position, extra: m.BiasFormat.Position - position,
			first: n.add("bias lifts a negative product to 0 or above", "bias brings a product of 0 or above below 0",
				"dropped bits of product and bias carry"),
		}
	}
	return func(frame [][]interval) []interval {
		for column, w := range weights {
			signs.take(n.operand(frame, 0, column), w)
		}
		out := make([]interval, n.info.Width)
		for unit := range out {
			var sum interval
			for column, w := range m.Weights[unit*columns:][:columns] {
				sum = sum.plus(n.operand(frame, 0, column).times(interval{int64(w), int64(w)}))
			}
			out[unit] = product.take(sum)
			if bias != nil {
				out[unit] = bias.take(sum, out[unit], int64(m.Bias[unit]))
			}
		}
		return out
	}
}

// columnRanges gives the range of the weights that an element of x is multiplied by.
func columnRanges(weights []int16, columns int) []interval {
	ranges := make([]interval, columns)
	for i, w := range weights {
		v := interval{int64(w), int64(w)}
		if i >= columns {
			v = v.union(ranges[i%columns])
		}
		ranges[i%columns] = v
	}
	return ranges
}

// biasPoint is where the bias is added to the quantized product.
type biasPoint struct {
	point
	// dropped is how many bits the product has lost before, extra how many bits finer the bias is than the sum. Where both are
	// positive, a device that adds before it floors carries what this one does not.
	dropped, extra int
	first          int
}

func (b *biasPoint) take(sum, product interval, bias int64) interval {
	aligned := interval{bias << max(-b.extra, 0), bias << max(-b.extra, 0)}
	out := b.point.take(product.up(max(b.extra, 0)).plus(aligned))
	// The negative product nearest to 0, and the other nearest to it, are what the bias turns first.
	up := max(b.extra, 0)
	b.near(b.first, product.to(math.MinInt64, -1)+max(0, -(min(product.hi, -1)<<up+aligned.lo)))
	b.near(b.first+1, product.to(0, math.MaxInt64)+max(0, max(product.lo, 0)<<up+aligned.lo+1))
	if b.dropped > 0 && b.extra > 0 {
		b.markIf(b.carries(sum, bias), b.first+2)
	}
	return out
}

// carries says whether the bits that the product and the bias lose can make up 1 LSB together.
func (b *biasPoint) carries(sum interval, bias int64) bool {
	product, own := b.dropped, b.extra
	finest := max(product, own)
	lost := bias & (1<<own - 1) << (finest - own)
	most := int64(1)<<product - 1 // where the interval has every remainder
	if sum.hi-sum.lo < most {
		most = sum.lo & most
		if sum.lo>>product != sum.hi>>product {
			most = 1<<product - 1
		} else {
			most += sum.hi - sum.lo
		}
	}
	return most<<(finest-product)+lost >= 1<<finest
}
