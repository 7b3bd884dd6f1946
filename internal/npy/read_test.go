package npy

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorded is numpy.arange(24) - offset, as testdata/record.py wrote it.
func recorded(offset int) []float64 {
	want := make([]float64, 24)
	for i := range want {
		want[i] = float64(i - offset)
	}
	return want
}

func TestReadWhatNumPyWrote(t *testing.T) {
	cases := map[string]struct {
		kind   Type
		offset int
	}{
		"i1": {Int8, 7}, "i2": {Int16, 7}, "i4": {Int32, 7}, "i8": {Int64, 7},
		"u1": {Uint8, 0}, "u2": {Uint16, 0}, "u4": {Uint32, 0}, "u8": {Uint64, 0},
		"f2": {Float32, 7}, "f4": {Float32, 7}, "f8": {Float64, 7},
	}
	for code, c := range cases {
		for _, order := range []string{"little", "big"} {
			t.Run(code+"-"+order, func(t *testing.T) {
				a, err := ReadFile(filepath.Join("testdata", code+"-"+order+".npy"))
				require.NoError(t, err)
				assert.Equal(t, []int{2, 3, 4}, a.Shape)
				assert.Equal(t, c.kind, a.Type())
				got, err := a.Float64s()
				require.NoError(t, err)
				assert.Equal(t, recorded(c.offset), got)
			})
		}
	}
}

func TestReadFormsOfFile(t *testing.T) {
	for name, kind := range map[string]Type{"fortran": Int32, "fortran-big": Float64, "version-2": Int16, "version-3": Int16} {
		t.Run(name, func(t *testing.T) {
			a, err := ReadFile(filepath.Join("testdata", name+".npy"))
			require.NoError(t, err)
			assert.Equal(t, []int{2, 3, 4}, a.Shape)
			assert.Equal(t, kind, a.Type())
			got, err := a.Float64s()
			require.NoError(t, err)
			assert.Equal(t, recorded(7), got)
		})
	}
	scalar, err := ReadFile("testdata/scalar.npy")
	require.NoError(t, err)
	assert.Equal(t, &Array{Shape: []int{}, Data: []float32{1.5}}, scalar)

	vector, err := ReadFile("testdata/vector.npy")
	require.NoError(t, err)
	assert.Equal(t, &Array{Shape: []int{5}, Data: []int16{-2, -1, 0, 1, 2}}, vector)

	empty, err := ReadFile("testdata/empty.npy")
	require.NoError(t, err)
	assert.Equal(t, &Array{Shape: []int{0, 8}, Data: []float32{}}, empty)

	flags, err := ReadFile("testdata/bool.npy")
	require.NoError(t, err)
	for i, v := range flags.Data.([]bool) {
		assert.Equal(t, i%3 == 0, v)
	}
}

// file gives an .npy file of version 1.0 with the header's text and what follows it.
func file(header string, values ...byte) []byte {
	out := append([]byte(magic), 1, 0, byte(len(header)), byte(len(header)>>8))
	return append(append(out, header...), values...)
}

func TestReadBadInput(t *testing.T) {
	whole, err := os.ReadFile("testdata/i2-little.npy")
	require.NoError(t, err)
	object, err := os.ReadFile("testdata/object.npy")
	require.NoError(t, err)
	structured, err := os.ReadFile("testdata/structured.npy")
	require.NoError(t, err)
	cases := map[string]struct {
		data []byte
		want string
	}{
		"empty file":        {nil, "cut short"},
		"text":              {[]byte("step,value\n1,2\n"), "no .npy file"},
		"version":           {[]byte(magic + "\x04\x00\x00\x00"), "format version 4.0"},
		"no length":         {[]byte(magic + "\x01\x00\x76"), "cut short"},
		"no header":         {whole[:40], "cut short"},
		"no values":         {whole[:len(whole)-5], "takes 48 bytes, the header is followed by 43"},
		"too many values":   {append(whole[:len(whole):len(whole)], 0), "followed by 49"},
		"huge header":       {[]byte(magic + "\x02\x00\xff\xff\xff\xff"), "the limit is 65536"},
		"huge shape":        {file("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }"), "followed by 0"},
		"shape overflow":    {file("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"), "too large"},
		"negative":          {file("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 2), }"), "negative dimension"},
		"huge and empty":    {file("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 0), }"), "no values"},
		"dimension":         {file("{'descr': '<f4', 'fortran_order': False, 'shape': (x,), }"), "a dimension expected"},
		"many dimensions":   {file("{'descr': '<f4', 'fortran_order': False, 'shape': (" + strings.Repeat("1,", 65) + "), }"), "more than 64"},
		"no shape":          {file("{'descr': '<f4', 'fortran_order': False}"), `"shape" is missing`},
		"descr twice":       {file("{'descr': '<f4', 'descr': '<f4'}"), "twice"},
		"unknown key":       {file("{'colour': 1}"), `"colour" is unknown`},
		"unterminated":      {file("{'descr"), "has no end"},
		"order":             {file("{'fortran_order': Maybe}"), "neither True nor False"},
		"behind the header": {file("{'descr': '<f4', 'fortran_order': False, 'shape': ()} x"), "behind the dictionary"},
		"objects":           {object, "only a pickle holds"},
		"structured":        {structured, "structured"},
		"complex":           {file("{'descr': '<c8', 'fortran_order': False, 'shape': ()}"), `"<c8" is not a boolean`},
		"no byte order":     {file("{'descr': '|f4', 'fortran_order': False, 'shape': ()}"), `"|f4" is not`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bad.npy")
			require.NoError(t, os.WriteFile(path, c.data, 0o644))
			_, err := ReadFile(path)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, path)
		})
	}
	_, err = ReadFile(filepath.Join(t.TempDir(), "none.npy"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = ReadFile(t.TempDir())
	require.Error(t, err)
}

func TestReadOfUnknownSize(t *testing.T) {
	whole, err := os.ReadFile("testdata/f4-little.npy")
	require.NoError(t, err)
	r := bytes.NewReader(append(whole[:len(whole):len(whole)], "next"...))
	a, err := Read(r, -1)
	require.NoError(t, err)
	assert.Equal(t, 24, a.Len())
	assert.Equal(t, 4, r.Len(), "reads no further than the array")

	_, err = Read(bytes.NewReader(whole[:len(whole)-1]), -1)
	require.ErrorContains(t, err, "cut short")
	claim := file("{'descr': '<f8', 'fortran_order': False, 'shape': (100000000000,), }", 1, 2, 3)
	allocated := testing.AllocsPerRun(1, func() { _, err = Read(bytes.NewReader(claim), -1) })
	require.ErrorContains(t, err, "value 0 of 100000000000")
	assert.Less(t, allocated, 200.0)
}
