package npy

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// asNumber is the value as an exact rational, nil for NaN and infinities.
func asNumber(v any) *big.Rat {
	switch v := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(v)
	case uint64:
		return new(big.Rat).SetUint64(v)
	case int16:
		return new(big.Rat).SetInt64(int64(v))
	case float32:
		return new(big.Rat).SetFloat64(float64(v))
	case float64:
		return new(big.Rat).SetFloat64(v)
	}
	panic("no number")
}

var floats = rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 0x1p15, -0x1p15, 0x1p15 - 1, 0x1p53 + 2, 0x1p63, -0x1p63, 0x1p64,
	math.Inf(1), math.Inf(-1), math.MaxFloat64, 32767.5}), rapid.Map(rapid.Int16(), func(v int16) float64 { return float64(v) }))

func TestConversionsAreExactOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.OneOf(rapid.Map(rapid.Int64(), func(v int64) any { return v }), rapid.Map(rapid.Uint64(), func(v uint64) any { return v }),
			rapid.Map(floats, func(v float64) any { return v })).Draw(t, "from")
		a := &Array{Shape: []int{1}}
		switch v := from.(type) {
		case int64:
			a.Data = []int64{v}
		case uint64:
			a.Data = []uint64{v}
		case float64:
			a.Data = []float64{v}
		}
		number := asNumber(from)

		int16s, err := a.Int16s()
		fits := number != nil && number.IsInt() && number.Num().IsInt64() && number.Num().Int64() == int64(int16(number.Num().Int64()))
		require.Equal(t, fits, err == nil, "int16: %v", err)
		if fits {
			require.Zero(t, number.Cmp(asNumber(int16s[0])))
		}
		int64s, err := a.Int64s()
		fits = number != nil && number.IsInt() && number.Num().IsInt64()
		require.Equal(t, fits, err == nil, "int64: %v", err)
		if fits {
			require.Zero(t, number.Cmp(asNumber(int64s[0])))
		}
		if _, float := from.(float64); float {
			return
		}
		float32s, err := a.Float32s()
		_, fits = number.Float32()
		require.Equal(t, fits, err == nil, "float32: %v", err)
		if fits {
			require.Zero(t, number.Cmp(asNumber(float32s[0])))
		}
	})
}

func TestFloat64IsRounded(t *testing.T) {
	a := &Array{Shape: []int{3}, Data: []float64{0.1, math.Inf(-1), 1}}
	got, err := a.Float32s()
	require.NoError(t, err)
	assert.Equal(t, []float32{0.1, float32(math.Inf(-1)), 1}, got)
	_, err = (&Array{Shape: []int{1}, Data: []float64{1e300}}).Float32s()
	require.ErrorContains(t, err, "value 0 is 1e+300")
}

func TestConversionsAtTheEdges(t *testing.T) {
	got, err := (&Array{Shape: []int{2}, Data: []bool{true, false}}).Int16s()
	require.NoError(t, err)
	assert.Equal(t, []int16{1, 0}, got)
	wide, err := (&Array{Shape: []int{1}, Data: []uint64{math.MaxInt64}}).Int64s()
	require.NoError(t, err)
	assert.Equal(t, []int64{math.MaxInt64}, wide)
	_, err = (&Array{Shape: []int{1}, Data: []uint64{math.MaxUint64}}).Int64s()
	require.Error(t, err)
	_, err = (&Array{Shape: []int{2}, Data: []float32{1, float32(math.NaN())}}).Int16s()
	require.ErrorContains(t, err, "value 1 is NaN")
	nan, err := (&Array{Shape: []int{1}, Data: []float32{float32(math.NaN())}}).Float64s()
	require.NoError(t, err)
	assert.True(t, math.IsNaN(nan[0]))
	_, err = (&Array{Data: []string{}}).Int64s()
	require.Error(t, err)
}
