package suite

import (
	"context"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/suitetest"
)

const badWays = `
suite: 1
name: bad | <ways>
cases:
  - {models: [m.xmodel], seeds: [1, 2, 100, 101, 104, 105, 106]}
  - {models: [m.xmodel], seeds: [102], time_limit: 500ms}
  - {models: [m.xmodel], seeds: [103], memory_limit: 256MiB}
`

func outcomes(s *Summary) map[string]Outcome {
	found := map[string]Outcome{}
	for _, c := range s.Cases {
		found[strings.TrimSuffix(strings.TrimPrefix(c.Name, "m.xmodel:seed="), "@sane")] = c.Outcome
	}
	return found
}

func TestWhatACaseDoesIsItsFailureAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for time limits, and the race detector has memory of its own that the limit counts")
	}
	b := newBench(t, badWays)
	started := time.Now()
	summary := b.run(b.options(t.TempDir()))
	assert.Less(t, time.Since(started), 30*time.Second)
	assert.Equal(t, map[string]Outcome{
		"1": Passed, "2": Passed, "100": Failed, "101": Crashed, "102": TimedOut, "103": OutOfMemory, "104": Crashed, "105": Nothing, "106": Crashed,
	}, outcomes(summary))
	assert.Equal(t, 1, summary.ExitCode())
	assert.Equal(t, Counts{Cases: 9, Passed: 2, Failed: 7, Values: 40}, summary.Counts)

	var text, junit, markdown strings.Builder
	require.NoError(t, summary.WriteText(&text))
	assert.True(t, strings.HasPrefix(text.String(), "FAILED: m.xmodel:seed=100@sane\n  layer[0].fwd.seq[0].step[1].h_next[2]"), text.String())
	assert.Contains(t, text.String(), "reproduce, in the suite's folder: rnnsim verify --compat sane --seed 100 m.xmodel\n")
	assert.Contains(t, text.String(), "panic: the worker fell over")
	assert.NotContains(t, text.String(), "\x1b")
	require.NoError(t, summary.WriteJUnit(&junit))
	assert.NotContains(t, junit.String(), "\x1b")
	var read junitSuites
	require.NoError(t, xml.Unmarshal([]byte(junit.String()), &read))
	assert.Len(t, read.Suite.Cases, 9)
	assert.Equal(t, 1, read.Failures)
	assert.Equal(t, 6, read.Errors)
	require.NoError(t, summary.WriteMarkdown(&markdown))
	assert.Contains(t, markdown.String(), "got 1 &#124; want &lt;2&gt; &#92;x1b&#91;31m")
}

func TestAnUnchangedCaseIsNotRunAgain(t *testing.T) {
	b := newBench(t, "suite: 1\ncases:\n  - {models: [m.xmodel], seeds: [1, 2, 100, 101]}\n")
	o := b.options(t.TempDir())
	first := b.run(o)
	assert.Equal(t, 4, b.ran())
	assert.Equal(t, first, b.run(o))
	assert.Equal(t, 1, b.ran(), "what crashed may depend on the machine, and is tried again")
	o.RerunFailed = true
	b.run(o)
	assert.Equal(t, 2, b.ran())
	o.RerunFailed, o.NoCache = false, true
	b.run(o)
	assert.Equal(t, 4, b.ran())
	o.NoCache, o.Build = false, "v2"
	b.run(o)
	assert.Equal(t, 4, b.ran(), "another program")
	b.write("m.xmodel", "another model")
	b.run(o)
	assert.Equal(t, 4, b.ran(), "another model")
}

func TestAnAlteredResultIsNotBelieved(t *testing.T) {
	b := newBench(t, "suite: 1\ncases:\n  - {models: [m.xmodel], seeds: [100]}\n")
	o := b.options(t.TempDir())
	b.run(o)
	b.ran()
	path, err := filepath.Glob(filepath.Join(o.Results, "cases", "*.json"))
	require.NoError(t, err)
	require.Len(t, path, 1)
	whole, err := os.ReadFile(path[0])
	require.NoError(t, err)
	damaged := map[string]string{
		"cut":     string(whole[:len(whole)/2]),
		"empty":   "",
		"altered": strings.Replace(string(whole), `"failed"`, `"passed"`, 1),
		"more":    string(whole) + "{}",
	}
	for name, text := range damaged {
		require.NoError(t, os.WriteFile(path[0], []byte(text), 0o644))
		assert.Equal(t, 1, b.run(o).ExitCode(), name)
		assert.Equal(t, 1, b.ran(), name)
	}
}

