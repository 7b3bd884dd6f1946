package dump

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func TestTee(t *testing.T) {
	h := testHeader()
	frames := testFrames(h, []int{2}, true, rand.New(rand.NewPCG(1, 2)))
	a, b := NewMemory(), NewMemory()
	write(t, Tee(a, b), h, frames)
	assert.Equal(t, frames, a.Frames)
	assert.Equal(t, frames, readAll(t, b.Source()))
	assert.True(t, a.Closed && b.Closed)

	dir := filepath.Join(t.TempDir(), "trace")
	late := NewDeployCheckSink(dir, DeployCheckOptions{Sequence: 9}) // fails on Close
	c := NewArrowSink(filepath.Join(filepath.Dir(dir), "c"), ArrowOptions{})
	sink := Tee(late, c)
	require.NoError(t, sink.Begin(h))
	require.NoError(t, sink.Write(frames[0]))
	assert.ErrorContains(t, sink.Close(), "no frame of sequence 9")
	noLeftovers(t, filepath.Dir(dir))
}

func TestFilterNodes(t *testing.T) {
	h := testHeader()
	h.Cells[1].Nodes[3].Name, h.Cells[1].Nodes[3].Label = "it_cct", "it*cct"
	frames := testFrames(h, []int{2}, true, rand.New(rand.NewPCG(1, 2)))
	for _, c := range []struct {
		patterns []string
		want     [][]string
	}{
		{[]string{"h_next"}, [][]string{{"h_next"}}},
		{[]string{"h_*", "it*cct"}, [][]string{{"h_next"}, {"it_cct"}}},
		{[]string{"*_i0", "input_0"}, [][]string{{"input_0", "w_ii___input_0___bias_i_pre_fix_i0"}, {"input_0", "w_ii___input_0___bias_i_pre_fix_i0"}}},
		{[]string{"w_ii * input_0 + bias_i"}, [][]string{{"w_ii___input_0___bias_i"}, {"w_ii___input_0___bias_i"}}},
		{nil, [][]string{names(h.Cells[0]), names(h.Cells[1])}},
	} {
		m := NewMemory()
		sink, err := FilterNodes(m, c.patterns...)
		require.NoError(t, err)
		write(t, sink, h, frames)
		var got [][]string
		for _, cell := range m.Header.Cells {
			got = append(got, names(cell))
		}
		assert.Equal(t, c.want, got)
		for _, f := range m.Frames {
			cell := m.Header.Cells[f.Cell]
			i := slices.IndexFunc(h.Cells, func(c Cell) bool { return c.Graph == cell.Graph })
			original := frames[slices.IndexFunc(frames, func(g *Frame) bool { return g.Cell == i && g.Step == f.Step })]
			for n, node := range cell.Nodes {
				from := slices.IndexFunc(h.Cells[i].Nodes, func(m Node) bool { return m.Name == node.Name })
				assert.Equal(t, original.Fixed[from], f.Fixed[n])
				assert.Equal(t, original.Saturations[from], f.Saturations[n])
			}
		}
	}
	sink, err := FilterNodes(NewMemory(), "nothing")
	require.NoError(t, err)
	assert.ErrorContains(t, sink.Begin(h), `no node fits ["nothing"]`)
	_, err = FilterNodes(NewMemory(), "[")
	assert.ErrorContains(t, err, `nodes "["`)
}

func names(c Cell) []string {
	var names []string
	for _, n := range c.Nodes {
		names = append(names, n.Name)
	}
	return names
}

// A trace goes from any kind to any other, and is the same.
func TestOpenAndCopy(t *testing.T) {
	h, frames := mixedTrace()
	frames = frames[:4]
	sinks := map[Kind]func(string) Sink{
		Arrow:       func(path string) Sink { return NewArrowSink(path, ArrowOptions{}) },
		DeployCheck: func(path string) Sink { return NewDeployCheckSink(path, DeployCheckOptions{}) },
		Npz:         func(path string) Sink { return NewNpzSink(path, NpzOptions{}) },
	}
	for from, first := range sinks {
		for to, second := range sinks {
			dir := t.TempDir()
			a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
			write(t, first(a), h, frames)
			source, err := Open(a, OpenOptions{})
			require.NoError(t, err)
			n, err := Copy(context.Background(), second(b), source)
			require.NoError(t, err)
			assert.Equal(t, len(frames), n)
			kind, err := Sniff(b)
			require.NoError(t, err)
			assert.Equal(t, to, kind)
			again, err := Open(b, OpenOptions{Formats: &h})
			require.NoError(t, err)
			assert.Equal(t, paramsByName(h.Cells[0].Params), paramsByName(again.Header().Cells[0].Params), "%s to %s", from, to)
			for i, f := range readAll(t, again) {
				assert.Equal(t, frames[i].Fixed, f.Fixed)
			}
			parsed, err := ParseKind(to.String())
			require.NoError(t, err)
			assert.Equal(t, to, parsed)
		}
	}
}

func TestCopyEndsCleanly(t *testing.T) {
	h := testHeader()
	frames := testFrames(h, []int{2}, true, rand.New(rand.NewPCG(1, 2)))
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, make := range []func(string) Sink{
		func(path string) Sink { return NewArrowSink(path, ArrowOptions{}) },
		func(path string) Sink { return NewNpzSink(path, NpzOptions{}) },
		func(path string) Sink { return NewDeployCheckSink(path, DeployCheckOptions{}) },
	} {
		dir := t.TempDir()
		_, err := Copy(cancelled, make(filepath.Join(dir, "x")), NewSource(h, frames))
		assert.ErrorIs(t, err, context.Canceled)
		_, err = Copy(context.Background(), make(filepath.Join(dir, "x")), &failing{Source: NewSource(h, frames), after: 2})
		assert.ErrorIs(t, err, errBroken)
		_, err = Copy(context.Background(), make(filepath.Join(dir, "x")), NewSource(Header{}, nil))
		assert.ErrorContains(t, err, "no cells")
		noLeftovers(t, dir)
	}
}

var errBroken = errors.New("broken")

type failing struct {
	Source
	after int
}

func (f *failing) Next(frame *Frame) error {
	if f.after--; f.after < 0 {
		return errBroken
	}
	return f.Source.Next(frame)
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x")
	for _, text := range []string{"", "hello", "hello, world"} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
		_, err := Open(file, OpenOptions{})
		assert.ErrorContains(t, err, "it is no Arrow trace, deploy_check folder or .npz file")
	}
	_, err := Open(dir, OpenOptions{})
	assert.ErrorContains(t, err, "it is no Arrow trace")
	_, err = Open(filepath.Join(dir, "missing"), OpenOptions{})
	assert.ErrorContains(t, err, "missing")
	_, err = ParseKind("xml")
	assert.ErrorContains(t, err, `trace format "xml"`)
	_, err = ParseStyle("caffe")
	assert.ErrorContains(t, err, `style "caffe"`)
}
