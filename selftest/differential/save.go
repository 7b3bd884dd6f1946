package differential

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/internal/atomicfile"
	"rnnsim/internal/npy"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// save writes the case as a folder that `rnnsim verify` takes: its graphs, its stimuli, and what the exact reference makes of
// them.
func (c *Case) save(ctx context.Context, path, version string, found error) error {
	m, err := c.Model()
	if err != nil {
		return err
	}
	return atomicfile.WriteFolder(path, func(dir string) error {
		if err := os.Mkdir(filepath.Join(dir, "xmodel"), 0o755); err != nil {
			return err
		}
		for _, cell := range m.Cells {
			if err := xmodel.WriteFile(filepath.Join(dir, "xmodel", cell.Graph.Name+"_int.xmodel"), cell.Graph); err != nil {
				return err
			}
		}
		if err := c.saveStimuli(dir); err != nil {
			return err
		}
		if err := c.saveRun(ctx, m, dir); err != nil {
			return err
		}
		text, err := json.MarshalIndent(map[string]any{
			"case": fmt.Sprintf("differential-%d-%d", c.Seed, c.Number), "tool": "rnnsim selftest --differential " + version,
			"compat": verify.CompatName(c.Compat), "seed": c.Seed, "number": c.Number, "threads": c.Threads, "found": found.Error(),
		}, "", "  ")
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "case.json"), append(text, '\n'), 0o644)
	})
}

// saveRun writes the exact reference's trace, of the last moment: whoever mends the fault holds the simulator against it.
func (c *Case) saveRun(ctx context.Context, m *xmodel.Model, dir string) error {
	exact, err := golden.NewExact(m, c.Compat)
	if err != nil {
		return err
	}
	return exact.Run(ctx, c.Sequences, dump.NewArrowSink(filepath.Join(dir, "wanted"), dump.ArrowOptions{}))
}

func (c *Case) saveStimuli(dir string) error {
	steps, lengths := 0, make([]int32, len(c.Sequences))
	for i := range c.Sequences {
		lengths[i] = int32(c.steps(i))
		steps = max(steps, c.steps(i))
	}
	var x *npy.Array
	var err error
	shape := []int{len(c.Sequences), steps, c.features()}
	if allReal(c.Sequences) {
		x, err = npy.New(padded(c.Sequences, shape, func(s dump.Sequence) []float32 { return s.Float }), shape...)
	} else {
		x, err = npy.New(padded(c.Sequences, shape, func(s dump.Sequence) []int16 { return s.Fixed }), shape...)
	}
	if err == nil {
		err = npy.WriteFile(filepath.Join(dir, "x.npy"), x)
	}
	if err == nil && slices.Min(lengths) < int32(steps) {
		err = writeArray(filepath.Join(dir, "lengths.npy"), lengths, len(lengths))
	}
	if err != nil {
		return err
	}
	return c.saveStates(filepath.Join(dir, "states.npz"))
}

// saveStates writes the initial states, where a sequence has any; those of the others are zero.
func (c *Case) saveStates(path string) error {
	if !slices.ContainsFunc(c.Sequences, func(s dump.Sequence) bool { return s.Initial != nil }) {
		return nil
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		archive := npy.NewZipWriter(w)
		for i, cell := range c.cells() {
			for name, of := range map[string]func(dump.State) []int16{
				"h": func(s dump.State) []int16 { return s.H }, "c": func(s dump.State) []int16 { return s.C },
			} {
				if name == "c" && cell.Kind != xmodel.LSTM {
					continue
				}
				values := make([]int16, len(c.Sequences)*cell.Hidden)
				for n, s := range c.Sequences {
					if s.Initial != nil {
						copy(values[n*cell.Hidden:], of(s.Initial[i]))
					}
				}
				array, err := npy.New(values, len(c.Sequences), cell.Hidden)
				if err == nil {
					err = archive.Add(fmt.Sprintf("%d.%s", i, name), array)
				}
				if err != nil {
					return err
				}
			}
		}
		return archive.Close()
	})
}

func allReal(sequences []dump.Sequence) bool {
	return !slices.ContainsFunc(sequences, func(s dump.Sequence) bool { return s.Float == nil })
}

func writeArray[T npy.Element](path string, values []T, shape ...int) error {
	array, err := npy.New(values, shape...)
	if err != nil {
		return err
	}
	return npy.WriteFile(path, array)
}

func padded[T int16 | float32](sequences []dump.Sequence, shape []int, of func(dump.Sequence) []T) []T {
	values := make([]T, shape[0]*shape[1]*shape[2])
	for i, s := range sequences {
		copy(values[i*shape[1]*shape[2]:], of(s))
	}
	return values
}

// command is what shows the difference again.
func (e *engine) command(c *Case, dir string) string {
	text := fmt.Sprintf("rnnsim verify --threads %d %s", c.Threads, dir)
	if e.kernel != "" {
		text = "RNNSIM_KERNEL=" + e.kernel + " " + text
	}
	return text
}
