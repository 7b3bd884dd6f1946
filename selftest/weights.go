package selftest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"rnnsim/sim"
	"rnnsim/xmodel"
)

// constPlace is where a const's data lie in a file: float32 numbers, little endian.
type constPlace struct {
	from, to int
	op       string
	graph    *xmodel.Graph
	param    int // the place of its parameter in the trace's cell
	cell     int
}

// locateConsts finds the parameters' values in the files of the graphs by their bytes.
func (s *subject) locateConsts() {
	s.consts = map[string][]constPlace{}
	for c := range s.model.Cells {
		g := s.model.Cells[c].Graph
		for file, data := range s.files {
			if !strings.HasPrefix(file, "xmodel/") || !strings.HasPrefix(filepath.Base(file), g.Name) {
				continue
			}
			for _, op := range g.Ops {
				if op.Type != "const" {
					continue
				}
				values, err := xmodel.ConstFloats(op)
				if err != nil {
					continue
				}
				text, err := binary.Append(nil, binary.LittleEndian, values)
				if err != nil || bytes.Count(data, text) != 1 {
					continue
				}
				p := constPlace{from: bytes.Index(data, text), op: op.Name, graph: g, cell: c, param: -1}
				p.to = p.from + len(text)
				for n, param := range s.trace.Header.Cells[c].Params {
					if param.Name == xmodel.NodeName(g.Name, op.Name) {
						p.param = n
					}
				}
				s.consts[file] = append(s.consts[file], p)
			}
		}
	}
}

// flipWeights spoils a file of the model. The graphs are held against the recorded ones, as verifying a case does.
func (s *subject) flipWeights(ctx context.Context, random *rand.Rand, f *flip) error {
	var files []string
	for file := range s.files {
		if strings.HasPrefix(file, "xmodel/") {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	file := files[random.IntN(len(files))]
	bit := random.IntN(8 * len(s.files[file]))
	if consts := s.consts[file]; len(consts) > 0 && random.IntN(2) == 0 {
		p := consts[random.IntN(len(consts))]
		bit = 8*p.from + random.IntN(8*(p.to-p.from))
	}
	mend, err := s.spoil(f, file, bit)
	if err != nil {
		return err
	}
	return errors.Join(s.judgeWeights(ctx, f, file, bit), mend())
}

func (s *subject) judgeWeights(ctx context.Context, f *flip, file string, bit int) error {
	read, err := xmodel.ReadModel(filepath.Join(s.dir, "xmodel"))
	if err != nil {
		return f.is(refused, "%v", err)
	}
	var difference error
	if len(read.Cells) != len(s.model.Cells) {
		return f.is(noticed, "another number of cells")
	}
	for i := range read.Cells {
		difference = errors.Join(difference, xmodel.Equal(read.Cells[i].Graph, s.model.Cells[i].Graph))
	}
	for _, p := range s.consts[file] {
		if bit/8 >= p.from && bit/8 < p.to {
			return s.judgeConst(f, p, bit-8*p.from, read, difference)
		}
	}
	if difference != nil {
		return f.is(noticed, "%v", difference)
	}
	// Nobody noticed: then the file must say the same, which is shown by writing both anew and by running the graph.
	for i := range read.Cells {
		got, err := read.Cells[i].Graph.Marshal()
		if err != nil {
			return err
		}
		want, err := s.model.Cells[i].Graph.Marshal()
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return f.is(missed, "the graphs are called equal, and written anew they differ")
		}
	}
	trace, err := run(ctx, read, s.x)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(trace.Frames, s.trace.Frames) {
		return f.is(missed, "the graphs are called equal and compute something else")
	}
	return f.is(harmless, "unused: written anew the file is the same")
}

// judgeConst wants the op to be named, and the integer that the number stands for to change as rounding says, it alone.
func (s *subject) judgeConst(f *flip, p constPlace, bit int, read *xmodel.Model, difference error) error {
	if difference == nil || !strings.Contains(difference.Error(), p.op) {
		return f.is(missed, "a value of op %s was altered; found was: %v", p.op, difference)
	}
	if p.param < 0 {
		return f.is(found, "%s", p.op)
	}
	plan, err := sim.Compile(read, sim.Options{Threads: 1})
	if err != nil {
		return f.is(refused, "%v", err) // not a number
	}
	param := s.trace.Header.Cells[p.cell].Params[p.param]
	index := bit / 32
	data := make([]byte, 4)
	at := p.from + 4*index
	for file := range s.consts {
		if slices.Contains(s.consts[file], p) {
			copy(data, s.files[file][at:])
		}
	}
	altered := math.Float32frombits(binary.LittleEndian.Uint32(data) ^ 1<<(bit%32))
	want := slices.Clone(param.Values)
	want[index] = plainInteger(float64(altered), param.Bits, param.Position, math.Round)
	if got := plan.Header().Cells[p.cell].Params[p.param].Values; !slices.Equal(got, want) {
		return f.is(missed, "value %d of %s is %g, which is the integer %d; read were %v", index, p.op, altered, want[index], got)
	}
	return f.is(found, "%s[%d]", p.op, index)
}
