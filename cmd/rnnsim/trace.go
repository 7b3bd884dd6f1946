package main

import (
	"maps"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/xmodel"
)

// sinkOf gives the sink for a trace format by its name, with the flags that the format knows.
func sinkOf(c *cli.Context, format, path string) (dump.Sink, error) {
	compat, err := compatOf(c)
	if err != nil {
		return nil, err
	}
	replace := c.Bool("force")
	switch format {
	case "arrow":
		return dump.NewArrowSink(path, dump.ArrowOptions{Zstd: c.Bool("zstd"), Replace: replace}), nil
	case "deploy_check":
		style := dump.PyTorch
		if c.IsSet("style") {
			if style, err = dump.ParseStyle(c.String("style")); err != nil {
				return nil, usageError{err.Error()}
			}
		}
		return dump.NewDeployCheckSink(path, dump.DeployCheckOptions{
			Style: style, VAI20: compat == xmodel.VAI20, Sequence: c.Int("sequence"), Replace: replace,
		}), nil
	case "npz":
		return dump.NewNpzSink(path, dump.NpzOptions{Replace: replace, Context: c.Context}), nil
	}
	return nil, usagef("there is no trace format %q; there is arrow, deploy_check and npz", format)
}

// provenanceSink adds to a trace where its values came from.
type provenanceSink struct {
	dump.Sink
	meta map[string]string
}

// Begin begins the trace with the provenance added.
func (p *provenanceSink) Begin(h dump.Header) error {
	meta := maps.Clone(h.Meta)
	if meta == nil {
		meta = map[string]string{}
	}
	maps.Copy(meta, p.meta)
	h.Meta = meta
	return p.Sink.Begin(h)
}

// countingSink shows progress by the frames that pass.
type countingSink struct {
	dump.Sink
	done, total int
	progress    *progress
}

// Write passes the frame on and counts it.
func (c *countingSink) Write(f *dump.Frame) error {
	c.done++
	// A bar that moves every thousand frames is as smooth as one that moves with each.
	if c.done%1000 == 0 {
		c.progress.update(c.done, c.total)
	}
	return c.Sink.Write(f)
}
