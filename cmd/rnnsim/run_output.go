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
	named := map[string]string{}
	for _, flag := range []string{"output", "h-out", "words"} {
		path := c.String(flag)
		if path == "" {
			continue
		}
		if other, taken := named[filepath.Clean(path)]; taken {
			return usagef("--%s and --%s are both %s; name two places", other, flag, path)
		}
		named[filepath.Clean(path)] = flag
		if err := refuseExisting(c, path); err != nil {
			return err
		}
	}
	for _, file := range []string{"h-out", "words"} {
		if err := wantParent(c.String(file)); err != nil {
			return err
		}
	}
	return nil
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
// output is the last layer's h of each sequence, width values a step; words, which may be nil, is another file of the run.
func publish(c *cli.Context, trace *heldTrace, words *atomicfile.Prepared, output [][]int16, width int, stimulus *vectors.Sequences) error {
	var files []*atomicfile.Prepared
	if words != nil {
		files = append(files, words)
	}
	discard := func(err error) error {
		for _, f := range files {
			err = errors.Join(err, f.Discard())
		}
		return err
	}
	if path := c.String("h-out"); path != "" {
		prepared, err := prepareOutput(path, output, width, stimulus)
		if err != nil {
			return errors.Join(discard(err), trace.drop())
		}
		files = append(files, prepared)
	}
	if err := c.Context.Err(); err != nil && len(files) > 0 {
		return errors.Join(discard(err), trace.drop())
	}
	if err := trace.release(); err != nil {
		return discard(err)
	}
	for len(files) > 0 {
		first := files[0]
		files = files[1:]
		if err := first.Publish(); err != nil {
			return discard(err)
		}
	}
	return nil
}

// prepareOptional writes a file that may not be wanted: without a path, into nothing.
func prepareOptional(path string, write func(io.Writer) error) (*atomicfile.Prepared, error) {
	if path == "" {
		return nil, write(io.Discard)
	}
	return atomicfile.Prepare(path, write)
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
