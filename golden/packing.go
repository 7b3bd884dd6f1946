package golden

// packing is rows of weights packed into numbers w + w'·2^width + …, so that one multiplication serves them all.
type packing struct {
	rows  int  // of a number: 2, or mostRows
	width uint // bits of each sum
	// numbers of numbersAtOnce lie side by side, column by column, as they are needed. A block of them is numbersAtOnce·rows rows.
	numbers [][numbersAtOnce]int64
	columns int
	norm    int64 // the largest Σ|w| of a row
}

const (
	numbersAtOnce = 4 // totals are formed in one pass over x
	mostRows      = 3

	halfWidth  = 32
	thirdWidth = 21
)

// packings are tried in turn: three rows a number leave 21 bits a sum, which 8-bit weights and inputs need at most, as a rule.
var packings = []packing{{rows: mostRows, width: thirdWidth}, {rows: 2, width: halfWidth}}

// pack packs weights, or gives nil where they are so large that no x of use would do.
func (p packing) pack(weights []int16, columns int) *packing {
	for at := 0; at < len(weights); at += columns {
		sum := int64(0)
		for _, w := range weights[at : at+columns] {
			sum += max(int64(w), -int64(w))
		}
		p.norm = max(p.norm, sum)
	}
	const least = 1 << 6 // of |x|
	if !p.serves(least) {
		return nil
	}
	atOnce := numbersAtOnce * p.rows
	rows := len(weights) / columns
	p.columns = columns
	p.numbers = make([][numbersAtOnce]int64, (rows+atOnce-1)/atOnce*columns)
	for row := range rows {
		block, place := row/atOnce*columns, row%atOnce
		for i, w := range weights[row*columns:][:columns] {
			p.numbers[block+i][place/p.rows] += int64(w) << (p.width * uint(place%p.rows))
		}
	}
	return &p
}

// serves says whether the sums can be told apart where no |x| is larger: each must have width bits, and no more than 64 have all.
func (p *packing) serves(largest int64) bool { return p.norm*largest < 1<<(p.width-1) }

// products gives the sums Σ x·w of the rows from the given one on, the first of a block.
func (p *packing) products(x []int16, from int, sums []int64) {
	atOnce := numbersAtOnce * p.rows
	for row := 0; row < len(sums); row += atOnce {
		numbers := p.numbers[(from+row)/atOnce*p.columns:][:len(x)]
		a, b, c, d := totals(x, numbers)
		parts := sums[row:]
		var beyond [numbersAtOnce * mostRows]int64
		if len(parts) < atOnce {
			parts = beyond[:] // the last block has rows that the weights have not
		}
		if p.rows == mostRows {
			thirds(a, parts[:3])
			thirds(b, parts[3:6])
			thirds(c, parts[6:9])
			thirds(d, parts[9:12])
		} else {
			halves(a, parts[:2])
			halves(b, parts[2:4])
			halves(c, parts[4:6])
			halves(d, parts[6:8])
		}
		if len(sums)-row < atOnce {
			copy(sums[row:], parts)
		}
	}
}

// totals multiplies numbers with x. It is a function of its own so that the compiler keeps the totals in registers.
//
//go:noinline
func totals(x []int16, numbers [][numbersAtOnce]int64) (a, b, c, d int64) {
	numbers = numbers[:len(x)]
	for i, v := range x {
		v, n := int64(v), &numbers[i]
		a += v * n[0]
		b += v * n[1]
		c += v * n[2]
		d += v * n[3]
	}
	return a, b, c, d
}

// halves takes a total of two rows apart. Modulo 2^64 a total is s + s'·2^width + …, whatever its partial sums were, and s has width bits.
func halves(total int64, sums []int64) {
	sums[0] = lowBits(total, halfWidth)
	sums[1] = (total - sums[0]) >> halfWidth
}

// thirds takes a total of three rows apart.
func thirds(total int64, sums []int64) {
	sums[0] = lowBits(total, thirdWidth)
	rest := (total - sums[0]) >> thirdWidth
	sums[1] = lowBits(rest, thirdWidth)
	sums[2] = (rest - sums[1]) >> thirdWidth
}

// lowBits is the signed number that the lowest bits of v hold.
func lowBits(v int64, width uint) int64 { return v << (64 - width) >> (64 - width) }
