package fault

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// slowRound rounds v / 2^n by its definition in rational numbers.
func slowRound(v *big.Rat, r rounding) *big.Int {
	whole := new(big.Int).Div(v.Num(), v.Denom()) // Euclidean: floor, as the denominator is positive
	rest := new(big.Rat).Sub(v, new(big.Rat).SetInt(whole))
	against := rest.Cmp(big.NewRat(1, 2))
	up := false
	switch odd, negative := whole.Bit(0) == 1, v.Sign() < 0; r {
	case halfUp:
		up = against >= 0
	case halfAway:
		up = against > 0 || against == 0 && !negative
	case halfEven:
		up = against > 0 || against == 0 && odd
	case halfMixed:
		up = against > 0 || against == 0 && (negative || odd)
	case towardsZero:
		up = negative && rest.Sign() > 0
	case ceiling:
		up = rest.Sign() > 0
	}
	if up {
		whole.Add(whole, big.NewInt(1))
	}
	return whole
}

// slowClamp brings an integer into a width by definition.
func slowClamp(v *big.Int, bits int, o overflow) int64 {
	size := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	low, high := int64(-1)<<(bits-1), int64(1)<<(bits-1)-1
	switch o {
	case wrapsAround:
		m := new(big.Int).Mod(v, size).Int64()
		if m > high {
			m -= size.Int64()
		}
		return m
	case highOneShort:
		high--
	case lowOneShort:
		low++
	case stopsInBetween:
		low = 0
	}
	if v.Cmp(big.NewInt(low)) < 0 {
		return low
	}
	if v.Cmp(big.NewInt(high)) > 0 {
		return high
	}
	return v.Int64()
}

// rounds is how often a test tries something: a tenth as often where it is short.
func rounds(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

func TestQuantizationPointsByDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range rounds(200000) {
		p := point{
			position: random.IntN(24) - 4, bits: []int{8, 12, 15, 16}[random.IntN(4)],
			rounding: rounding(random.IntN(int(ceiling) + 1)), overflow: overflow(random.IntN(int(stopsInBetween) + 1)), shiftError: random.IntN(3) - 1,
		}
		v, position := random.Int64N(1<<34)-1<<33, random.IntN(31)-2
		if random.IntN(3) == 0 { // ties
			v = v >> 14 << 14
		}
		shift := position - p.position + p.shiftError
		exact := new(big.Rat).SetInt64(v)
		if shift >= 0 {
			exact.Quo(exact, new(big.Rat).SetInt64(1<<shift))
		} else {
			exact.Mul(exact, new(big.Rat).SetInt64(1<<-shift))
		}
		want := slowClamp(slowRound(exact, p.rounding), p.bits, p.overflow)
		require.Equal(t, want, int64(p.take(v, position)), "%+v of %d at %d", p, v, position)
		real := math.Ldexp(float64(v), -position)
		require.Equal(t, want, int64(p.takeReal(real)), "%+v of %g", p, real)
		a, b := random.Int64N(1<<16)-1<<15, random.Int64N(1<<16)-1<<15
		positionA, positionB := random.IntN(60)-30, random.IntN(60)-30
		sum := new(big.Rat).Add(scaled(a, positionA), scaled(b, positionB))
		p.shiftError = 0
		sum.Mul(sum, scaled(1, -p.position))
		want = slowClamp(slowRound(sum, p.rounding), p.bits, p.overflow)
		if p.overflow == wrapsAround && max(positionA, positionB)-min(positionA, positionB) >= 40 {
			continue // what wraps is told apart from what saturates by bits that no accumulator has
		}
		if sum.Cmp(scaled(1, -60)) > 0 || sum.Cmp(scaled(-1, -60)) < 0 {
			continue
		}
		require.Equal(t, want, int64(p.takeSum(a, positionA, b, positionB)), "%+v of %d at %d and %d at %d", p, a, positionA, b, positionB)
	}
}

// scaled is v / 2^position.
func scaled(v int64, position int) *big.Rat {
	power := new(big.Int).Lsh(big.NewInt(1), uint(max(position, -position)))
	r := new(big.Rat).SetInt64(v)
	if position >= 0 {
		return r.Quo(r, new(big.Rat).SetInt(power))
	}
	return r.Mul(r, new(big.Rat).SetInt(power))
}

// TestAccumulatorsByDefinition holds the accumulators against sums of bits.
func TestAccumulatorsByDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for range rounds(20000) {
		p := product{columns: 1 + random.IntN(40), accumulator: []int{0, 16, 24, 31, 36}[random.IntN(5)], saturating: random.IntN(2) == 0, dropEach: random.IntN(2) * 8}
		if p.accumulator == 0 {
			p.carry = random.IntN(3) * 8
		}
		x := make([]int16, p.columns)
		for i := range x {
			x[i] = int16(random.IntN(1 << 16))
			p.weights = append(p.weights, int16(random.IntN(1<<16)))
		}
		var want int64
		for i := range x {
			term := int64(math.Floor(float64(int64(x[i])*int64(p.weights[i])) / float64(int64(1)<<p.dropEach)))
			want = slowAdd(want, term, &p)
		}
		require.Equal(t, want<<p.dropEach, p.row(0, x, &operand{}, 0), "%d bits, saturating %v, carry %d", p.accumulator, p.saturating, p.carry)
	}
}

// slowAdd adds bit by bit, and forgets the carry into one bit.
func slowAdd(a, b int64, p *product) int64 {
	var sum uint64
	carry := uint64(0)
	for bit := range 64 {
		if bit == p.carry && p.carry > 0 {
			carry = 0
		}
		x, y := uint64(a)>>bit&1, uint64(b)>>bit&1
		sum |= (x ^ y ^ carry) << bit
		carry = x&y | x&carry | y&carry
	}
	result := int64(sum)
	if p.accumulator == 0 {
		return result
	}
	if !p.saturating {
		return slowClamp(big.NewInt(result), p.accumulator, wrapsAround)
	}
	return slowClamp(big.NewInt(result), p.accumulator, saturates)
}
