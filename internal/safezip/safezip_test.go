package safezip

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// archive makes a deflated archive whose entries hold that many zeros each.
func archive(t *testing.T, sizes ...int) []byte {
	t.Helper()
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	for _, size := range sizes {
		e, err := w.Create("entry")
		require.NoError(t, err)
		_, err = e.Write(make([]byte, size))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return file.Bytes()
}

func TestReadAll(t *testing.T) {
	data := archive(t, 1000, 0)
	z, err := NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	for i, want := range []int{1000, 0} {
		got, err := ReadAll(z.File[i])
		require.NoError(t, err)
		assert.Equal(t, make([]byte, want), got)
	}
}

func TestBombs(t *testing.T) {
	for name, sizes := range map[string][]int{"one entry": {MaxInflated + 1}, "many entries": {MaxInflated / 2, MaxInflated/2 + 1}} {
		t.Run(name, func(t *testing.T) {
			data := archive(t, sizes...)
			_, err := NewReader(bytes.NewReader(data), int64(len(data)))
			require.ErrorContains(t, err, "inflate to more than 67108864 bytes")
		})
	}
}

func TestDirectoryThatLies(t *testing.T) {
	for name, size := range map[string]uint32{"too small": 10, "too large": 2000} {
		t.Run(name, func(t *testing.T) {
			data := archive(t, 1000)
			directory := bytes.LastIndex(data, []byte("PK\x01\x02"))
			binary.LittleEndian.PutUint32(data[directory+24:], size)
			z, err := NewReader(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err)
			got, err := ReadAll(z.File[0])
			require.Error(t, err)
			assert.LessOrEqual(t, len(got), 1000)
			r, err := Open(z.File[0])
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, r)
			require.Error(t, err)
			_, again := r.Read(make([]byte, 1))
			require.Error(t, again)
			require.NoError(t, r.Close())
		})
	}
}
