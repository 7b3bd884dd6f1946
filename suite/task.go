package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"rnnsim/internal/contain"
)

// runTask gives a case to a process of its own, which ends with all that it has started. It gives an error only where ctx has ended or
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
	all := contain.New(process, task.Case.Device != nil)
	stdout, stderr := &bounded{most: maxResultBytes}, &bounded{most: maxLogBytes}
	process.Stdout, process.Stderr = stdout, stderr
	// A grandchild that keeps the pipes open must not keep the run; a machine that is busy must not lose a result.
	process.WaitDelay = 5 * time.Second
	stdin, err := process.StdinPipe()
	if err != nil {
		return nil, "", fmt.Errorf("start the worker of %s: %w", task.Case.Name, err)
	}
	if err := all.Start(); err != nil {
		return nil, "", fmt.Errorf("start the worker of %s: %w", task.Case.Name, err)
	}
	watch := watchMemory(all, task.Case.MemoryLimit)
	_ = json.NewEncoder(stdin).Encode(task) // a worker that does not read has no result, which is told below
	waited := all.Wait()
	overMemory := watch.stop()
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	result = &Result{Schema: ResultSchema, Key: task.Key, Case: task.Case.Name}
	outOfMemory := "ran out of memory"
	if limit := task.Case.MemoryLimit; limit > 0 {
		outOfMemory = fmt.Sprintf("ran into its memory limit of %d MiB", limit>>20)
	}
	switch {
	case overMemory:
		result.Outcome, result.First = OutOfMemory, outOfMemory
	case errors.Is(limited.Err(), context.DeadlineExceeded) && waited != nil:
		result.Outcome, result.First = TimedOut, fmt.Sprintf("ended at its time limit of %v", task.Case.TimeLimit)
	case waited == nil || errors.Is(waited, exec.ErrWaitDelay):
		if parsed, err := ParseResult(stdout.Bytes()); err == nil && parsed.Key == task.Key && parsed.Case == task.Case.Name {
			return parsed, stderr.String(), nil
		}
		result.Outcome, result.First = Crashed, "the process ended without a result"
	default:
		result.Outcome, result.First = Crashed, waited.Error()+firstLine(stderr.String())
		if outcomeOfDeath(stderr.String()) == OutOfMemory {
			result.Outcome, result.First = OutOfMemory, outOfMemory
		}
	}
	return result, stderr.String(), nil
}
