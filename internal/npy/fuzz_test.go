package npy

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzRead(f *testing.F) {
	for _, name := range []string{"f2-big", "i8-little", "fortran-big", "version-3", "scalar", "empty", "object", "structured"} {
		f.Add(seed(f, name+".npy"))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		known, err := Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		unknown, err := Read(bytes.NewReader(data), -1)
		require.NoError(t, err)
		requireSame(t, known, unknown)
		var file bytes.Buffer
		require.NoError(t, Write(&file, known))
		back, err := Read(&file, int64(file.Len()))
		require.NoError(t, err)
		requireSame(t, known, back)
	})
}

func FuzzZip(f *testing.F) {
	f.Add(seed(f, "stored.npz"))
	f.Add(seed(f, "deflated.npz"))
	f.Fuzz(func(t *testing.T, data []byte) {
		z, err := NewZip(bytes.NewReader(data), int64(len(data)), "fuzz")
		if err != nil {
			return
		}
		for _, name := range z.Names() {
			a, err := z.Array(name)
			if err == nil {
				require.NotEqual(t, Invalid, a.Type())
			}
		}
	})
}

func seed(f *testing.F, name string) []byte {
	f.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(f, err)
	return data
}

// requireSame compares arrays through their float64 values, NaN being equal to NaN, where they have such.
func requireSame(t *testing.T, want, got *Array) {
	t.Helper()
	require.Equal(t, want.Shape, got.Shape)
	require.Equal(t, want.Type(), got.Type())
	a, errA := want.Float64s()
	b, errB := got.Float64s()
	require.Equal(t, errA == nil, errB == nil)
	for i := range a {
		require.Equal(t, math.Float64bits(a[i]), math.Float64bits(b[i]))
	}
}
