package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

func TestZipThatNumPyWrote(t *testing.T) {
	for _, name := range []string{"stored.npz", "deflated.npz"} {
		z, err := OpenZip(filepath.Join("testdata", name))
		require.NoError(t, err)
		assert.Equal(t, []string{"a.weight", "b"}, z.Names())
		assert.True(t, z.Has("b"))
		assert.False(t, z.Has("c"))
		for array, kind := range map[string]Type{"a.weight": Float32, "b": Int16} {
			typed, shape, err := z.Header(array)
			require.NoError(t, err)
			assert.Equal(t, kind, typed)
			assert.Equal(t, []int{2, 3, 4}, shape)
			a, err := z.Array(array)
			require.NoError(t, err)
			assert.Equal(t, kind, a.Type())
			got, err := a.Float64s()
			require.NoError(t, err)
			assert.Equal(t, recorded(0), got)
		}
		_, err = z.Array("c")
		require.ErrorContains(t, err, `no array "c"`)
		require.NoError(t, z.Close())
	}
}

func TestRecordedTrace(t *testing.T) {
	z, err := OpenZip(shared.Path(t, "vectors", "digits-lstm16", "exact.npz"))
	require.NoError(t, err)
	defer z.Close()
	require.NotEmpty(t, z.Names())
	for _, name := range z.Names() {
		a, err := z.Array(name)
		require.NoError(t, err)
		_, err = a.Int16s()
		require.NoError(t, err, name)
	}
}

func TestZipWriter(t *testing.T) {
	write := func() []byte {
		var file bytes.Buffer
		z := NewZipWriter(&file)
		require.NoError(t, z.Add("x", &Array{Shape: []int{2}, Data: []float32{1, 2}}))
		e, err := z.Create("trace", Int16, []int{2, 2})
		require.NoError(t, err)
		for _, part := range []string{"\x01\x00\xff", "\xff\x03\x00\x04\x00"} {
			_, err = io.WriteString(e, part)
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		return file.Bytes()
	}
	file := write()
	assert.Equal(t, file, write(), "the same arrays give the same bytes")
	z, err := NewZip(bytes.NewReader(file), int64(len(file)), "memory")
	require.NoError(t, err)
	assert.Equal(t, []string{"x", "trace"}, z.Names())
	a, err := z.Array("trace")
	require.NoError(t, err)
	assert.Equal(t, &Array{Shape: []int{2, 2}, Data: []int16{1, -1, 3, 4}}, a)
	require.NoError(t, z.Close())
}

func TestZipWriterRefuses(t *testing.T) {
	z := NewZipWriter(io.Discard)
	require.NoError(t, z.Add("x", &Array{Shape: []int{1}, Data: []int8{1}}))
	require.ErrorContains(t, z.Add("x", &Array{Shape: []int{1}, Data: []int8{1}}), "already")
	require.Error(t, z.Add("y", &Array{}))
	_, err := z.Create("z", Invalid, nil)
	require.Error(t, err)
	_, err = z.Create("z", Int16, []int{-1})
	require.Error(t, err)
	e, err := z.Create("z", Int16, []int{2})
	require.NoError(t, err)
	_, err = e.Write(make([]byte, 5))
	require.ErrorContains(t, err, "1 bytes too many")
	_, err = e.Write(make([]byte, 3))
	require.NoError(t, err)
	require.ErrorContains(t, z.Close(), `"z" lacks 1 bytes`)
}

func TestZipBadInput(t *testing.T) {
	whole, err := os.ReadFile("testdata/stored.npz")
	require.NoError(t, err)
	flipped := bytes.Clone(whole)
	flipped[bytes.Index(flipped, []byte(magic))+130] ^= 1
	bomb := bytes.Clone(whole)
	const sizeAt = 24 // in an entry's record of the directory
	binary.LittleEndian.PutUint32(bomb[bytes.Index(bomb, []byte("PK\x01\x02"))+sizeAt:], 1<<31)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":     {nil, "not a valid zip"},
		"truncated": {whole[:len(whole)-10], "not a valid zip"},
		"flipped":   {flipped, "checksum"},
		"twice":     {archive(t, zip.Store, "a.npy", "", "a.npy", ""), `"a" twice`},
		"behind":    {archive(t, zip.Store, "a.npy", string(file("{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}", 1))), "1 bytes lie behind"},
		"bomb":      {bomb, "inflate to more than"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bad.npz")
			require.NoError(t, os.WriteFile(path, c.data, 0o644))
			z, err := OpenZip(path)
			if err == nil {
				defer z.Close()
				_, err = z.Array(z.Names()[0])
			}
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, path)
		})
	}
	_, err = OpenZip(filepath.Join(t.TempDir(), "none.npz"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// archive zips pairs of name and content.
func archive(t testing.TB, method uint16, pairs ...string) []byte {
	t.Helper()
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	for i := 0; i < len(pairs); i += 2 {
		e, err := w.CreateHeader(&zip.FileHeader{Name: pairs[i], Method: method})
		require.NoError(t, err)
		_, err = io.WriteString(e, pairs[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return file.Bytes()
}