func TestOrderAndFailFast(t *testing.T) {
	b := newBench(t, "suite: 1\ncases:\n  - {models: [m.xmodel], seeds: [1, 2, 3, 4, 5, 6, 7, 8, 100]}\n")
	seed := uint64(7)
	plain, shuffled := b.options(t.TempDir()), b.options(t.TempDir())
	shuffled.Shuffle = &seed
	b.run(plain)
	b.run(shuffled)
	suitetest.RequireSameResults(t, plain.Results, shuffled.Results)
	b.ran()
	fast := b.options(t.TempDir())
	fast.FailFast, fast.Jobs = true, 1
	summary := b.run(fast) // seed=100@sane comes first by name
	assert.Equal(t, 1, b.ran())
	assert.Equal(t, Counts{Cases: 9, Failed: 1, NotRun: 8, Values: 10}, summary.Counts)
	assert.Equal(t, 1, summary.ExitCode())
}

func TestCancelledRunEndsSoonAndKeepsWhatIsDone(t *testing.T) {
	b := newBench(t, "suite: 1\ncases:\n  - {models: [m.xmodel], seeds: [1, 2, 102]}\n")
	suitetest.RequireOnceWithin(t, time.Second, func() time.Duration {
		o := b.options(t.TempDir())
		o.Jobs = 3
		ctx, cancel := context.WithCancel(context.Background())
		var cancelled time.Time
		o.Progress = func(p Progress) {
			if p.Done == 2 {
				cancelled = time.Now()
				cancel()
			}
		}
		s := b.load()
		_, err := Run(ctx, s, s.Cases, o)
		took := time.Since(cancelled)
		require.ErrorIs(t, err, context.Canceled)
		kept, err := filepath.Glob(filepath.Join(o.Results, "cases", "*.json"))
		require.NoError(t, err)
		assert.Len(t, kept, 2)
		assert.NoFileExists(t, filepath.Join(o.Results, SummaryFile))
		return took
	})
	suitetest.RequireNoProcessIn(t, b.dir)
}

func TestTwoRunsDoNotShareAFolder(t *testing.T) {
	dir := t.TempDir()
	first, err := openStore(dir)
	require.NoError(t, err)
	_, err = openStore(dir)
	require.ErrorContains(t, err, "another run is writing")
	leftover := filepath.Join(dir, "cases", ".x.json.1.tmp")
	require.NoError(t, os.WriteFile(leftover, []byte("half"), 0o600))
	require.NoError(t, first.close())
	second, err := openStore(dir)
	require.NoError(t, err)
	require.NoError(t, second.close())
	_, err = os.Stat(leftover)
	assert.True(t, os.IsNotExist(err))
}

func TestExpectations(t *testing.T) {
	known := Expectation{Outcome: Failed, Reason: "rounding", Until: "2026-06-15"}
	for _, c := range []struct {
		expectation Expectation
		outcome     Outcome
		today       string
		want        Status
	}{
		{Expectation{Outcome: Passed}, Passed, "2026-06-15", StatusPassed},
		{Expectation{Outcome: Passed}, Nothing, "2026-06-15", StatusFailed},
		{known, Failed, "2026-06-15", StatusKnown},
		{known, Failed, "2026-06-16", StatusExpired},
		{known, Passed, "2026-06-15", StatusMended},
		{known, Crashed, "2026-06-15", StatusFailed},
	} {
		got, _ := judge(c.expectation, &Result{Outcome: c.outcome}, c.today)
		assert.Equal(t, c.want, got, fmt.Sprint(c))
	}
}
