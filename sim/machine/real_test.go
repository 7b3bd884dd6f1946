package machine_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// realModels are the compiled models of the vendor, by the names that their recorded runs have.
func realModels(t testing.TB) map[string]*xmodel.Compiled {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(shared.Path(t, "models", "compiled"), "*", "*.xmodel"))
	require.NoError(t, err)
	require.Len(t, paths, 8)
	models := map[string]*xmodel.Compiled{}
	for _, path := range paths {
		c, err := xmodel.ReadCompiled(path)
		require.NoError(t, err)
		name := filepath.Base(filepath.Dir(path)) + "_" + strings.TrimSuffix(filepath.Base(path), ".xmodel")
		models[name] = c
	}
	return models
}

// recorded reads x, [lane][step·feature], and h of a recorded run.
func recorded(t testing.TB, name string) (x []dump.Sequence, h [][]int16) {
	t.Helper()
	read := func(kind string) [][]int16 {
		a, err := npy.ReadFile(shared.Path(t, "vectors", "compiled", name+"."+kind+".npy"))
		require.NoError(t, err)
		values, err := a.Int16s()
		require.NoError(t, err)
		require.Len(t, a.Shape, 3)
		var lanes [][]int16
		for lane := range a.Shape[0] {
			n := a.Shape[1] * a.Shape[2]
			lanes = append(lanes, values[lane*n:(lane+1)*n])
		}
		return lanes
	}
	for _, lane := range read("x") {
		x = append(x, dump.Sequence{Fixed: lane})
	}
	return x, read("h")
}

func TestRecordedRuns(t *testing.T) {
	for name, c := range realModels(t) {
		t.Run(name, func(t *testing.T) {
			x, want := recorded(t, name)
			for seed := range uint64(3) {
				m, err := machine.New(c, machine.Options{Seed: seed})
				require.NoError(t, err)
				got, err := m.Run(context.Background(), x, nil)
				require.NoError(t, err)
				require.Equal(t, want, got.Output)
			}
		})
	}
}

func BenchmarkRun(b *testing.B) {
	for name, c := range realModels(b) {
		if !strings.Contains(name, "sentiment") {
			continue
		}
		b.Run(name, func(b *testing.B) {
			m, err := machine.New(c, machine.Options{})
			require.NoError(b, err)
			const steps = 500
			var x []dump.Sequence
			for lane := range m.Lanes() {
				values := make([]int16, steps*32)
				for i := range values {
					values[i] = int16(i * (i + lane + 77) * 31)
				}
				x = append(x, dump.Sequence{Fixed: values})
			}
			for b.Loop() {
				_, err := m.Run(context.Background(), x, nil)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(b.N)*steps*float64(m.Lanes())/b.Elapsed().Seconds(), "frames/s")
		})
	}
}
