package export_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/internal/npy"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// shipped opens a model of the project's vectors, with a number of its test sequences.
func shipped(t testing.TB, name string, sequences int) (*xmodel.Model, []dump.Sequence) {
	t.Helper()
	folder := filepath.Join("..", "vectors", name)
	model, err := xmodel.ReadModel(folder)
	require.NoError(t, err)
	x, err := npy.ReadFile(filepath.Join(folder, "x_test.npy"))
	require.NoError(t, err)
	values, err := x.Float32s()
	require.NoError(t, err)
	size := x.Shape[1] * x.Shape[2]
	var stimuli []dump.Sequence
	for i := range sequences {
		stimuli = append(stimuli, dump.Sequence{Float: values[i*size : (i+1)*size]})
	}
	return model, stimuli
}

// simulate runs the model and gives the trace.
func simulate(t testing.TB, model *xmodel.Model, stimuli []dump.Sequence) *dump.Memory {
	t.Helper()
	plan, err := sim.Compile(model, sim.Options{})
	require.NoError(t, err)
	trace := dump.NewMemory()
	_, err = plan.Run(context.Background(), stimuli, trace)
	require.NoError(t, err)
	return trace
}

// noise is stimuli of real numbers that lie between the grid's, some far outside its range.
func noise(random *rand.Rand, features int, lengths ...int) []dump.Sequence {
	var stimuli []dump.Sequence
	for _, steps := range lengths {
		s := dump.Sequence{Float: make([]float32, steps*features)}
		for i := range s.Float {
			s.Float[i] = float32(random.NormFloat64() * 5)
		}
		stimuli = append(stimuli, s)
	}
	return stimuli
}

// drain reads a source to its end, or to its first error.
func drain(s dump.Source) ([]*dump.Frame, error) {
	var frames []*dump.Frame
	var f dump.Frame
	for {
		if err := s.Next(&f); errors.Is(err, io.EOF) {
			return frames, nil
		} else if err != nil {
			return frames, err
		}
		frames = append(frames, f.Clone())
	}
}

func exported(t testing.TB, model *xmodel.Model, trace *dump.Memory, options export.Options) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "rtl")
	require.NoError(t, export.WriteRTL(dir, model, trace.Source(), options))
	return dir
}

// word writes a value the obvious way.
func word(v int16, bits int) string {
	return fmt.Sprintf("%0*x", (bits+3)/4, uint64(int64(v))&(1<<bits-1))
}

func itoa(word string, numbers ...int) string {
	for _, n := range numbers {
		word += " " + strconv.Itoa(n)
	}
	return word
}

func atoi(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}
