package fault_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/xmodel"
)

func open(t testing.TB, name string) (*xmodel.Model, *fault.Base) {
	t.Helper()
	m, err := xmodel.ReadModel(filepath.Join("..", "vectors", name))
	require.NoError(t, err)
	base, err := fault.New(m, xmodel.Sane)
	require.NoError(t, err)
	return m, base
}

func TestTheCatalogueIsSound(t *testing.T) {
	for _, name := range []string{"digits-lstm16", "digits-lstm8", "digits-gru16", "digits-gru8", "digits-bilstm16"} {
		t.Run(name, func(t *testing.T) {
			_, base := open(t, name)
			faults := base.Catalogue()
			kinds, ids := map[string]bool{}, map[string]bool{}
			for _, f := range faults {
				require.False(t, ids[f.ID], f.ID)
				ids[f.ID], kinds[f.Kind] = true, true
				require.Equal(t, f.Place+"/"+f.Kind, f.ID[:min(len(f.ID), len(f.Place)+1+len(f.Kind))])
				require.Regexp(t, `^\S.* .*[^ .]$`, f.Text)
				touched := false
				for cell := range base.Cells() {
					for _, any := range base.With(f).Touches(cell) {
						touched = touched || any
					}
				}
				require.True(t, touched, "%s touches nothing", f.ID)
			}
			require.Greater(t, len(kinds), 100)
			require.Greater(t, len(faults), 900)
		})
	}
}

// TestAFaultLeavesTheBaseAsItIs holds what the sharing of nodes and weights between datapaths rests on.
func TestAFaultLeavesTheBaseAsItIs(t *testing.T) {
	for _, name := range []string{"digits-lstm8", "digits-gru8"} {
		_, base := open(t, name)
		sequences := stimulus(t, filepath.Join("..", "vectors", name), 1)
		before, after := dump.NewMemory(), dump.NewMemory()
		require.NoError(t, base.With().Run(context.Background(), sequences, before))
		for i, f := range base.Catalogue() {
			if testing.Short() && i%8 != 0 {
				continue
			}
			require.NoError(t, base.With(f).Run(context.Background(), sequences, dump.NewMemory()), f.ID)
		}
		require.NoError(t, base.With().Run(context.Background(), sequences, after))
		requireSameFrames(t, before, after)
	}
}
