package selftest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/suite"
	"rnnsim/vectors"
	"rnnsim/verify"
)

func prepared(t *testing.T) *subject {
	t.Helper()
	all, err := prepare(context.Background(), vectors.Embedded, "digits-lstm16", t.TempDir())
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}

// A checker that finds nothing, finds too much, or finds it elsewhere is caught by each judge.
func TestJudgesCatchAFaultyChecker(t *testing.T) {
	s := prepared(t)
	var files []string
	for file := range s.places {
		files = append(files, file)
	}
	require.NotEmpty(t, files)
	values := s.places[files[0]][5]
	require.GreaterOrEqual(t, values.node, 0)
	frame := values.frames[0]
	cell := s.trace.Header.Cells[0]
	is := frame.Fixed[values.node][0] ^ 1
	right := verify.Divergence{
		Address: verify.Address{Layer: cell.Layer, Sequence: frame.Sequence, Step: frame.Step, Node: cell.Nodes[values.node].Name},
		Got:     verify.Value{Int: int64(is)}, Want: verify.Value{Int: int64(is ^ 1)},
	}
	elsewhere := right
	elsewhere.Address.Index++
	for name, c := range map[string]struct {
		comparison verify.Comparison
		want       outcome
	}{
		"right":     {verify.Comparison{First: &right, Counts: verify.Counts{Wrong: 1}}, found},
		"nothing":   {verify.Comparison{}, missed},
		"too much":  {verify.Comparison{First: &right, Counts: verify.Counts{Wrong: 2}}, missed},
		"elsewhere": {verify.Comparison{First: &elsewhere, Counts: verify.Counts{Wrong: 1}}, missed},
	} {
		f := &flip{}
		require.NoError(t, s.judgeValue(f, values, 0, &c.comparison))
		assert.Equal(t, c.want, f.outcome, name)
		f = &flip{}
		wanted := map[verify.Address]bool{right.Address: true}
		require.NoError(t, judgeTable(f, &c.comparison, wanted))
		assert.Equal(t, c.want, f.outcome, name)
	}

	f := &flip{}
	require.NoError(t, s.judgeReal(f, 30, &verify.Comparison{Counts: verify.Counts{Values: 1}})) // 0 becomes 2
	assert.Equal(t, missed, f.outcome)
	f = &flip{}
	require.NoError(t, s.judgeReal(f, 0, &verify.Comparison{First: &right, Counts: verify.Counts{Wrong: 1, Values: 1}}))
	assert.Equal(t, missed, f.outcome, "found, though the integer is the same")
	f = &flip{}
	require.NoError(t, s.judgeConst(f, s.consts["xmodel/"+cell.Graph+"_int.xmodel"][0], 3, s.model, nil))
	assert.Equal(t, missed, f.outcome)
}

func TestResultsThatAreBelievedWronglyAreMissed(t *testing.T) {
	s := prepared(t)
	written := s.results[1]
	other := &suite.Result{Schema: suite.ResultSchema, Key: "0123456789abcdef", Case: s.name, Outcome: suite.Passed}
	data, err := other.Marshal() // sealed like the first, with another outcome
	require.NoError(t, err)
	f := &flip{}
	require.NoError(t, written.judge(f, data))
	assert.Equal(t, missed, f.outcome)
	f = &flip{}
	require.NoError(t, s.results[0].judge(f, s.results[0].data))
	assert.Equal(t, missed, f.outcome)
}

// A file that the reader does not look at: its flips are not found, and are not called harmless either.
func TestAFileThatNobodyReadsIsMissed(t *testing.T) {
	s := prepared(t)
	var known string
	for file := range s.files {
		if strings.HasSuffix(file, "h_next_fix.txt") {
			known = filepath.ToSlash(filepath.Join(filepath.Dir(file), "other.txt"))
		}
	}
	require.NotEmpty(t, known)
	s.files[known] = []byte("12\n")
	f := &flip{}
	mend, err := s.spoil(f, known, 0)
	require.NoError(t, err)
	require.NoError(t, s.judgeText(context.Background(), f, known))
	assert.NotEqual(t, harmless, f.outcome)
	require.NoError(t, mend())
}

// Nearly all columns of a trace and all consts are found by their bytes, and every file is put right after a flip.
func TestPlacesAreFoundAndFilesPutRight(t *testing.T) {
	s := prepared(t)
	cell := s.trace.Header.Cells[0]
	assert.GreaterOrEqual(t, len(s.places["trace/"+cell.Graph+".arrow"]), len(cell.Nodes)-2)
	consts := 0
	for _, places := range s.consts {
		consts += len(places)
	}
	assert.Equal(t, len(cell.Params), consts)
	all := subjects{s}
	for n := range uint64(60) {
		_, err := all.flip(context.Background(), 3, n)
		require.NoError(t, err)
	}
	for file, want := range s.files {
		got, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(file)))
		require.NoError(t, err)
		require.Equal(t, want, got, file)
	}
	again := []string{}
	for range 2 {
		f, err := all.flip(context.Background(), 3, 17)
		require.NoError(t, err)
		again = append(again, f.place+f.reason)
	}
	require.Equal(t, again[0], again[1])
}

func TestOptionsThatAskForNothingAreRefused(t *testing.T) {
	_, err := Run(context.Background(), Options{Cases: vectors.Embedded})
	require.ErrorContains(t, err, "no flips are wanted")
	_, err = Run(context.Background(), Options{Flips: 1, Cases: os.DirFS(t.TempDir())})
	require.ErrorContains(t, err, "there is no case")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	report, err := Run(cancelled, Options{Flips: 10, Cases: vectors.Embedded, Scratch: t.TempDir()})
	require.ErrorIs(t, err, context.Canceled)
	require.NotNil(t, report)
}
