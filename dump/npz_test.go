package dump

import (
	"bytes"
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
)

func TestNpzRoundTrip(t *testing.T) {
	h := testHeader()
	h.Cells[1].Nodes = append(h.Cells[1].Nodes, Node{Name: "real", Label: "real", Width: 2, Bits: 32, Float: true})
	for _, lengths := range [][]int{{4, 4, 4}, {4, 1, 7}, {1}} {
		for _, saturations := range []bool{false, true} {
			frames := testFrames(h, lengths, saturations, rand.New(rand.NewPCG(1, 2)))
			path := filepath.Join(t.TempDir(), "trace.npz")
			write(t, NewNpzSink(path, NpzOptions{}), h, frames)
			noLeftovers(t, filepath.Dir(path), "trace.npz")
			s, err := OpenNpz(path, NpzReadOptions{})
			require.NoError(t, err)
			assert.Equal(t, h, s.Header())
			assert.Equal(t, frames, readAll(t, s))
		}
	}
}

// The recorded arrays come out of the frames that were made of them, under the same names and of the same shapes.
func TestNpzHasTheRecordedArrays(t *testing.T) {
	for _, name := range []string{"bidir-w8", "digits-gru16"} {
		r := readRecorded(t, name)
		path := filepath.Join(t.TempDir(), "trace.npz")
		write(t, NewNpzSink(path, NpzOptions{}), r.header, r.frames)
		want, err := npy.OpenZip(shared.Path(t, "vectors", name, "exact.npz"))
		require.NoError(t, err)
		defer want.Close()
		got, err := npy.OpenZip(path)
		require.NoError(t, err)
		defer got.Close()
		for _, key := range want.Names() {
			w, err := want.Array(key)
			require.NoError(t, err)
			g, err := got.Array(key)
			require.NoError(t, err)
			require.Equal(t, w, g, key)
		}
		s, err := OpenNpz(shared.Path(t, "vectors", name, "exact.npz"), NpzReadOptions{Formats: &r.header})
		require.NoError(t, err)
		assert.Equal(t, r.frames, readAll(t, s))
		_, err = OpenNpz(shared.Path(t, "vectors", name, "exact.npz"), NpzReadOptions{})
		assert.ErrorContains(t, err, "name the model")
	}
}

func TestNpzSinkRefuses(t *testing.T) {
	h := testHeader()
	random := rand.New(rand.NewPCG(1, 1))
	dir := t.TempDir()
	path := filepath.Join(dir, "trace.npz")
	for _, at := range []position{{1, 0}, {0, 2}, {2, 0}} {
		sink := NewNpzSink(path, NpzOptions{})
		require.NoError(t, sink.Begin(h))
		require.NoError(t, sink.Write(randomFrame(h, 0, 0, 0, false, random)))
		err := sink.Write(randomFrame(h, 0, at.sequence, at.step, false, random))
		if at == (position{1, 0}) {
			require.NoError(t, err)
			require.ErrorContains(t, sink.Close(), "has other sequences than graph")
			continue
		}
		require.ErrorContains(t, err, "leaves a gap")
		require.NoError(t, sink.Abort())
	}
	sink := NewNpzSink(path, NpzOptions{})
	require.NoError(t, sink.Begin(h))
	require.ErrorContains(t, sink.Close(), "no frame")
	require.NoError(t, NewNpzSink(path, NpzOptions{}).Abort())
	require.NoError(t, os.WriteFile(path, nil, 0o666))
	require.ErrorIs(t, NewNpzSink(path, NpzOptions{}).Begin(h), fs.ErrExist)
	other := filepath.Join(dir, "thesis.tex")
	require.NoError(t, os.WriteFile(other, nil, 0o666))
	require.ErrorContains(t, NewNpzSink(other, NpzOptions{Replace: true}).Begin(h), "it is no .npz file")
	write(t, NewNpzSink(path, NpzOptions{Replace: true}), h, testFrames(h, []int{1}, false, random))
	noLeftovers(t, dir, "trace.npz", "thesis.tex")
}

// archive makes an .npz file of arrays.
func archive(t testing.TB, arrays map[string]*npy.Array) []byte {
	var file bytes.Buffer
	z := npy.NewZipWriter(&file)
	for _, name := range sorted(arrays) {
		require.NoError(t, z.Add(name, arrays[name]))
	}
	require.NoError(t, z.Close())
	return file.Bytes()
}

