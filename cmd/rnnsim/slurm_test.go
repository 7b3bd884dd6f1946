package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
	"rnnsim/internal/suitetest"
)

// startSlurm starts a Slurm of this machine alone, to the end of the test.
func startSlurm(t *testing.T) {
	t.Helper()
	for _, program := range []string{"slurmctld", "slurmd", "munged", "sbatch"} {
		needs.Program(t, program, "apt-get install slurm-wlm munge")
	}
	if os.Geteuid() != 0 {
		needs.Lacking(t, "root, as who a Slurm is started")
	}
	dir, err := os.MkdirTemp("", "slurm") // a socket's path must be short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Cleanup(func() {
		out, err := exec.Command("bash", filepath.Join("testdata", "slurm", "stop.sh"), dir).CombinedOutput()
		assert.NoError(t, err, "%s", out)
		for _, name := range []string{"slurmctld.log", "slurmd.log"} {
			if text, err := os.ReadFile(filepath.Join(dir, "log", name)); err == nil && t.Failed() {
				t.Logf("%s:\n%s", name, text)
			}
		}
	})
	start := exec.Command("bash", filepath.Join("testdata", "slurm", "start.sh"), dir, strconv.Itoa(freePorts(t)))
	// What stays behind holds on to its output: it must not be a pipe that is read to its end.
	log, err := os.Create(filepath.Join(dir, "start.log"))
	require.NoError(t, err)
	defer log.Close()
	start.Stdout, start.Stderr = log, log
	if err := start.Run(); err != nil {
		said, _ := os.ReadFile(log.Name())
		t.Fatalf("start Slurm: %v\n%s", err, said)
	}
	t.Setenv("SLURM_CONF", filepath.Join(dir, "slurm.conf"))
}

// freePorts gives a port that is free with the next.
func freePorts(t *testing.T) int {
	t.Helper()
	for range 100 {
		first, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		port := first.Addr().(*net.TCPAddr).Port
		second, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port+1))
		require.NoError(t, first.Close())
		if err == nil {
			require.NoError(t, second.Close())
			return port
		}
	}
	t.Fatal("no two ports in a row are free")
	return 0
}

// slurmSuite has cases that pass and one that is below its bound.
const slurmSuite = `
suite: 1
name: jobs
cases:
  - {models: [vectors/digits-lstm8/xmodel, vectors/digits-gru8/xmodel], seeds: [1, 2, 3, 4, 5, 6], modes: [sane, vai2.0]}
  - {models: [vectors/digits-lstm8/xmodel], seeds: [7], float: vectors/digits-lstm8/model.npz, min_sqnr: 90}
`

// suiteFolder makes a folder with a suite over a copy of the shipped vectors.
func suiteFolder(t *testing.T, suite string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"digits-lstm8", "digits-gru8"} {
		require.NoError(t, os.CopyFS(filepath.Join(dir, "vectors", name), os.DirFS(filepath.Join("..", "..", "vectors", name))))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "suite.yaml"), []byte(suite), 0o644))
	return dir
}

func TestASlurmArrayMergesToTheBytesOfOneMachine(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Slurm")
	}
	startSlurm(t)
	work := suiteFolder(t, slurmSuite)
	regress := func(want int, args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		command := commandIn(work, append([]string{"regress"}, args...)...)
		command.Stdout, command.Stderr = &stdout, &stderr
		_ = command.Run() // how it ended is in the state
		logs, _ := filepath.Glob(filepath.Join(work, "jobs", "logs", "*"))
		said := stderr.String()
		for _, log := range logs {
			text, _ := os.ReadFile(log)
			said += "\n" + log + ":\n" + string(text)
		}
		require.Equal(t, want, command.ProcessState.ExitCode(), said)
		return stdout.String()
	}
	whole := regress(exitDiffers, "--results", "one", "suite.yaml")

	// Let alone until it has begun, then requeued in the middle, and waited for by the same command.
	line := []string{"submit", "--shards", "3", "--results", "jobs"}
	jobs := strings.Fields(regress(exitSame, append(line, "--detach", "suite.yaml", "--", "--cpus-per-task=1")...))
	require.Len(t, jobs, 2)
	require.Eventually(t, func() bool {
		begun, _ := filepath.Glob(filepath.Join(work, "jobs", "shard-1", "cases", "*.json"))
		return len(begun) > 0
	}, time.Minute, 20*time.Millisecond, "the first shard does not begin")
	requeued := exec.Command("scontrol", "requeue", jobs[0]+"_1").Run() == nil // it may have ended by itself
	t.Logf("requeued in the middle: %v", requeued)
	if requeued {
		// Slurm would wait for two minutes, in case that the machine is what is wrong. It must not start the task in the second in which it
		// ended it: slurmd takes the new credential for the revoked one, and the task fails.
		require.Eventually(t, func() bool {
			out, err := exec.Command("squeue", "--noheader", "--format=%T", "--jobs="+jobs[0]+"_1").Output()
			return err == nil && strings.TrimSpace(string(out)) == "PENDING"
		}, 30*time.Second, 100*time.Millisecond)
		out, err := exec.Command("scontrol", "update", "JobId="+jobs[0]+"_1", "StartTime=now+3").CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	require.Equal(t, whole, regress(exitDiffers, append(line, "suite.yaml")...))
	suitetest.RequireSameResults(t, filepath.Join(work, "one"), filepath.Join(work, "jobs", "merged"))

	// Again, with a shard that has lost a result and one that was damaged: only these run, and the results before are kept.
	results, err := filepath.Glob(filepath.Join(work, "jobs", "shard-2", "cases", "*.json"))
	require.NoError(t, err)
	require.NoError(t, os.Remove(results[0]))
	require.NoError(t, os.WriteFile(results[1], []byte("half"), 0o644))
	require.Equal(t, whole, regress(exitDiffers, append(line, "suite.yaml")...))
	suitetest.RequireSameResults(t, filepath.Join(work, "one"), filepath.Join(work, "jobs", "merged"))
	require.Contains(t, regress(exitSame, "diff", "jobs/merged.old", "jobs/merged"), "25 cases in both: 0 broke, 0 mended")

	// Jobs that are ended from outside end the wait, which says where to look.
	waiting := commandIn(work, "regress", "submit", "--shards", "2", "--results", "ended", "suite.yaml", "--", "--begin=now+1hour")
	var stderr bytes.Buffer
	waiting.Stderr = &stderr
	require.NoError(t, waiting.Start())
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(filepath.Join(work, "ended", "jobs.json"))
		return err == nil && len(text) > 0
	}, time.Minute, 20*time.Millisecond)
	for _, name := range []string{"rnnsim", "rnnsim-merge"} { // scancel takes no list of names
		require.NoError(t, exec.Command("scancel", "--name="+name).Run())
	}
	_ = waiting.Wait() // how it ended is in the state
	require.Equal(t, exitFailed, waiting.ProcessState.ExitCode(), stderr.String())
	require.Contains(t, stderr.String(), "ended without merged results: their logs are in ")
}
