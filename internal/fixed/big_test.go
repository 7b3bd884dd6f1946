package fixed

import "math/big"

// The functions of this file say again, in big numbers, what the package computes. They are the obvious form of each rule.

// bigFloorShift is floor(v / 2^n), for n of either sign.
func bigFloorShift(v *big.Int, n int) *big.Int {
	if n < 0 {
		return new(big.Int).Mul(v, bigPower(-n))
	}
	quotient, remainder := new(big.Int).QuoRem(v, bigPower(n), new(big.Int))
	if remainder.Sign() < 0 {
		quotient.Sub(quotient, big.NewInt(1))
	}
	return quotient
}

func bigPower(n int) *big.Int { return new(big.Int).Exp(big.NewInt(2), big.NewInt(int64(n)), nil) }

func bigClamp(v, lo, hi *big.Int) *big.Int {
	if v.Cmp(lo) < 0 {
		return lo
	}
	if v.Cmp(hi) > 0 {
		return hi
	}
	return v
}

func bigRange(bits int) (lo, hi *big.Int) {
	half := bigPower(bits - 1)
	return new(big.Int).Neg(half), new(big.Int).Sub(half, big.NewInt(1))
}

// bigScale is the exact value of v·2^n.
func bigScale(v float64, n int) *big.Rat {
	r := new(big.Rat).SetFloat64(v)
	if n < 0 {
		return r.Quo(r, new(big.Rat).SetInt(bigPower(-n)))
	}
	return r.Mul(r, new(big.Rat).SetInt(bigPower(n)))
}

// bigRound rounds a rational by the definition of the method.
func bigRound(method Rounding, v *big.Rat) *big.Int {
	floor := new(big.Int).Div(v.Num(), v.Denom()) // Euclidean: floor for a positive denominator
	above := new(big.Int).Add(floor, big.NewInt(1))
	fraction := new(big.Rat).Sub(v, new(big.Rat).SetInt(floor))
	if method == Floor {
		return floor
	}
	switch fraction.Cmp(big.NewRat(1, 2)) {
	case -1:
		return floor
	case 1:
		return above
	}
	negative := v.Sign() < 0
	up := true
	switch method {
	case HalfAway:
		up = !negative
	case HalfMixed:
		up = negative || floor.Bit(0) == 1
	}
	if up {
		return above
	}
	return floor
}

const bigPrecision = 240

// bigExp is e^x by its series, for |x| of at most 16.
func bigExp(x *big.Float) *big.Float {
	const halvings = 16
	// e^x = (e^(x/2^k))^(2^k); the small argument makes the series short.
	small := new(big.Float).SetPrec(bigPrecision).SetMantExp(x, -halvings)
	sum := newBigFloat(1)
	term := newBigFloat(1)
	for n := int64(1); n < 40; n++ {
		term.Mul(term, small)
		term.Quo(term, newBigFloat(float64(n)))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

func newBigFloat(v float64) *big.Float { return new(big.Float).SetPrec(bigPrecision).SetFloat64(v) }

// bigSigmoid is 1 / (1 + e^-x).
func bigSigmoid(x float64) *big.Float {
	below := bigExp(newBigFloat(-x))
	below.Add(below, newBigFloat(1))
	return newBigFloat(0).Quo(newBigFloat(1), below)
}

// bigTanh is (e^2x - 1) / (e^2x + 1).
func bigTanh(x float64) *big.Float {
	e := bigExp(newBigFloat(2 * x))
	above := newBigFloat(0).Sub(e, newBigFloat(1))
	below := newBigFloat(0).Add(e, newBigFloat(1))
	return above.Quo(above, below)
}
