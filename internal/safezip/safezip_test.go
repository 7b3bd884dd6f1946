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

// claim writes that uncompressed size into the directory's record of each entry.
func claim(t *testing.T, data []byte, size uint32) {
	t.Helper()
	const record, sizeAt = "PK\x01\x02", 24
	require.Contains(t, string(data), record)
	for at := 0; ; {
		next := bytes.Index(data[at:], []byte(record))
		if next < 0 {
			return
		}
		at += next
		binary.LittleEndian.PutUint32(data[at+sizeAt:], size)
		at += len(record)
	}
}

func TestBombs(t *testing.T) {
	for name, c := range map[string]struct {
		entries int
		each    uint32
	}{"one entry": {1, MaxInflated + 1}, "many entries": {3, MaxInflated/3 + 1}} {
		t.Run(name, func(t *testing.T) {
			data := archive(t, make([]int, c.entries)...)
			claim(t, data, c.each)
			_, err := NewReader(bytes.NewReader(data), int64(len(data)))
			require.ErrorContains(t, err, "inflate to more than 67108864 bytes")
			claim(t, data, c.each-1)
			_, err = NewReader(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err)
		})
	}
}

func TestDirectoryThatLies(t *testing.T) {
	for name, size := range map[string]uint32{"too small": 10, "too large": 2000} {
		t.Run(name, func(t *testing.T) {
			data := archive(t, 1000)
			claim(t, data, size)
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
