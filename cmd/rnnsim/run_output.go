package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/internal/atomicfile"
	"rnnsim/internal/npy"
	"rnnsim/vectors"
)

// checkRunOutputs refuses early, before any work, what cannot be written at the end.
func checkRunOutputs(c *cli.Context) error {
	trace, h := c.String("output"), c.String("h-out")
	if trace != "" && h != "" && filepath.Clean(trace) == filepath.Clean(h) {
		return usagef("--output and --h-out are both %s; name two places", trace)
	}
	for _, path := range []string{trace, h} {
		if err := refuseExisting(c, path); err != nil {
			return err
		}
	}
	return wantParent(h)
}

// heldTrace lets a finished trace appear only when it is released: what a run writes appears together, or not at all.
type heldTrace struct{ dump.Sink }

func holdTrace(sink dump.Sink) *heldTrace { return &heldTrace{sink} }

// orNil is the sink for a run, nil where no trace is wanted.
func (h *heldTrace) orNil() dump.Sink {
	if h.Sink == nil {
		return nil
	}
	return h
}

// Close waits for release.
func (h *heldTrace) Close() error { return nil }

func (h *heldTrace) release() error {
	if h.Sink == nil {
		return nil
	}
	return h.Sink.Close()
}

func (h *heldTrace) drop() error {
	if h.Sink == nil {
		return nil
	}
	return h.Sink.Abort()
}

// publish lets the results of a run appear: first everything is written, then everything gets its name.
// output is the last layer's h of each sequence, width values a step.
func publish(c *cli.Context, trace *heldTrace, output [][]int16, width int, stimulus *vectors.Sequences) error {
	path := c.String("h-out")
	if path == "" {
		return trace.release()
	}
	prepared, err := prepareOutput(path, output, width, stimulus)
	if err != nil {
		return errors.Join(err, trace.drop())
	}
	if err := c.Context.Err(); err != nil {
		return errors.Join(err, prepared.Discard(), trace.drop())
	}
	if err := trace.release(); err != nil {
		return errors.Join(err, prepared.Discard())
	}
	return prepared.Publish()
}

// prepareOutput writes the last layer's h as int16 [sequences, steps, directions * hidden]; steps behind a sequence's end are
// zero.
func prepareOutput(path string, output [][]int16, width int, stimulus *vectors.Sequences) (*atomicfile.Prepared, error) {
	steps := 0
	for _, n := range stimulus.Steps {
		steps = max(steps, n)
	}
	values := make([]int16, len(output)*steps*width)
	for i, h := range output {
		copy(values[i*steps*width:], h)
	}
	array, err := npy.New(values, len(output), steps, width)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return atomicfile.Prepare(path, func(w io.Writer) error { return npy.Write(w, array) })
}
