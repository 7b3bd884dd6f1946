package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/suitetest"
)

const twenty = "suite: 1\nname: twenty\ncases:\n  - {models: [m.xmodel], seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 105]}\n"

// shards runs the suite in n parts and gives their folders.
func (b *bench) shards(n int, times map[string]float64) []string {
	var dirs []string
	for i := range n {
		o := b.options(b.t.TempDir())
		o.Shard, o.Times = Shard{Index: i + 1, Count: n}, times
		b.run(o)
		dirs = append(dirs, o.Results)
	}
	return dirs
}

func TestMergedShardsAreTheBytesOfOneMachine(t *testing.T) {
	b := newBench(t, twenty)
	one := b.options(t.TempDir())
	want := b.run(one)
	times, err := ReadTimes(one.Results)
	require.NoError(t, err)
	require.Len(t, times, 11)
	for n, balance := range map[int]map[string]float64{1: nil, 2: nil, 3: times, 12: times} {
		b.ran()
		dirs := b.shards(n, balance)
		assert.Equal(t, 11, b.ran())
		dirs[0], dirs[len(dirs)-1] = dirs[len(dirs)-1], dirs[0]
		out := filepath.Join(t.TempDir(), "out")
		got, err := Merge(t.Context(), dirs, out, "2026-06-15")
		require.NoError(t, err)
		assert.Equal(t, want, got)
		suitetest.RequireSameResults(t, one.Results, out)
		_, err = Merge(t.Context(), dirs, out, "2026-06-15")
		require.ErrorIs(t, err, os.ErrExist)
	}
}

func TestMergeRefusesWhatIsNoWholeSetOfShards(t *testing.T) {
	b := newBench(t, twenty)
	dirs := b.shards(3, nil)
	merge := func(dirs ...string) error {
		out := filepath.Join(t.TempDir(), "out")
		_, err := Merge(t.Context(), dirs, out, "2026-06-15")
		if err != nil {
			_, missing := os.Stat(out)
			assert.True(t, os.IsNotExist(missing))
		}
		return err
	}
	require.NoError(t, merge(dirs...))
	require.NoError(t, merge(append(dirs, dirs[0])...), "the same twice is no contradiction")
	require.ErrorContains(t, merge(dirs[0], dirs[2]), "shard 2 of 3 is missing")
	require.ErrorContains(t, merge(t.TempDir()), "no results folder")
	require.ErrorContains(t, merge(), "no shard")
	two := b.shards(2, nil)
	require.ErrorContains(t, merge(dirs[0], dirs[1], dirs[2], two[0]), "no shards of one run")

	again := b.shards(3, nil)
	path := anyResult(t, again[0])
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	r, err := ParseResult(text)
	require.NoError(t, err)
	r.Values++
	text, err = r.Marshal()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o644))
	require.ErrorContains(t, merge(append(dirs, again[0])...), "contradicts")
	require.NoError(t, os.Remove(anyResult(t, again[1])))
	require.ErrorContains(t, merge(dirs[0], again[1], dirs[2]), "has no whole result")

	b.write("m.xmodel", "another model")
	foreign := b.shards(3, nil)
	require.ErrorContains(t, merge(dirs[0], foreign[1], dirs[2]), "no shards of one run")
}

func anyResult(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "cases", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found[0]
}

func TestLongCasesAreSpreadOverTheShards(t *testing.T) {
	var cases []Case
	times := map[string]float64{}
	for i := range 12 {
		cases = append(cases, Case{Name: fmt.Sprintf("case%02d", i)})
		times[cases[i].Name] = 1
	}
	times["case00"], times["case01"] = 5, 5
	shards := deal(cases, 2, times)
	load := map[int]float64{}
	for i, shard := range shards {
		load[shard] += times[cases[i].Name]
	}
	assert.Equal(t, map[int]float64{1: 10, 2: 10}, load)
	assert.ElementsMatch(t, []int{1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3}, deal(cases, 3, nil))
}

func TestShardsOfTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want Shard
	}{
		{map[string]string{"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_MIN": "1"}, Shard{1, 4}},
		{map[string]string{"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "4"}, Shard{4, 4}},
		{map[string]string{"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETION_COUNT": "2"}, Shard{1, 2}},
		{map[string]string{"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "2"}, Shard{2, 2}},
		{map[string]string{"CI_NODE_INDEX": "3", "CI_NODE_TOTAL": "2"}, Shard{}},
		{map[string]string{"JOB_COMPLETION_INDEX": "0"}, Shard{}},
		{map[string]string{"SLURM_ARRAY_TASK_ID": "6", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_MIN": "2", "SLURM_ARRAY_TASK_MAX": "8", "SLURM_ARRAY_TASK_STEP": "2"}, Shard{3, 4}},
		{map[string]string{"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "7", "SLURM_ARRAY_TASK_STEP": "1"}, Shard{}},
		{map[string]string{"AWS_BATCH_JOB_ARRAY_INDEX": "1", "AWS_BATCH_JOB_ARRAY_SIZE": "2"}, Shard{2, 2}},
		{map[string]string{"CIRCLE_NODE_INDEX": "0", "CIRCLE_NODE_TOTAL": "2"}, Shard{1, 2}},
		{map[string]string{"BUILDKITE_PARALLEL_JOB": "1", "BUILDKITE_PARALLEL_JOB_COUNT": "3"}, Shard{2, 3}},
		{map[string]string{"SEMAPHORE_JOB_INDEX": "3", "SEMAPHORE_JOB_COUNT": "3"}, Shard{3, 3}},
		{map[string]string{"SYSTEM_JOBPOSITIONINPHASE": "1", "SYSTEM_TOTALJOBSINPHASE": "3"}, Shard{1, 3}},
		{map[string]string{"CI_NODE_INDEX": "one", "CI_NODE_TOTAL": "2"}, Shard{}},
		{map[string]string{}, Shard{}},
	} {
		got, err := ParseShard("auto", func(name string) string { return c.env[name] })
		assert.Equal(t, c.want, got, c.env)
		assert.Equal(t, c.want == Shard{}, err != nil, c.env)
	}
	kubernetes := func(name string) string { return map[string]string{"JOB_COMPLETION_INDEX": "2"}[name] }
	got, err := ParseShard("auto/5", kubernetes)
	require.NoError(t, err)
	assert.Equal(t, Shard{3, 5}, got)
	_, err = ParseShard("auto/2", kubernetes)
	require.ErrorContains(t, err, "shard 3 of 2 is none")
	for text, want := range map[string]Shard{"auto/0": {}, "auto/x": {}, "2/3": {2, 3}, "0/3": {}, "4/3": {}, "1": {}, "a/b": {}, "1/0": {}, "1/9999999": {}} {
		got, err := ParseShard(text, nil)
		assert.Equal(t, want, got, text)
		assert.Equal(t, want == Shard{}, err != nil, text)
	}
}

func TestDiffTellsWhatBroke(t *testing.T) {
	sqnr := func(v float64) *float64 { return &v }
	row := func(name string, status Status, v float64) CaseSummary {
		return CaseSummary{Name: name, Status: status, SQNR: sqnr(v)}
	}
	before := &Summary{Cases: []CaseSummary{row("a", StatusPassed, 40), row("b", StatusFailed, 40), row("c", StatusPassed, 40), row("d", StatusPassed, 40)}}
	after := &Summary{Cases: []CaseSummary{row("a", StatusFailed, 40), row("b", StatusPassed, 40.005), row("c", StatusPassed, 39), row("e", StatusPassed, 1)}}
	d := Diff(before, after, 0.01)
	assert.Equal(t, "a", d.Broke[0].Name)
	assert.Equal(t, "b", d.Mended[0].Name)
	assert.Equal(t, "c", d.Worse[0].Name)
	assert.Empty(t, d.Better)
	assert.Equal(t, []string{"d"}, d.Gone)
	assert.Equal(t, []string{"e"}, d.Added)
	assert.Equal(t, 1, d.ExitCode())
	assert.Equal(t, 0, Diff(before, before, 0).ExitCode())
	assert.Equal(t, 4, Diff(before, &Summary{}, 0).ExitCode())
}