func openArchive(data []byte, options NpzReadOptions) (s *NpzSource, err error) {
	z, err := npy.NewZip(bytes.NewReader(data), int64(len(data)), "trace.npz")
	if err != nil {
		return nil, err
	}
	return newNpzSource(z, options)
}

func TestOpenNpzRefuses(t *testing.T) {
	model := Header{Cells: []Cell{{Graph: "g", Nodes: []Node{{Name: "a", Width: 2, Bits: 16}, {Name: "b", Width: 1, Bits: 16}}}}}
	array := func(shape ...int) *npy.Array {
		n := 1
		for _, d := range shape {
			n *= d
		}
		a, err := npy.New(make([]int16, n), shape...)
		require.NoError(t, err)
		return a
	}
	wide, err := npy.New([]int32{1 << 20}, 1, 1, 1)
	require.NoError(t, err)
	for want, arrays := range map[string]map[string]*npy.Array{
		"":                                  {"g__a_fix": array(3, 4, 2), "g__b_fix": array(3, 4, 1)},
		`no array "g__b_fix"`:               {"g__a_fix": array(3, 4, 2)},
		"3 values a frame":                  {"g__a_fix": array(3, 4, 3), "g__b_fix": array(3, 4, 1)},
		"not [sequence, step, feature]":     {"g__a_fix": array(3, 8), "g__b_fix": array(3, 4, 1)},
		"others have 3 of 4":                {"g__a_fix": array(3, 4, 2), "g__b_fix": array(3, 5, 1)},
		`"g__c_fix" belongs to no node`:     {"g__a_fix": array(3, 4, 2), "g__b_fix": array(3, 4, 1), "g__c_fix": array(3, 4, 1)},
		"1048576":                           {"g__a_fix": array(1, 1, 2), "g__b_fix": wide},
		`"lengths" has 2 values for 3`:      {"g__a_fix": array(3, 4, 2), "g__b_fix": array(3, 4, 1), "lengths": array(2)},
		`array "rnnsim_header" is no uint8`: {"g__a_fix": array(3, 4, 2), "g__b_fix": array(3, 4, 1), "rnnsim_header": array(2)},
		"shape [0 4 2]":                     {"g__a_fix": array(0, 4, 2), "g__b_fix": array(0, 4, 1)},
	} {
		s, err := openArchive(archive(t, arrays), NpzReadOptions{Formats: &model})
		if want == "" {
			require.NoError(t, err)
			frames, err := drain(s)
			require.NoError(t, err)
			assert.Len(t, frames, 12)
			continue
		}
		assert.ErrorContains(t, err, want)
	}
}

func FuzzNpz(f *testing.F) {
	h := testHeader()
	path := filepath.Join(f.TempDir(), "trace.npz")
	write(f, NewNpzSink(path, NpzOptions{}), h, testFrames(h, []int{2, 1}, true, rand.New(rand.NewPCG(1, 2))))
	data, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(data)
	description := func(text string) []byte {
		header, err := npy.New([]byte(text), len(text))
		require.NoError(f, err)
		values, err := npy.New([]int16{1, 2, 3, 4}, 1, 2, 2)
		require.NoError(f, err)
		return archive(f, map[string]*npy.Array{"rnnsim_header": header, "g__a_fix": values})
	}
	f.Add(description(`{"format_version":1,"meta":{},"cells":[{"graph":"g","layer":0,"direction":"forward","first_step":0,"nodes":[{"name":"a","label":"a","bit_width":16,"fix_position":12}]}]}`))
	f.Add(description(`{"format_version":1,"cells":[{"graph":"g"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := openArchive(data, NpzReadOptions{Formats: &h})
		if err != nil {
			return
		}
		_, err = drain(s)
		require.NoError(t, err)
	})
}

// Close reads and writes everything once more: it must be possible to cancel it.
func TestACancelledNpzLeavesNothing(t *testing.T) {
	h := testHeader()
	ctx, cancel := context.WithCancel(context.Background())
	path := filepath.Join(t.TempDir(), "trace.npz")
	s := NewNpzSink(path, NpzOptions{Context: ctx})
	require.NoError(t, s.Begin(h))
	for _, f := range testFrames(h, []int{4, 4}, false, rand.New(rand.NewPCG(1, 2))) {
		require.NoError(t, s.Write(f))
	}
	cancel()
	require.ErrorIs(t, s.Close(), context.Canceled)
	noLeftovers(t, filepath.Dir(path))
}
