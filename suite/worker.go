package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Task is what a worker process is told on its standard input. It ends when its standard input does, so that it never outlives
// the run.
type Task struct {
	Case    Case   `json:"case"`
	Key     string `json:"key"`
	Threads int    `json:"threads"`
}

// ServeTask is a worker process: it reads a task, verifies the case with the working directory as the suite's folder, and writes
// the result file to out.
func ServeTask(ctx context.Context, in io.Reader, out io.Writer, version string) error {
	var task Task
	decoder := json.NewDecoder(in)
	if err := decoder.Decode(&task); err != nil {
		return fmt.Errorf("read the task: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in) // ends when the run does, however that comes
		cancel()
	}()
	if err := limitMemory(task.Case.MemoryLimit); err != nil {
		return err
	}
	report, err := Execute(ctx, &task.Case, task.Threads, version)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	text, err := Condense(&task.Case, task.Key, report, err).Marshal()
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// The most that is kept of what a worker writes.
const (
	maxResultBytes = 16 << 20
	maxLogBytes    = 64 << 10
)

// bounded keeps the first bytes that are written to it and lets the others go.
type bounded struct {
	bytes.Buffer
	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.most - b.Len(); room > 0 {
		_, _ = b.Buffer.Write(p[:min(room, len(p))]) // a buffer in memory does not fail
	}
	return len(p), nil
}

// runTask gives a case to a process of its own, in a process group of its own. It gives an error only where ctx has ended or
// no process can be started; whatever the process does is the result. The log is what it wrote to standard error.
func runTask(ctx context.Context, command []string, dir string, task Task) (result *Result, log string, err error) {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if limit := task.Case.TimeLimit; limit > 0 {
		limited, cancel = context.WithTimeout(ctx, limit)
	}
	defer cancel()
	process := exec.CommandContext(limited, command[0], command[1:]...)
	process.Dir = dir
	process.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", task.Threads))
	stdout, stderr := &bounded{most: maxResultBytes}, &bounded{most: maxLogBytes}
	process.Stdout, process.Stderr = stdout, stderr
	ownGroup(process)
	// A grandchild that keeps the pipes open must not keep the run.
	process.WaitDelay = 300 * time.Millisecond
	stdin, err := process.StdinPipe()
	if err != nil {
		return nil, "", fmt.Errorf("start the worker of %s: %w", task.Case.Name, err)
	}
	if err := process.Start(); err != nil {
		return nil, "", fmt.Errorf("start the worker of %s: %w", task.Case.Name, err)
	}
	_ = json.NewEncoder(stdin).Encode(task) // a worker that does not read has no result, which is told below
	waited := process.Wait()
	killGroup(process)
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	result = &Result{Schema: ResultSchema, Key: task.Key, Case: task.Case.Name}
	if errors.Is(limited.Err(), context.DeadlineExceeded) && waited != nil {
		result.Outcome, result.First = TimedOut, fmt.Sprintf("ended at its time limit of %v", task.Case.TimeLimit)
		return result, stderr.String(), nil
	}
	if waited == nil {
		if parsed, err := ParseResult(stdout.Bytes()); err == nil && parsed.Key == task.Key && parsed.Case == task.Case.Name {
			return parsed, stderr.String(), nil
		}
		result.Outcome, result.First = Crashed, "the process ended without a result"
		return result, stderr.String(), nil
	}
	result.Outcome, result.First = Crashed, waited.Error()+firstLine(stderr.String())
	if strings.Contains(stderr.String(), "out of memory") || strings.Contains(stderr.String(), "cannot allocate memory") {
		result.Outcome, result.First = OutOfMemory, "ran out of memory"
		if task.Case.MemoryLimit > 0 {
			result.First = fmt.Sprintf("ran into its memory limit of %d MiB", task.Case.MemoryLimit>>20)
		}
	}
	return result, stderr.String(), nil
}

// firstLine gives what a process said first, to follow the way it ended. What comes after it, like a stack, differs from run to run.
func firstLine(log string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(log), "\n")
	if line == "" {
		return ""
	}
	const most = 300
	return ": " + line[:min(len(line), most)]
}
