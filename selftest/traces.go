package selftest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"rnnsim/dump"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// place is a run of values of a node in an Arrow file: a row a frame of the cell, in order.
type place struct {
	from, to int // bytes
	cell     int
	node     int // its place in the cell; counts marks the counts of clamped values, rows the numbers of steps and sequences
	frames   []*dump.Frame
	width    int
}

const (
	counts = -1
	rows   = -2
)

// locateTraces finds the columns of the plain trace by their bytes: each column of values occurs once in its file.
func (s *subject) locateTraces() {
	s.places = map[string][]place{}
	for c, cell := range s.trace.Header.Cells {
		file := "trace/" + cell.Graph + ".arrow"
		var frames []*dump.Frame
		var sequence, step, clamped []int32
		for _, f := range s.trace.Frames {
			if f.Cell == c {
				frames = append(frames, f)
				sequence, step, clamped = append(sequence, int32(f.Sequence)), append(step, int32(f.Step)), append(clamped, f.Saturations...)
			}
		}
		add := func(node, width int, values any) {
			text, err := binary.Append(nil, binary.LittleEndian, values)
			if err != nil || bytes.Count(s.files[file], text) != 1 {
				return // judged without a place
			}
			from := bytes.Index(s.files[file], text)
			s.places[file] = append(s.places[file], place{from, from + len(text), c, node, frames, width})
		}
		for n, node := range cell.Nodes {
			var values []int16
			for _, f := range frames {
				values = append(values, f.Fixed[n]...)
			}
			add(n, node.Width, values)
		}
		add(rows, 1, sequence)
		add(rows, 1, step)
		add(counts, 1, clamped)
	}
}

