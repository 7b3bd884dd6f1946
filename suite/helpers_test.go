package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What the test's worker does with a case, by its seed; with any other it passes.
const (
	seedFails = 100 + iota
	seedCrashes
	seedHangs
	seedEatsMemory
	seedSaysNothing
	seedComparesNothing
	seedLies
)

const workerVariable = "RNNSIM_SUITE_TEST_WORKER"

// TestMain lets the test's program be its own worker.
func TestMain(m *testing.M) {
	if os.Getenv(workerVariable) != "" {
		if err := behave(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(4)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func behave() error {
	var task Task
	if err := json.NewDecoder(os.Stdin).Decode(&task); err != nil {
		return err
	}
	if err := countRun(task.Case.Name); err != nil {
		return err
	}
	if task.Case.Device != nil { // which wants a true worker
		return task.serve(context.Background(), os.Stdin, os.Stdout, "v1")
	}
	sqnr := float64(task.Case.Seed)
	r := &Result{Schema: ResultSchema, Key: task.Key, Case: task.Case.Name, Outcome: Passed, Values: 10, SQNR: &sqnr}
	switch task.Case.Seed {
	case seedFails:
		r.Outcome, r.Wrong, r.First = Failed, 1, "layer[0].fwd.seq[0].step[1].h_next[2]: got 1 | want <2> \x1b[31m"
	case seedCrashes:
		panic("the worker fell over")
	case seedHangs:
		// A child of the child, which the end of the group must reach.
		if err := exec.Command("sleep", "600").Start(); err != nil {
			return err
		}
		time.Sleep(time.Hour)
	case seedEatsMemory:
		if err := limitMemory(task.Case.MemoryLimit); err != nil {
			return err
		}
		var held [][]byte
		for len(held) < 4096 {
			block := make([]byte, 1<<20)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			held = append(held, block)
		}
		fmt.Fprintln(os.Stderr, "all of it was there:", len(held))
		return nil
	case seedSaysNothing:
		return nil
	case seedComparesNothing:
		r.Outcome = Nothing
	case seedLies:
		r.Key = "of another case"
	}
	text, err := r.Marshal()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

// countRun leaves a line for each time that a case ran.
func countRun(name string) error {
	file, err := os.OpenFile(os.Getenv(workerVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = fmt.Fprintln(file, name)
	return err
}

// bench is a suite folder with the test's own worker.
type bench struct {
	t    *testing.T
	dir  string
	runs string
}

func newBench(t *testing.T, yaml string) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), runs: filepath.Join(t.TempDir(), "runs")}
	t.Setenv(workerVariable, b.runs)
	// Under the race detector each worker would sleep for a second before it ends.
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	b.write("suite.yaml", yaml)
	b.write("m.xmodel", "a model")
	return b
}

func (b *bench) write(name, text string) {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	require.NoError(b.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(b.t, os.WriteFile(path, []byte(text), 0o644))
}

func (b *bench) load() *Suite {
	b.t.Helper()
	s, err := Load(filepath.Join(b.dir, "suite.yaml"))
	require.NoError(b.t, err)
	return s
}

func (b *bench) options(results string) Options {
	program, err := os.Executable()
	require.NoError(b.t, err)
	return Options{Results: results, Version: "v1", Build: "v1", Worker: []string{program}, Today: "2026-06-15"}
}

func (b *bench) run(o Options) *Summary {
	b.t.Helper()
	s := b.load()
	summary, err := Run(context.Background(), s, s.Cases, o)
	require.NoError(b.t, err)
	return summary
}

// ran gives how many cases have run since it was asked last.
func (b *bench) ran() int {
	b.t.Helper()
	text, err := os.ReadFile(b.runs)
	if os.IsNotExist(err) {
		return 0
	}
	require.NoError(b.t, err)
	require.NoError(b.t, os.Remove(b.runs))
	lines := 0
	for _, c := range text {
		if c == '\n' {
			lines++
		}
	}
	return lines
}
