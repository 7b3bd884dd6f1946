package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/golden"
	"rnnsim/sim"
	"rnnsim/verify"
)

// deviceFailure is what a device did instead of answering.
type deviceFailure struct {
	outcome Outcome
	message string
}

func (d *deviceFailure) Error() string { return d.message }

// The names in a case's scratch folder.
const (
	exportFolder = "export"
	traceName    = "trace"
	answersFile  = "answers"
)

// runDevice lets the device of a case compute its stimulus and gives what it recorded, as one more check of the job. scratch is a
// folder of the case's own, which is removed later, whatever happens.
func (c *Case) runDevice(ctx context.Context, job *verify.Job, scratch string) error {
	exact, err := golden.NewExact(job.Model, job.Compat)
	if err != nil {
		return err
	}
	d := &deviceRun{device: c.Device, job: job, header: exact.Header(), scratch: scratch, sequences: job.Input.Sequences}
	d.features, d.grid = exact.Input()
	if d.sequences == nil {
		d.sequences = verify.DefaultStimulus(d.features, d.grid, job.Input.Seed)
	}
	if c.Device.has(WordExport) {
		if err := d.export(ctx); err != nil {
			return err
		}
	}
	shown, open := "its answers", d.answers
	if c.Device.has(WordTrace) {
		shown, open = "its trace", d.trace
	}
	if err := d.run(ctx); err != nil {
		return err
	}
	job.Recordings = append(job.Recordings, verify.Recording{
		Name: verify.NameDevice, Path: c.Device.Name + ", " + shown, Sequence: verify.Unknown, Open: open,
	})
	return nil
}

// export writes what the device's bench loads.
func (d *deviceRun) export(ctx context.Context) error {
	plan, err := sim.Compile(d.job.Model, sim.Options{Compat: d.job.Compat, Threads: d.job.Threads, NoOutput: true})
	if err != nil {
		return err
	}
	return verify.Stream(ctx, func(ctx context.Context, sink dump.Sink) error {
		_, err := plan.Run(ctx, d.sequences, sink)
		return err
	}, func(source dump.Source) error {
		return export.WriteRTL(filepath.Join(d.scratch, exportFolder), d.job.Model, source, export.Options{Stimuli: d.sequences})
	})
}

// run runs the command to its end. It is in the process group of the case, and under its limits.
func (d *deviceRun) run(ctx context.Context) error {
	words := slices.Clone(d.device.Command)
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], WordExport, filepath.Join(d.scratch, exportFolder))
		words[i] = strings.ReplaceAll(words[i], WordTrace, filepath.Join(d.scratch, traceName))
	}
	process := exec.CommandContext(ctx, words[0], words[1:]...)
	process.WaitDelay = 2 * time.Second // for what it leaves behind
	said := &bounded{most: maxLogBytes}
	process.Stderr = io.MultiWriter(said, os.Stderr)
	process.Stdout = process.Stderr // what a bench prints is not its trace
	room := &roomFor{left: d.mostAnswers()}
	if !d.device.has(WordTrace) {
		stimuli, err := process.StdinPipe()
		if err != nil {
			return fmt.Errorf("start the device %s: %w", d.device.Name, err)
		}
		answers, err := os.Create(filepath.Join(d.scratch, answersFile))
		if err != nil {
			return fmt.Errorf("keep the answers of the device %s: %w", d.device.Name, err)
		}
		defer answers.Close() // what is read of it is checked
		room.file, process.Stdout = answers, room
		fed := make(chan struct{})
		defer func() { <-fed }()
		go func() {
			defer close(fed)
			_ = d.feed(stimuli) // a device that does not read to the end is told by its answers, which lack theirs
			_ = stimuli.Close()
		}()
		defer func() { _ = stimuli.Close() }() // frees the goroutine where the process did not start
	}
	err := process.Run()
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		return ctx.Err()
	case room.left < 0:
		return &deviceFailure{Crashed, "the device answers with far more than there is to say"}
	case errors.Is(err, exec.ErrWaitDelay):
		return nil // it ended well, and left something behind that holds on to its output
	case errors.As(err, &exit):
		return &deviceFailure{outcomeOfDeath(said.String()), fmt.Sprintf("the device ended with %v%s", err, firstLine(said.String()))}
	case err != nil:
		return fmt.Errorf("run the device %s: %w", d.device.Name, err)
	}
	return nil
}

// outcomeOfDeath tells a process that ran out of memory from one that fell over, by what runtimes say then.
func outcomeOfDeath(said string) Outcome {
	for _, words := range []string{"out of memory", "cannot allocate memory", "Cannot allocate memory", "MemoryError", "std::bad_alloc", "OutOfMemoryError"} {
		if strings.Contains(said, words) {
			return OutOfMemory
		}
	}
	return Crashed
}
