package export

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// frameWriter writes what a cell holds, frame by frame.
type frameWriter struct {
	*rtlWriter
	files          *CellFiles
	model          *cellModel
	sequence, step *columnWriter
	nodes          []*columnWriter
	saturations    *columnWriter
	stimuli        *columnWriter
	all            []*columnWriter
	input          int // index of input_0 among the nodes
	order          dump.Order
	x              []int64
}

func (w *rtlWriter) writeFrames(header dump.Header, trace dump.Source) error {
	writers := make([]*frameWriter, len(header.Cells))
	for i := range w.manifest.Cells {
		files := &w.manifest.Cells[i]
		at := slices.IndexFunc(header.Cells, func(c dump.Cell) bool { return c.Graph == files.Graph })
		var err error
		if writers[at], err = w.newFrameWriter(files, w.cells[i].model); err != nil {
			return err
		}
	}
	var f dump.Frame
	for {
		err := trace.Next(&f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the trace: %w", err)
		}
		if f.Cell < 0 || f.Cell >= len(writers) {
			return fmt.Errorf("frame of cell %d, and the trace has %d", f.Cell, len(writers))
		}
		if err := writers[f.Cell].write(&f); err != nil {
			return fmt.Errorf("graph %q, sequence %d, step %d: %w", writers[f.Cell].files.Graph, f.Sequence, f.Step, err)
		}
	}
	for _, writer := range writers {
		if err := writer.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (w *rtlWriter) newFrameWriter(files *CellFiles, m *cellModel) (*frameWriter, error) {
	f := &frameWriter{rtlWriter: w, files: files, model: m}
	f.input = slices.IndexFunc(files.Nodes, func(n NodeFile) bool { return n.Name == "input_0" })
	if grid, ok := m.formats["input_0"]; ok && (f.input >= 0 || f.fromStimuli()) {
		files.Stimuli = &StimuliFile{
			File: files.Graph + "/x.hex", Width: m.input, Bits: stimulusBits, Position: grid.Position + w.options.Fraction,
		}
	}
	var err error
	open := func(file string, bits int) *columnWriter {
		if err != nil {
			return nil
		}
		var c *columnWriter
		c, err = newColumnWriter(filepath.Join(w.dir, filepath.FromSlash(file)), bits)
		f.all = append(f.all, c)
		return c
	}
	f.sequence, f.step = open(files.Sequence, 32), open(files.Step, 32)
	for _, n := range files.Nodes {
		f.nodes = append(f.nodes, open(n.File, n.Bits))
	}
	if files.Stimuli != nil {
		f.stimuli = open(files.Stimuli.File, stimulusBits)
	}
	return f, err
}

// fromStimuli says that x is known finer than the trace has it.
func (w *frameWriter) fromStimuli() bool { return w.options.Stimuli != nil && w.files.Layer == 0 }

// write writes a frame as one line of each file.
func (w *frameWriter) write(f *dump.Frame) error {
	if err := w.order.Take(f.Sequence, f.Step); err != nil {
		return err
	}
	if len(f.Fixed) != len(w.nodes) {
		return fmt.Errorf("the frame has %d nodes, the header %d", len(f.Fixed), len(w.nodes))
	}
	for i, c := range w.nodes {
		if n := w.files.Nodes[i]; len(f.Fixed[i]) != n.Width {
			return fmt.Errorf("node %q has %d values, not %d", n.Name, len(f.Fixed[i]), n.Width)
		}
		if err := writeRow(c, f.Fixed[i]); err != nil {
			return err
		}
	}
	if err := w.writeStimuli(f); err != nil {
		return err
	}
	if err := w.writeSaturations(f); err != nil {
		return err
	}
	w.files.Frames++
	return errors.Join(writeRow(w.sequence, []int32{int32(f.Sequence)}), writeRow(w.step, []int32{int32(f.Step)}))
}

// writeSaturations writes the counts of clamped values, where the trace has them.
func (w *frameWriter) writeSaturations(f *dump.Frame) error {
	if w.files.Frames == 0 && f.Saturations != nil {
		w.files.Saturations = w.files.Graph + "/saturations.hex"
		c, err := newColumnWriter(filepath.Join(w.dir, filepath.FromSlash(w.files.Saturations)), 32)
		if err != nil {
			return err
		}
		w.saturations, w.all = c, append(w.all, c)
	}
	if w.saturations == nil {
		return nil
	}
	if len(f.Saturations) != len(w.nodes) {
		return fmt.Errorf("%d saturation counts for %d nodes", len(f.Saturations), len(w.nodes))
	}
	return writeRow(w.saturations, f.Saturations)
}

func (w *frameWriter) writeStimuli(f *dump.Frame) error {
	if w.stimuli == nil {
		return nil
	}
	w.x = w.x[:0]
	if !w.fromStimuli() {
		for _, v := range f.Fixed[w.input] {
			w.x = append(w.x, int64(v)<<w.options.Fraction)
		}
		return writeRow(w.stimuli, w.x)
	}
	if f.Sequence >= len(w.options.Stimuli) {
		return fmt.Errorf("there are %d stimuli: the trace is not of these", len(w.options.Stimuli))
	}
	s := &w.options.Stimuli[f.Sequence]
	steps := max(len(s.Float), len(s.Fixed)) / w.model.input
	if f.Step >= steps {
		return fmt.Errorf("the stimulus has %d steps: the trace is not of it", steps)
	}
	time := f.Step
	if w.files.Backward {
		time = steps - 1 - f.Step
	}
	if s.Float == nil {
		return w.writeFixed(s.Fixed[time*w.model.input:][:w.model.input])
	}
	grid := fixed.Format{Bits: stimulusBits, Position: w.files.Stimuli.Position}
	for i, v := range s.Float[time*w.model.input:][:w.model.input] {
		if math.IsNaN(float64(v)) {
			return fmt.Errorf("feature %d of the stimulus is not a number", i)
		}
		w.x = append(w.x, fixed.Floor.Quantize(float64(v), grid))
	}
	return writeRow(w.stimuli, w.x)
}

// writeFixed writes integers on the grid of the first cell's input_0.
func (w *frameWriter) writeFixed(x []int16) error {
	from := w.cells[0].model.formats["input_0"].Position
	for _, v := range x {
		fine := fixed.ShiftRight(int64(v), from-w.files.Stimuli.Position)
		clamped, _ := fixed.Saturate(fine, stimulusBits)
		w.x = append(w.x, clamped)
	}
	return writeRow(w.stimuli, w.x)
}

func (w *frameWriter) flush() error {
	var all error
	for _, c := range w.all {
		all = errors.Join(all, c.flush())
	}
	return all
}
