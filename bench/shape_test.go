package bench

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseShape(t *testing.T) {
	for _, c := range []struct {
		text string
		want Shape
	}{
		{"32,100,500,1", Shape{32, []int{100}, 500, 1}},
		{" 3, 5,7 ,2", Shape{3, []int{5}, 7, 2}},
		{"700,1024+1024,100,1", Shape{700, []int{1024, 1024}, 100, 1}},
		{"s6", Shape{1024, []int{1024}, 100, 16}},
	} {
		got, err := ParseShape(c.text)
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, got)
		again, err := ParseShape(got.String())
		require.NoError(t, err)
		assert.Equal(t, got, again)
	}
}

func TestParseShapeRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "is neither S1 … S7 nor inputs,units,timesteps,batch",
		"S8":                     "is neither S1",
		"1,2,3":                  "is neither S1",
		"1,2,3,x":                `"x" is no whole number`,
		"1,2+,3,4":               `"" is no whole number`,
		"0,2,3,4":                "0 inputs or units",
		"1,99999,3,4":            "99999 inputs or units",
		"1,2,0,4":                "0 timesteps",
		"1,2,3,-1":               "-1 sequences",
		"8192,2,1000000,1000000": "at most 268435456 values",
		"1,1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1,1,1": "17 layers",
	} {
		_, err := ParseShape(text)
		assert.ErrorContains(t, err, want, text)
	}
}

func TestProductsOfAShape(t *testing.T) {
	assert.Equal(t, 4*100*(32+100), Standard()[0].Shape.products(4))
	assert.Equal(t, 3*(2*(3+2)+5*(2+5)), Shape{3, []int{2, 5}, 1, 1}.products(3))
}