// traceFiles are the files of the traces in Arrow form.
func (s *subject) traceFiles() []string {
	var files []string
	for file := range s.files {
		if strings.HasPrefix(file, "trace") {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return files
}

// flipTrace spoils a trace and compares it with the run that it was written from.
func (s *subject) flipTrace(ctx context.Context, random *rand.Rand, f *flip) error {
	files := s.traceFiles()
	file := files[random.IntN(len(files))]
	bit := random.IntN(8 * len(s.files[file]))
	// Most of a file is values; half of the flips are in the rest.
	if at := s.places[file]; len(at) > 0 && random.IntN(2) == 0 {
		p := at[random.IntN(len(at))]
		bit = 8*p.from + random.IntN(8*(p.to-p.from))
	}
	mend, err := s.spoil(f, file, bit)
	if err != nil {
		return err
	}
	return errors.Join(s.judgeTrace(ctx, f, file, bit), mend())
}

func (s *subject) judgeTrace(ctx context.Context, f *flip, file string, bit int) error {
	dir, _, _ := strings.Cut(file, "/")
	source, err := dump.OpenArrow(filepath.Join(s.dir, dir))
	if err != nil {
		return f.is(refused, "%v", err)
	}
	comparison, err := verify.Compare(ctx, source, s.trace.Source(), verify.Options{})
	if err := errors.Join(err, source.Close()); err != nil {
		return f.is(refused, "%v", err)
	}
	for _, p := range s.places[file] {
		if bit/8 < p.from || bit/8 >= p.to {
			continue
		}
		if p.node >= 0 {
			return s.judgeValue(f, p, bit-8*p.from, comparison)
		}
		if p.node == counts && comparison.Verdict() == verify.Pass {
			return f.is(harmless, "a count of clamped values, which is told and not compared")
		}
	}
	switch {
	case comparison.Verdict() != verify.Pass || comparison.OnlyGot.Any() || comparison.OnlyWant.Any():
		return f.is(noticed, "the traces differ")
	case len(comparison.Notes) > 0:
		return f.is(noticed, "%s", comparison.Notes[0])
	}
	return s.judgeSame(ctx, f, dir)
}

// judgeValue wants one difference, of that value and by that bit.
func (s *subject) judgeValue(f *flip, p place, bit int, c *verify.Comparison) error {
	value := bit / 16
	frame, index := p.frames[value/p.width], value%p.width
	cell := s.trace.Header.Cells[p.cell]
	was := frame.Fixed[p.node][index]
	got := was ^ 1<<(bit%16)
	want := verify.Address{
		Layer: cell.Layer, Backward: cell.Backward, Sequence: frame.Sequence, Step: frame.Step, Node: cell.Nodes[p.node].Name, Index: index,
	}
	switch {
	case c.First == nil || c.Counts.Wrong == 0:
		return f.is(missed, "%v is %d, was %d, and no difference was found", want, got, was)
	case c.First.Address != want || c.Counts.Wrong != 1 || c.First.Got.Int != int64(got) || c.First.Want.Int != int64(was):
		return f.is(missed, "%v is %d, was %d; found were %d differences, the first %v with %d for %d",
			want, got, was, c.Counts.Wrong, c.First.Address, c.First.Got.Int, c.First.Want.Int)
	}
	return f.is(found, "%v", want)
}

// judgeSame is for a flip that nobody noticed: every value of the trace, read again, must be what was written, and so must the
// formats.
func (s *subject) judgeSame(ctx context.Context, f *flip, dir string) error {
	source, err := dump.OpenArrow(filepath.Join(s.dir, dir))
	if err != nil {
		return err
	}
	defer source.Close()
	got, err := content(source)
	if err != nil {
		return err
	}
	if len(got.Frames) != len(s.trace.Frames) {
		return f.is(missed, "%d frames are read, %d were written", len(got.Frames), len(s.trace.Frames))
	}
	for _, want := range s.trace.Frames {
		if !slices.ContainsFunc(got.Frames, func(g *dump.Frame) bool {
			return g.Cell == want.Cell && g.Sequence == want.Sequence && g.Step == want.Step && reflect.DeepEqual(g.Fixed, want.Fixed)
		}) {
			return f.is(missed, "the frame of cell %d, sequence %d, step %d is not what was written", want.Cell, want.Sequence, want.Step)
		}
	}
	for c, cell := range s.trace.Header.Cells {
		read := got.Header.Cells[c]
		for n, node := range cell.Nodes {
			if r := read.Nodes[n]; r.Name != node.Name || r.Width != node.Width || r.Bits != node.Bits || r.Position != node.Position || r.Float != node.Float {
				return f.is(missed, "node %s is described as %+v, written was %+v", node.Name, r, node)
			}
		}
		if read.Graph != cell.Graph || read.Layer != cell.Layer || read.Backward != cell.Backward {
			return f.is(missed, "cell %d is read as %q, layer %d", c, read.Graph, read.Layer)
		}
	}
	return s.judgeRest(ctx, f, got)
}

// judgeParams is for a parameter that goes with a trace. Comparing traces does not look at it; judging a trace by its own operands
// holds it against the model, and must find each value that is other, and nothing else.
func (s *subject) judgeParams(ctx context.Context, f *flip, got *dump.Memory, c int) error {
	cell, read := s.trace.Header.Cells[c], got.Header.Cells[c]
	differ, first := int64(0), verify.Address{}
	for n, param := range cell.Params {
		if n >= len(read.Params) || read.Params[n].Name != param.Name || len(read.Params[n].Values) != len(param.Values) {
			return f.is(harmless, "the name or the shape of a parameter that goes with the trace, which no value depends on")
		}
		for i, v := range param.Values {
			if read.Params[n].Values[i] == v {
				continue
			}
			if differ == 0 {
				first = verify.Address{Layer: cell.Layer, Backward: cell.Backward, Sequence: verify.NoStep, Step: verify.NoStep, Node: param.Name, Index: i}
			}
			differ++
		}
	}
	if differ == 0 {
		return f.is(harmless, "the description of a parameter that goes with the trace, which no value depends on")
	}
	comparison, err := verify.Replay(ctx, func() (dump.Source, error) { return got.Source(), nil }, s.exact, s.model,
		verify.ReplayOptions{Exact: true, Compat: xmodel.Sane})
	switch {
	case err != nil:
		return f.is(refused, "%v", err)
	case comparison.First == nil || comparison.First.Address != first || comparison.Counts.Wrong != differ:
		return f.is(missed, "%d values of parameters are other, the first %v; found were %d, the first %+v", differ, first, comparison.Counts.Wrong, comparison.First)
	}
	return f.is(found, "%v", first)
}

// judgeRest says what of a trace that is the same in all values is not.
func (s *subject) judgeRest(ctx context.Context, f *flip, got *dump.Memory) error {
	for c, cell := range s.trace.Header.Cells {
		read := got.Header.Cells[c]
		if !reflect.DeepEqual(read.Params, cell.Params) {
			return s.judgeParams(ctx, f, got, c)
		}
		if !reflect.DeepEqual(read.Nodes, cell.Nodes) {
			return f.is(harmless, "the label or the kind of a node, which is told and not compared")
		}
	}
	if !reflect.DeepEqual(got.Header.Meta, s.trace.Header.Meta) {
		return f.is(harmless, "where a trace comes from, which is told and not compared")
	}
	return f.is(harmless, "unused: all that is read is what was written")
}
