package sim_test

import (
	"math"
	"math/big"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// The tests' own implementation: exact real numbers, and the definition of quantization applied to them. Nothing is shifted,
// aligned or accumulated in machine integers. A real is an integer at scale 2^-realScale, fine enough for every float32 and
// for every product of two quantized values.
const realScale = 160

type real = *big.Int

func realOf(q int64, position int) real {
	return new(big.Int).Lsh(big.NewInt(q), uint(realScale-position))
}

func realOfFloat(x float32) real {
	scaled := new(big.Float).SetMantExp(big.NewFloat(float64(x)), realScale)
	r, _ := scaled.Int(nil)
	return r
}

func realsOf(values []int16, position int) []real {
	reals := make([]real, len(values))
	for i, v := range values {
		reals[i] = realOf(int64(v), position)
	}
	return reals
}

func plus(a, b real) real  { return new(big.Int).Add(a, b) }
func minus(a, b real) real { return new(big.Int).Sub(a, b) }
func times(a, b real) real { p := new(big.Int).Mul(a, b); return p.Rsh(p, realScale) }

// device quantizes reals, under one of the two semantics.
type device struct{ compat xmodel.Compat }

// quantize is floor(r · 2^p), clamped, as an integer and as the real that it stands for.
func (d device) quantize(r real, f fixed.Format) (int16, real, bool) {
	v := new(big.Int).Rsh(r, uint(realScale-f.Position))
	low, high := big.NewInt(-1<<(f.Bits-1)), big.NewInt(1<<(f.Bits-1)-1)
	clamped := true
	switch {
	case v.Cmp(low) < 0, d.compat == xmodel.VAI20 && v.Cmp(big.NewInt(math.MaxInt32)) > 0:
		v = low
	case v.Cmp(high) > 0:
		v = high
	default:
		clamped = false
	}
	return int16(v.Int64()), realOf(v.Int64(), f.Position), clamped
}

// tensor is a node's values: integers for the frame, reals to go on with, and how many were clamped.
type tensor struct {
	format  fixed.Format
	ints    []int16
	reals   []real
	clamped int32
}

func (d device) tensor(reals []real, f fixed.Format) *tensor {
	t := &tensor{format: f}
	for _, r := range reals {
		q, back, clamped := d.quantize(r, f)
		t.ints, t.reals = append(t.ints, q), append(t.reals, back)
		if clamped {
			t.clamped++
		}
	}
	return t
}

// elementwise quantizes op of the elements; a tensor of one element serves all.
func (d device) elementwise(a, b *tensor, op func(a, b real) real, f fixed.Format) *tensor {
	reals := make([]real, max(len(a.reals), len(b.reals)))
	for i := range reals {
		reals[i] = op(a.reals[i%len(a.reals)], b.reals[i%len(b.reals)])
	}
	return d.tensor(reals, f)
}

// linear is the two-step matmul: the sum of products quantized, then the bias added and quantized again.
func (d device) linear(weights []real, x []real, bias []real, f fixed.Format) *tensor {
	t := &tensor{format: f}
	for row := range len(weights) / len(x) {
		sum := new(big.Int)
		for i, v := range x {
			sum = plus(sum, times(weights[row*len(x)+i], v))
		}
		q, back, clamped := d.quantize(sum, f)
		if bias != nil {
			var again bool
			q, back, again = d.quantize(plus(back, bias[row]), f)
			clamped = clamped || again
		}
		t.ints, t.reals = append(t.ints, q), append(t.reals, back)
		if clamped {
			t.clamped++
		}
	}
	return t
}

// activation is the table of 2048 steps over ±1024/scale, as its formula says.
func (d device) activation(x *tensor, scale int64, below int64, f func(float64) float64, format fixed.Format) *tensor {
	var reals []real
	for _, r := range x.reals {
		index := new(big.Int).Mul(r, big.NewInt(scale))
		index.Rsh(index, realScale)
		entry := int64(math.MaxInt16)
		switch {
		case index.Cmp(big.NewInt(-1024)) < 0:
			entry = below
		case index.Cmp(big.NewInt(1024)) < 0:
			entry = int64(math.Round(32768 * f(float64(index.Int64())/float64(scale))))
		}
		reals = append(reals, realOf(entry, 15))
	}
	return d.tensor(reals, format)
}

func (d device) sigmoid(x *tensor, f fixed.Format) *tensor {
	return d.activation(x, 128, 0, func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }, f)
}

func (d device) tanh(x *tensor, f fixed.Format) *tensor {
	return d.activation(x, 256, math.MinInt16, math.Tanh, f)
}

// stimulusReals gives the reals of a sequence whose integers, if it has any, are on the given grid.
func stimulusReals(s dump.Sequence, grid fixed.Format) []real {
	if s.Float == nil {
		return realsOf(s.Fixed, grid.Position)
	}
	reals := make([]real, len(s.Float))
	for i, x := range s.Float {
		reals[i] = realOfFloat(x)
	}
	return reals
}
