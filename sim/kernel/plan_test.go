package kernel

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// planCell is an LSTM of one block of units, 16 bits at position 12, whose weights are all zero.
func planCell(t *testing.T) LSTMParams {
	p := alignedLSTM(seeded(t), fills[0].fill, 2, 8, 16, 12)
	for g := range 4 {
		p.InputLinear[g].Bias = nil
	}
	return p
}

func TestThePlanProvesItsSums(t *testing.T) {
	p := planCell(t)
	p.InputLinear[GateF].Weights[2*3] = -30000 // unit 3
	p.InputLinear[GateF].Weights[2*3+1] = 30000
	p.InputLinear[GateF].Weights[2*4] = 50
	for k := range 8 {
		p.StateLinear[GateO].Weights[k] = -32768
	}
	cell, err := NewLSTM(p)
	require.NoError(t, err)
	plan := cell.Plan()
	assert.Equal(t, best().name, plan.Kernel)
	require.Len(t, plan.Proofs, 8)
	assert.Equal(t, Proof{Linear: "w_if", To: 8, WeightBits: 16, Norm: 60000, Bound: 32768, Limit: 32768, Path: "int16"}, plan.Proofs[1])
	assert.Equal(t, Proof{Linear: "w_ho", To: 8, WeightBits: 16, Norm: 262144, Bound: 4096, Limit: 8191, Path: "int16"}, plan.Proofs[7])
	assert.Equal(t, "w_ho[0:8] 16 bit: norm 262144 × |input| 4096 = 1073741824 < 2^31: int16", plan.Proofs[7].String())

	// One weight more in the row, and 16-bit inputs no longer fit for sure.
	p.InputLinear[GateF].Weights[2*3] = -32768
	p.InputLinear[GateF].Weights[2*3+1] = -32768
	cell, err = NewLSTM(p)
	require.NoError(t, err)
	proof := cell.Plan().Proofs[1]
	assert.Equal(t, Proof{Linear: "w_if", To: 8, WeightBits: 16, Norm: 65536, Bound: 32768, Limit: 32767, Path: "measured"}, proof)
	assert.Equal(t, "w_if[0:8] 16 bit: norm 65536 × |input| 32768 = 2147483648 >= 2^31: measured", proof.String())
}

func TestThePlanOf8BitWeights(t *testing.T) {
	p := alignedLSTM(seeded(t), fills[0].fill, 3, 11, 8, 12)
	p.StateLinear[GateI].Weights[11*10] = -128 // unit 10
	cell, err := NewLSTM(p)
	require.NoError(t, err)
	proofs := cell.Plan().Proofs
	require.Len(t, proofs, 16)
	for n, proof := range proofs {
		want := "int8"
		if n >= 12 {
			want = "int8 with -128" // the second panel of the product with h
		}
		assert.Equal(t, want, proof.Path, n)
		assert.EqualValues(t, 128, proof.Bound)
	}
	assert.Equal(t, [2]int{8, 11}, [2]int{proofs[15].From, proofs[15].To})
}

func TestThePlanSaysWhyACellIsNotFused(t *testing.T) {
	biased := func(l *Linear, position int) { l.Bias, l.BiasPosition = make([]int16, 8), position }
	for reason, change := range map[string]func(*LSTMParams){
		"c_next is at position 11, h_next at 12":          func(p *LSTMParams) { p.CNext = 11 },
		"the bias of w_ig is at position 9, h_next at 12": func(p *LSTMParams) { biased(&p.InputLinear[GateG], 9) },
		"w_ho has a bias":             func(p *LSTMParams) { biased(&p.StateLinear[GateO], 12) },
		"w_hi shifts its sums by 17":  func(p *LSTMParams) { p.StateLinear[GateI].WeightFormat.Position = 17 },
		"w_io has weights of 12 bits": func(p *LSTMParams) { p.InputLinear[GateO].WeightFormat.Bits = 12 },
		"h_next is at position 16, outside 8 to 15": func(p *LSTMParams) {
			p.HNext = 16
		},
		"w_hi reads its input at position 11, the tensor is at 12": func(p *LSTMParams) {
			for g := range 4 {
				p.StateLinear[g].Input.Position = 11
			}
		},
		"w_ii multiplies 16-bit weights with 8-bit inputs": func(p *LSTMParams) {
			for g := range 4 {
				p.InputLinear[g].Input.Bits = 8
			}
		},
		"w_hf reads its input as [16,11], w_hi as [16,12]": func(p *LSTMParams) { p.StateLinear[GateF].Input.Position = 11 },
	} {
		p := planCell(t)
		change(&p)
		cell, err := NewLSTM(p)
		require.NoError(t, err)
		plan := cell.Plan()
		assert.Equal(t, "general", plan.Kernel, reason)
		assert.Empty(t, plan.Proofs)
		assert.Equal(t, reason, plan.Reason)
	}
}

// The limits were computed by hand from figures measured on one machine: 82 GMAC/s, 75 GB/s at 4 MB, 2.8 ns a unit.
func TestTheRooflineOfKnownFigures(t *testing.T) {
	r := Roofline{Products: 82e9, Read: 75e9, Unit: 2.8e-9}
	assert.InEpsilon(t, 9100, r.StepsPerSecond(1024, 1024, 1, 8), 0.01)
	assert.InEpsilon(t, 9500, r.StepsPerSecond(1024, 1024, 16, 8), 0.01)
	r.Read = 190e9
	assert.InEpsilon(t, 1086e3, r.StepsPerSecond(32, 100, 1, 8), 0.01)
}

func TestTheRooflineIsMeasured(t *testing.T) {
	r := MeasureRoofline(1000, 3*time.Millisecond)
	assert.Equal(t, best().name, r.Kernel)
	assert.Greater(t, r.Products, 1e7)
	assert.Greater(t, r.Read, 1e7)
	assert.Greater(t, r.Unit, 0.0)
	for _, set := range available() {
		assert.Positive(t, set.peak(10))
		set.read(aligned[int16](128))
	}
}
