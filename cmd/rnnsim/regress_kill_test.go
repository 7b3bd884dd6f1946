package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/suitetest"
)

// killedSuite has about as many cases as asked for: they pass, fail, crash, and compare nothing that can be read.
func killedSuite(cases int) string {
	var seeds []string
	for i := range max(2, (cases+4)/5) {
		seeds = append(seeds, strconv.Itoa(i+1))
	}
	some := "[" + strings.Join(seeds, ", ") + "]"
	return fmt.Sprintf(`
suite: 1
name: to be killed
time_limit: 5m
cases:
  - {models: [vectors/digits-gru8/xmodel], seeds: %[1]s, modes: [sane, vai2.0], tags: [plain]}
  - {models: [vectors/digits-lstm8/xmodel], seeds: %[1]s, modes: [vai2.0], tags: [plain]}
  - {models: [vectors/digits-lstm8/xmodel], seeds: %[1]s, float: vectors/digits-lstm8/model.npz, min_sqnr: 41}
  - {models: [vectors/digits-gru8/xmodel], seeds: %[1]s, tags: [device], device: {name: copy, command: [cp, -r, "{export}", "{trace}"]}}
  - {models: [vectors/digits-gru8/xmodel], seeds: [1, 2], device: {name: none, command: [sh, -c, "echo no licence >&2; exit 1"]}}
  - {models: [vectors/digits-gru8/xmodel/*], seeds: [3], known_failure: {outcome: crashed, reason: no bench, until: 2999-12-31}, device: {name: none, command: ["false"]}}
`, some)
}

// A run that is killed at random, again and again, ends with exactly the results of one that is left alone. RNNSIM_KILL_CASES sets the
// number of cases; a thousand of them take some minutes.
func TestARunThatIsKilledEndsLikeOneThatIsNot(t *testing.T) {
	cases, short := 60, testing.Short()
	if short {
		cases = 18
	}
	if text := os.Getenv("RNNSIM_KILL_CASES"); text != "" {
		var err error
		cases, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	work := suiteFolder(t, killedSuite(cases))
	line := func(results string, more ...string) []string {
		return append(append([]string{"regress", "--jobs", "2", "--results", results}, more...), "suite.yaml")
	}
	started := time.Now()
	alone := commandIn(work, line("alone")...)
	text, _ := alone.CombinedOutput() // how it ended is in the state
	require.Equal(t, exitDiffers, alone.ProcessState.ExitCode(), "%s", text)
	took := time.Since(started)

	// Killed so often that some ten runs are needed, or fifty of a long one; at last it is let through.
	runs := min(50, max(5, cases/10))
	random := rand.New(rand.NewPCG(uint64(started.UnixNano()), 0))
	kills, before := 0, 0
	for {
		killed := commandIn(work, line("killed", "--shuffle", strconv.Itoa(kills))...)
		var stderr bytes.Buffer
		killed.Stderr = &stderr
		require.NoError(t, killed.Start())
		timer := time.AfterFunc(time.Duration((0.2+random.Float64()*1.6)*float64(took)/float64(runs)), func() { _ = killed.Process.Kill() })
		_ = killed.Wait()
		if !timer.Stop() && !killed.ProcessState.Exited() {
			kills++
			done, err := filepath.Glob(filepath.Join(work, "killed", "cases", "*.json"))
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(done), before, "results are lost")
			before = len(done)
			require.Less(t, kills, 20*runs, "it never ends: %d results", before)
			continue
		}
		require.Equal(t, exitDiffers, killed.ProcessState.ExitCode(), stderr.String())
		break
	}
	t.Logf("%d cases in %v when left alone; %d kills", len(suitetest.ResultFiles(t, filepath.Join(work, "alone")))-2, took.Round(time.Second), kills)
	require.Positive(t, kills)
	suitetest.RequireSameResults(t, filepath.Join(work, "alone"), filepath.Join(work, "killed"))

	// The workers of runs that were killed end too.
	suitetest.RequireNoProcessIn(t, work)
}
