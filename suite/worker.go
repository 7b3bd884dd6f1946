package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"rnnsim/internal/contain"
)

// Task is what a worker process is told on its standard input. It ends when its standard input does, so that it never outlives
// the run.
type Task struct {
	Case    Case   `json:"case"`
	Key     string `json:"key"`
	Threads int    `json:"threads"`
	// Scratch is a folder for the files of a case with a device, or "".
	Scratch string `json:"scratch,omitempty"`
}

// ServeTask is a worker process: it reads a task, verifies the case with the working directory as the suite's folder, and writes
// the result file to out.
func ServeTask(ctx context.Context, in io.Reader, out io.Writer, version string) error {
	var task Task
	decoder := json.NewDecoder(in)
	if err := decoder.Decode(&task); err != nil {
		return fmt.Errorf("read the task: %w", err)
	}
	return task.serve(ctx, in, out, version)
}

// serve verifies the task's case until in ends, which it does with the run.
func (task *Task) serve(ctx context.Context, in io.Reader, out io.Writer, version string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if task.Case.Device != nil {
		if err := contain.AdoptOrphans(); err != nil {
			return err
		}
		defer contain.EndDescendants()
	}
	go func() {
		_, _ = io.Copy(io.Discard, in) // ends when the run does, however that comes
		contain.EndOwnGroup()          // and takes along what a device has started
		cancel()
	}()
	if err := limitMemory(task.Case.MemoryLimit); err != nil {
		return err
	}
	report, err := Execute(ctx, &task.Case, task.Threads, version, task.Scratch)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	result := Condense(&task.Case, task.Key, report, err)
	if task.Scratch != "" { // where it lies is no part of the result
		result.First = strings.ReplaceAll(result.First, task.Scratch+string(os.PathSeparator), "")
	}
	if report != nil {
		if err := result.keepReport(report); err != nil {
			return err
		}
	}
	text, err := result.Marshal()
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
	maxResultBytes = 64 << 20
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

// firstLine gives what a process said first, to follow the way it ended. What comes after it, like a stack, differs from run to run.
func firstLine(log string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(log), "\n")
	if line == "" {
		return ""
	}
	const most = 300
	return ": " + line[:min(len(line), most)]
}
