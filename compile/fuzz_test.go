package compile_test

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/dump"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

var (
	fuzzOnce sync.Once
	fuzzed   []*xmodel.Compiled
)

// fuzzModels are small sound models of every configuration: an LSTM, a GRU, and two layers of two directions. They are compiled
// once: fuzzing spends its time on lifting.
func fuzzModels(t testing.TB) []*xmodel.Compiled {
	fuzzOnce.Do(func() {
		for _, o := range configurations {
			for _, specs := range [][]xmodel.CellSpec{
				{plainSpec(xmodel.LSTM, 0, false, 3, 5, 12)},
				{plainSpec(xmodel.GRU, 0, false, 3, 5, 12)},
				{plainSpec(xmodel.LSTM, 0, false, 3, 5, 12), plainSpec(xmodel.LSTM, 0, true, 3, 5, 12),
					plainSpec(xmodel.LSTM, 1, false, 10, 4, 12), plainSpec(xmodel.LSTM, 1, true, 10, 4, 12)},
			} {
				c, err := compile.Compile(modelOf(t, specs...), o)
				require.NoError(t, err)
				fuzzed = append(fuzzed, c)
			}
		}
	})
	return fuzzed
}

// copied gives a model whose streams and blob can be written to.
func copied(c *xmodel.Compiled) *xmodel.Compiled {
	other := *c
	other.Cells = append([]xmodel.CompiledCell(nil), c.Cells...)
	for i := range other.Cells {
		other.Cells[i].Init, other.Cells[i].Loop = bytes.Clone(c.Cells[i].Init), bytes.Clone(c.Cells[i].Loop)
	}
	other.End, other.Weights = bytes.Clone(c.End), bytes.Clone(c.Weights)
	return &other
}

// liftedSoundly lifts a model: nothing may panic or run without end; what is accepted must be a model.
func liftedSoundly(t *testing.T, c *xmodel.Compiled) *compile.Lifted {
	l, err := compile.Lift(c)
	if err != nil {
		require.NotEmpty(t, err.Error())
		return nil
	}
	for _, cell := range l.Model.Cells {
		require.NoError(t, xmodel.Validate(cell.Graph))
	}
	return l
}

// FuzzLift follows streams of any bytes.
func FuzzLift(f *testing.F) {
	for i, c := range fuzzModels(f) {
		f.Add(i, c.Cells[0].Init, c.Cells[0].Loop, c.End, c.Weights[:256])
		f.Add(i, c.Cells[0].Init[len(c.Cells[0].Init)-64:], c.Cells[0].Loop, c.End[:16], []byte{})
	}
	f.Fuzz(func(t *testing.T, model int, initial, loop, end, blob []byte) {
		models := fuzzModels(t)
		c := copied(models[uint(model)%uint(len(models))])
		c.Cells[0].Init, c.Cells[0].Loop, c.End = initial, loop, end
		copy(c.Weights, blob)
		liftedSoundly(t, c)
	})
}

// FuzzLiftMutated flips bits of sound programs, which gets behind the checks that any bytes fail at. What Lift accepts still has to
// compute on the machine what the lifted graphs say.
func FuzzLiftMutated(f *testing.F) {
	f.Add(0, []byte{})
	f.Add(1, []byte{0, 0, 16, 3, 1, 200})
	f.Add(8, []byte{1, 5, 7, 9, 200, 13, 0, 3, 80})
	f.Fuzz(func(t *testing.T, model int, flips []byte) {
		models := fuzzModels(t)
		c := copied(models[uint(model)%uint(len(models))])
		var streams [][]byte
		for _, cell := range c.Cells {
			streams = append(streams, cell.Loop, cell.Init)
		}
		streams = append(streams, c.End, c.Weights)
		for ; len(flips) >= 3; flips = flips[3:] {
			stream := streams[int(flips[0]&31)%len(streams)]
			stream[(int(flips[1])<<8|int(flips[2]))%len(stream)] ^= 1 << (flips[0] >> 5)
		}
		l := liftedSoundly(t, c)
		if l == nil {
			return
		}
		m, err := machine.New(c, machine.Options{Seed: 1, View: l.View})
		if err != nil {
			return
		}
		features, _ := m.Input()
		x := make([]int16, 3*features)
		for i := range x {
			x[i] = int16(i * 7919)
		}
		sequences := []dump.Sequence{{Fixed: x}}
		ran, err := m.Run(context.Background(), sequences, nil)
		require.NoError(t, err)
		require.Equal(t, simulate(t, l.Model, sequences), ran.Output)
	})
}
