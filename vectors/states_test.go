package vectors

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

func TestReadStatesFloorsOntoEachCellsGrid(t *testing.T) {
	s := &Sequences{Sequences: make([]dump.Sequence, 2)}
	cells := []StateShape{
		{Hidden: 1, H: fixed.Format{Bits: 16, Position: 1}, C: fixed.Format{Bits: 16, Position: 0}, HasC: true},
		{Hidden: 1, H: fixed.Format{Bits: 16, Position: 2}, C: fixed.Format{Bits: 16, Position: 12}, HasC: true},
	}
	h0 := writeArray(t, []float32{0.75, -0.75, 0.3, -0.3}, 2, 2, 1)
	c0 := writeArray(t, []int16{1, 2, 3, 4}, 2, 2, 1)
	require.NoError(t, s.ReadStates(h0, c0, cells))
	require.Equal(t, []dump.State{{H: []int16{1}, C: []int16{1}}, {H: []int16{1}, C: []int16{3}}}, s.Sequences[0].Initial)
	require.Equal(t, []dump.State{{H: []int16{-2}, C: []int16{2}}, {H: []int16{-2}, C: []int16{4}}}, s.Sequences[1].Initial)
}

func TestReadStatesNamesWhatIsWrong(t *testing.T) {
	s := &Sequences{Sequences: make([]dump.Sequence, 2)}
	gru := []StateShape{{Hidden: 1, H: fixed.Format{Bits: 16, Position: 12}}}
	require.ErrorContains(t, s.ReadStates("", "c.npy", gru), "cell 0 is a GRU")
	require.ErrorContains(t, s.ReadStates(writeArray(t, []float32{1}, 1, 1, 1), "", gru), "[cells, sequences, hidden] = [1 2 1]")
	require.NoError(t, s.ReadStates("", "", gru))
}
