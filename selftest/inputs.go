package selftest

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"

	"rnnsim/vectors"
	"rnnsim/verify"
)

// flipInput spoils the stimulus. The model is run over it, and the run compared with the one over the unspoilt stimulus.
func (s *subject) flipInput(ctx context.Context, random *rand.Rand, f *flip) error {
	const file = "x.npy"
	data := s.files[file]
	// A .npy file of version 1: six bytes of magic, two of version, two of the header's length, the header, the values.
	begin := 10 + int(binary.LittleEndian.Uint16(data[8:]))
	bit := random.IntN(8 * len(data))
	if random.IntN(4) > 0 {
		bit = 8*begin + random.IntN(8*(len(data)-begin))
	}
	mend, err := s.spoil(f, file, bit)
	if err != nil {
		return err
	}
	return errors.Join(s.judgeInput(ctx, f, bit, begin), mend())
}

func (s *subject) judgeInput(ctx context.Context, f *flip, bit, begin int) error {
	read, err := vectors.ReadSequences(filepath.Join(s.dir, "x.npy"), "")
	if err == nil {
		features, err2 := s.model.Cells[0].Input()
		err = errors.Join(err2, read.WantFeatures(features))
	}
	if err != nil {
		return f.is(refused, "%v", err)
	}
	trace, err := run(ctx, s.model, read.Sequences)
	if err != nil {
		return f.is(refused, "%v", err)
	}
	comparison, err := verify.Compare(ctx, trace.Source(), s.trace.Source(), verify.Options{})
	if err != nil {
		return err
	}
	if bit < 8*begin {
		switch {
		case comparison.Verdict() != verify.Pass:
			return f.is(noticed, "the runs differ")
		case reflect.DeepEqual(read.Sequences, s.x):
			return f.is(harmless, "a part of the header that says the same")
		}
		return f.is(missed, "the stimulus is read otherwise, and the runs are the same")
	}
	return s.judgeReal(f, bit-8*begin, comparison)
}

// judgeReal wants the altered number to be found first as the input of its step, as the integer that it stands for.
func (s *subject) judgeReal(f *flip, bit int, c *verify.Comparison) error {
	features := s.trace.Header.Cells[0].Nodes[0].Width
	length := len(s.x[0].Float)
	value := bit / 32
	sequence, step, feature := value/length, value%length/features, value%features
	was := s.x[sequence].Float[value%length]
	is := math.Float32frombits(math.Float32bits(was) ^ 1<<(bit%32))
	cell := s.trace.Header.Cells[0]
	input := cell.Nodes[0]
	before, after := plainInteger(float64(was), input.Bits, input.Position, math.Floor), plainInteger(float64(is), input.Bits, input.Position, math.Floor)
	want := verify.Address{Layer: cell.Layer, Backward: cell.Backward, Sequence: sequence, Step: step, Node: input.Name, Index: feature}
	switch {
	case math.IsNaN(float64(is)) || math.IsInf(float64(is), 0):
		return f.is(missed, "%g at %v was not refused", is, want)
	case before == after && c.Verdict() == verify.Pass:
		return f.is(harmless, "a real number that is the same integer on the input's grid")
	case before == after:
		return f.is(missed, "%g and %g are both the integer %d, and a difference was found: %+v", was, is, before, c.First)
	case c.First == nil:
		return f.is(missed, "%v is %d, was %d, and no difference was found", want, after, before)
	case c.First.Address != want || c.First.Got.Int != int64(after) || c.First.Want.Int != int64(before) || c.First.Different != 1:
		return f.is(missed, "%v is %d, was %d; found first was %v with %d for %d", want, after, before, c.First.Address, c.First.Got.Int, c.First.Want.Int)
	}
	return f.is(found, "%v", want)
}
