package verify

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/fault"
)

func (d *device) explain(t testing.TB, got, want *dump.Memory, address string) *Explanation {
	t.Helper()
	a, err := ParseAddress(address)
	require.NoError(t, err)
	options := ExplainOptions{Got: got.Source()}
	if want != nil {
		options.Want = want.Source()
	}
	result, err := Explain(context.Background(), d.model, a, options)
	require.NoError(t, err, address)
	return result
}

// TestEveryValueOfASoundRunFollows holds the steps of the explanation against the simulator, for every node of some frames.
func TestEveryValueOfASoundRunFollows(t *testing.T) {
	for _, name := range []string{"digits-lstm16", "digits-lstm8", "digits-gru16", "digits-gru8", "digits-bilstm16"} {
		d := newDevice(t, name, 2)
		trace := d.run(t)
		for i, f := range trace.Frames {
			if i%5 != 1 || testing.Short() && i > 2 {
				continue
			}
			cell := trace.Header.Cells[f.Cell]
			for place, n := range cell.Nodes {
				unit := (7 * i) % n.Width
				address := Address{Layer: cell.Layer, Backward: cell.Backward, Sequence: f.Sequence, Step: f.Step, Node: n.Name, Index: unit}
				result := d.explain(t, trace, nil, address.String())
				require.Equal(t, int64(f.Fixed[place][unit]), result.Got.Int)
				if n.Op != "data" {
					require.NotNil(t, result.Follows, address)
				}
				if result.Follows != nil {
					require.Equal(t, result.Got.Int, result.Follows.Int, address)
				}
			}
		}
	}
}

func TestWhichTermIsOff(t *testing.T) {
	d := newDevice(t, "digits-lstm16", 4)
	sound := d.run(t)
	node := slices.IndexFunc(sound.Header.Cells[0].Nodes, func(n dump.Node) bool { return n.Name == "w_ho___input_1" })
	var flipped *fault.Fault
	for _, f := range d.base.WeightBits(0, node, 6) {
		if f.ID == "cell0:w_ho___input_1/weight-bit-6-11-13" {
			flipped = f
		}
	}
	require.NotNil(t, flipped)
	result := d.explain(t, d.run(t, flipped), sound, "layer[0].fwd.seq[1].step[6].w_ho___input_1[6]")
	require.NotEqual(t, result.Got.Int, result.Follows.Int)
	require.Len(t, result.Terms, 32)
	require.Contains(t, result.Findings, "it is the sum with bit 13 of weight_ho[6,11] flipped")

	// A value that follows from operands that differ.
	after := d.explain(t, d.run(t, flipped), sound, "layer[0].fwd.seq[1].step[6].y_o[6]")
	require.Equal(t, after.Got.Int, after.Follows.Int)
	require.NotEqual(t, after.Got.Int, after.Want.Int)
	require.Contains(t, after.Findings[1], "w_ho___input_1[6] is ")
}

func TestExplainSaysWhatIsMissing(t *testing.T) {
	d := newDevice(t, "digits-lstm16", 1)
	kept := dump.NewMemory()
	filtered, err := dump.FilterNodes(kept, "h_next", "ot")
	require.NoError(t, err)
	_, err = dump.Copy(context.Background(), filtered, d.run(t).Source())
	require.NoError(t, err)
	result := d.explain(t, kept, nil, "layer[0].fwd.seq[0].step[3].h_next[1]")
	require.Nil(t, result.Follows)
	require.Equal(t, "c_temp is not recorded", result.Steps[0].Note)
	_, err = Explain(context.Background(), d.model, Address{Step: NoStep, Node: "weight_ii"}, ExplainOptions{Got: kept.Source()})
	require.ErrorContains(t, err, "it is a parameter")
}
