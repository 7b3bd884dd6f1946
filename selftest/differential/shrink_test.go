package differential

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/sim"
	"rnnsim/sim/kernel"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// faulty is an engine that computes with a known fault, where the cells have its place.
func faulty(id string) engine {
	return engine{name: id, check: func(ctx context.Context, r *run) error {
		base, err := fault.New(r.model, r.Compat)
		if err != nil {
			return nil // a graph that faults are not made for
		}
		catalogue := base.Catalogue()
		at := slices.IndexFunc(catalogue, func(f *fault.Fault) bool { return f.ID == id })
		if at < 0 {
			return nil
		}
		sink := &comparer{engine: id, want: r.trace}
		return base.With(catalogue[at]).Run(ctx, r.Sequences, uncounted{sink})
	}}
}

// uncounted takes the wanted counts of clamped values for a producer that has none.
type uncounted struct{ *comparer }

func (u uncounted) Write(f *dump.Frame) error {
	if u.at < len(u.want.frames) {
		at := u.want.frames[u.at].counts
		f.Saturations = u.want.counts[at : at+len(f.Fixed)]
	}
	return u.comparer.Write(f)
}

// What is left of a network is about what the fault needs: one cell of one unit, one or two features to give the value that is
// rounded, one or two steps to fill the state.
func TestAFaultIsShrunkToTheLeastThatShowsIt(t *testing.T) {
	ids := []string{"y_f/rounds-half-up", "c_next/wraps", "h_next/truncates", "ft_input_1/rounds-half-up", "h/reset-each-step"}
	if testing.Short() {
		ids = ids[:2]
	}
	for _, id := range ids {
		t.Run(id, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "case")
			report, err := Run(context.Background(), Options{Seed: 1, Cells: 3000, Save: dir, engines: []engine{faulty(id)}, Version: "test"})
			require.NoError(t, err)
			require.NotNil(t, report.Found, "the fault shows in none of %d cells", report.Cells)
			c := report.Found.Case
			t.Log(report.Found.Drawn, "->", report.Found.Shrunk, report.Found.Message, report.Found.Tries)
			require.Len(t, c.Layers, 1)
			require.Len(t, c.Layers[0], 1)
			require.Len(t, c.Sequences, 1)
			assert.Equal(t, 1, c.Layers[0][0].Hidden)
			assert.LessOrEqual(t, c.features(), 2)
			assert.LessOrEqual(t, c.steps(0), 2)
			requireRuns(t, dir, report.Found.Case)
		})
	}
}

// requireRuns holds that a saved case is the network that it was made from, and that verify takes it.
func requireRuns(t *testing.T, dir string, c *Case) {
	t.Helper()
	opened, err := verify.OpenCase(dir)
	require.NoError(t, err)
	report, err := verify.RunCase(context.Background(), opened, verify.CaseOptions{})
	require.NoError(t, err)
	require.Equal(t, verify.Pass, report.Verdict, "the simulator has no fault: only the engine of this test has")
	saved, err := xmodel.ReadModel(filepath.Join(dir, "xmodel"))
	require.NoError(t, err)
	built, err := c.Model()
	require.NoError(t, err)
	require.Equal(t, built.Digest(), saved.Digest())
	require.Equal(t, c.Compat, opened.Compat())
	recorded, err := dump.Open(filepath.Join(dir, "wanted"), dump.OpenOptions{})
	require.NoError(t, err)
	defer recorded.Close()
	plan, err := sim.Compile(saved, sim.Options{Compat: c.Compat})
	require.NoError(t, err)
	trace := dump.NewMemory()
	_, err = plan.Run(context.Background(), c.Sequences, trace)
	require.NoError(t, err)
	comparison, err := verify.Compare(context.Background(), trace.Source(), recorded, verify.Options{})
	require.NoError(t, err)
	require.Equal(t, verify.Pass, comparison.Verdict())
}

// Networks of any form are saved as they are: unlike lengths, initial states, several cells.
func TestAnyNetworkCanBeSaved(t *testing.T) {
	seen := map[string]bool{}
	count := uint64(60)
	if testing.Short() {
		count = 15
	}
	for number := range count {
		c := Draw(5, number)
		dir := filepath.Join(t.TempDir(), "case")
		require.NoError(t, c.save(context.Background(), dir, "test", os.ErrInvalid))
		requireRuns(t, dir, c)
		for name, is := range map[string]bool{
			"cells": len(c.cells()) > 1, "states": c.Sequences[0].Initial != nil, "integers": c.Sequences[0].Fixed != nil,
			"lengths": len(c.Sequences) > 1 && c.steps(0) != c.steps(1), "vai2.0": c.Compat == xmodel.VAI20,
		} {
			seen[name] = seen[name] || is
		}
	}
	for name, was := range seen {
		assert.True(t, was, "no network with %s was saved", name)
	}
}

// Every reduction gives a network that can be built and run, or none.
func TestReductionsGiveNetworksThatRun(t *testing.T) {
	ways := make([]int, len(reductions))
	count := uint64(40)
	if testing.Short() {
		count = 12
	}
	for number := range count {
		c := Draw(6, number)
		for n, reduce := range reductions {
			for at := range 3 {
				smaller := c.clone()
				if !reduce(smaller, at) {
					continue
				}
				ways[n]++
				values, failed, err := smaller.run(context.Background(), engines(), map[string]int64{})
				require.NoError(t, err, "reduction %d of network %d", n, number)
				require.Nil(t, failed)
				require.Positive(t, values)
			}
		}
	}
	for n, count := range ways {
		assert.Positive(t, count, "reduction %d was never tried", n)
	}
}

// A panic is found, shrunk and told like a wrong value.
func TestAPanicIsADifference(t *testing.T) {
	broken := engine{name: "broken", check: func(_ context.Context, r *run) error {
		if r.widest() > 3 {
			panic("index out of range")
		}
		return nil
	}}
	report, err := Run(context.Background(), Options{Seed: 1, Cells: 100, engines: []engine{broken}})
	require.NoError(t, err)
	require.NotNil(t, report.Found)
	assert.Equal(t, "broken: panic: index out of range", report.Found.Message)
	assert.Equal(t, 4, report.Found.Case.widest())
}

// Every routine set of the processor, and the general path, take part.
func TestEveryKernelRuns(t *testing.T) {
	report, err := Run(context.Background(), Options{Seed: 1, Cells: 100})
	require.NoError(t, err)
	require.Nil(t, report.Found)
	for _, set := range kernel.Sets() {
		assert.Greater(t, report.Kernels[set+": "+set], int64(20))
		assert.Positive(t, report.Kernels[set+", rows divided: "+set])
	}
	assert.Greater(t, report.Kernels["general: general"], int64(20))
	assert.Greater(t, report.Kernels["node by node: nodes"], int64(90))
}

// The same seed gives the same networks, in any order and number at once.
func TestARunIsRepeated(t *testing.T) {
	one, err := Run(context.Background(), Options{Seed: 9, Cells: 60, Jobs: 1, engines: []engine{}})
	require.NoError(t, err)
	again := Draw(9, 17)
	require.Equal(t, again, Draw(9, 17))
	require.NotEqual(t, again, Draw(9, 18))
	two, err := Run(context.Background(), Options{Seed: 9, Cells: 60, Jobs: 1, First: 0, engines: []engine{}})
	require.NoError(t, err)
	one.Seconds, two.Seconds = 0, 0
	require.Equal(t, one, two)
}
