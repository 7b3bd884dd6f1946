package compile_test

import (
	"context"
	"reflect"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/compile"
	"rnnsim/sim/isa"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// smallModel is a compiled model of 5 features.
func smallModel(t testing.TB, kind xmodel.CellKind, o compile.Options, hidden, position int) *xmodel.Compiled {
	t.Helper()
	c, err := compile.Compile(modelOf(t, plainSpec(kind, 0, false, 5, hidden, position)), o)
	require.NoError(t, err)
	return c
}

// altered gives a model with one segment replaced.
func altered(t require.TestingT, c *xmodel.Compiled, name string, s isa.Segment) *xmodel.Compiled {
	data, err := s.Bytes()
	require.NoError(t, err)
	other := *c
	other.Cells = append([]xmodel.CompiledCell(nil), c.Cells...)
	switch name {
	case "init":
		other.Cells[0].Init = data
	case "loop":
		other.Cells[0].Loop = data
	default:
		other.End = data
	}
	return &other
}

func segmentOf(t require.TestingT, c *xmodel.Compiled, name string) isa.Segment {
	data := map[string][]byte{"init": c.Cells[0].Init, "loop": c.Cells[0].Loop, "end": c.End}[name]
	s, err := isa.ParseSegment(name, data)
	require.NoError(t, err)
	return s
}

// TestWhatIsLiftedOfAlteredProgramsIsWhatTheyCompute changes a field of a word. Whatever Lift still accepts must compute on the
// machine what the lifted graph says: a proof that can be fooled would show here.
func TestWhatIsLiftedOfAlteredProgramsIsWhatTheyCompute(t *testing.T) {
	var models []*xmodel.Compiled
	for _, o := range configurations {
		models = append(models, smallModel(t, xmodel.LSTM, o, 70, 12), smallModel(t, xmodel.GRU, o, 70, 12), smallModel(t, xmodel.GRU, o, 70, 15))
	}
	refused, kept, changed := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(models).Draw(t, "model")
		name := rapid.SampledFrom([]string{"loop", "loop", "init", "end"}).Draw(t, "segment")
		s := segmentOf(t, c, name)
		from := 0
		if name == "init" && rapid.IntRange(0, 3).Draw(t, "any word") > 0 {
			from = len(s.Words) - 40 // behind most of the loads
		}
		word := s.Words[rapid.IntRange(from, len(s.Words)-1).Draw(t, "word")]
		fields := reflect.ValueOf(word).Elem()
		if fields.NumField() == 1 {
			return
		}
		field := fields.Field(rapid.IntRange(1, fields.NumField()-1).Draw(t, "field"))
		field.SetInt(field.Int() + int64(rapid.SampledFrom([]int{1, -1, 2, -2, 3, 8, 32, 256}).Draw(t, "delta")))
		if _, err := isa.Encode(word); err != nil {
			return
		}
		other := altered(t, c, name, s)
		l, err := compile.Lift(other)
		if err != nil {
			refused++
			return
		}
		m, err := machine.New(other, machine.Options{Seed: rapid.Uint64().Draw(t, "memory")})
		if err != nil {
			return
		}
		stimulus := drawStimulus(t, c.Batch, 5)
		ran, err := m.Run(context.Background(), stimulus, nil)
		require.NoError(t, err)
		require.Equal(t, simulate(t, l.Model, stimulus), ran.Output)
		before, err := compile.Lift(c)
		require.NoError(t, err)
		if xmodel.Equal(before.Model.Cells[0].Graph, l.Model.Cells[0].Graph) == nil {
			kept++
		} else {
			changed++
		}
	})
	t.Logf("%d refused, %d lifted to the same graph, %d to another", refused, kept, changed)
}

// TestDeviationsAreNamed changes one word so that one block of one gate is computed in another way.
func TestDeviationsAreNamed(t *testing.T) {
	stride := 1
	if testing.Short() {
		stride = 7
	}
	for _, o := range configurations {
		c := smallModel(t, xmodel.LSTM, o, 128, 12) // without padding, of which nothing would come
		named := map[string]int{}
		s := segmentOf(t, c, "loop")
		for n := 0; n < len(s.Words); n += stride {
			word := s.Words[n]
			before, err := isa.Encode(word)
			require.NoError(t, err)
			switch w := word.(type) {
			case *isa.MatMul:
				w.Shift++ // one or two blocks of a gate
			case *isa.Activation:
				w.Kind = 1 - w.Kind
			case *isa.Multiply:
				w.Length-- // the last values are those of before
			case *isa.Save:
				if w.Type == 1 {
					continue
				}
				w.Length--
			default:
				continue
			}
			_, err = compile.Lift(altered(t, c, "loop", s))
			require.Error(t, err, isa.Format(word, nil))
			require.Regexp(t, regexp.MustCompile(`values \d+ to \d+ of|computes no|segment loop, word`), err.Error())
			named[word.Unit().String()]++
			word, err = isa.Decode(before)
			require.NoError(t, err)
			s.Words[n] = word
		}
		assert.True(t, testing.Short() || len(named) == 4, named)
	}
}

func TestADeviatingShiftIsToldWithItsWord(t *testing.T) {
	c := smallModel(t, xmodel.LSTM, configurations[0], 128, 12)
	s := segmentOf(t, c, "loop")
	last := -1
	for n, word := range s.Words {
		if _, ok := word.(*isa.MatMul); ok {
			last = n
		}
	}
	s.Words[last].(*isa.MatMul).Shift = 13
	_, err := compile.Lift(altered(t, c, "loop", s))
	require.ErrorContains(t, err, "lift: a step after the first: lane 0, values ")
	require.ErrorContains(t, err, " (shift 13), of segment loop, word ")
	require.ErrorContains(t, err, "mmul")
	require.ErrorContains(t, err, `where the cell graph shifts by 12, in "w_h`)
}
