package kernel

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThePlanAsText(t *testing.T) {
	plan := Plan{Kernel: "avx2", Proofs: []Proof{
		{Linear: "w_ii", From: 0, To: 8, WeightBits: 16, Norm: 100, Bound: 1 << 15, Limit: 1 << 15, Path: "int16"},
		{Linear: "w_hi", From: 0, To: 8, WeightBits: 16, Norm: 1 << 20, Bound: 1 << 15, Limit: 2047, Path: "measured"},
		{Linear: "w_ii", From: 8, To: 12, WeightBits: 16, Norm: 300, Bound: 1 << 15, Limit: 1 << 15, Path: "int16"},
		{Linear: "w_hi", From: 8, To: 12, WeightBits: 16, Norm: 7, Bound: 1 << 15, Limit: 1 << 15, Path: "int16"},
	}}
	var text strings.Builder
	require.NoError(t, plan.WriteText(&text))
	assert.Equal(t, `kernel avx2, fused: a sum of products is exact in 32 bits where Σ|w| · |input| < 2^31 = 2147483648
  linear  units    weights  Σ|w| of a row    |input|        Σ|w| · |input|      sums
  w_ii    0 to 11  16 bit   at most 300      at most 32768  9830400 < 2^31      32 bits: proved
  w_hi    0 to 7   16 bit   at most 1048576  at most 32768  34359738368 ≥ 2^31  32 bits in stretches whose |input| is at most 2047, else 64
  w_hi    8 to 11  16 bit   at most 7        at most 32768  229376 < 2^31       32 bits: proved
`, text.String())

	text.Reset()
	require.NoError(t, Plan{Kernel: General, Reason: "y_i is at position 3, h_next at 4"}.WriteText(&text))
	assert.Equal(t, "kernel general: y_i is at position 3, h_next at 4\n", text.String())
}

// Joining blocks loses none of them.
func TestSpansCoverEveryBlock(t *testing.T) {
	cell, err := NewLSTM(alignedLSTM(seeded(t), fills[1].fill, 5, 100, 16, 12))
	require.NoError(t, err)
	plan, blocks := cell.Plan(), 0
	for _, s := range plan.spans() {
		blocks += s.blocks
	}
	assert.Equal(t, len(plan.Proofs), blocks)
}
