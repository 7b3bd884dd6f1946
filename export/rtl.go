package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"rnnsim/dump"
	"rnnsim/internal/atomicfile"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// Limits and defaults of Options.
const (
	DefaultFraction = 8
	MaxFraction     = 15
	DefaultLanes    = 16
	MaxLanes        = 256

	stimulusBits = 32
)

// Options are how a folder for a test bench is made.
type Options struct {
	// Stimuli are the sequences that the trace was made from. Where they are nil, x is what the trace has as input_0, which a device
	// need not floor any more.
	Stimuli []dump.Sequence
	// Fraction is how many bits finer than input_0 the stream of x is, 1 to MaxFraction; 0 is DefaultFraction. The floor of the
	// stream is the floor of the real number.
	Fraction int
	// Lanes is the number of multipliers that the weights are packed for; 0 is DefaultLanes.
	Lanes int
}

// WriteRTL makes the folder dir, which must not exist: what a test bench of the model loads, and all values of the trace, which
// it should find. The trace is read to its end and stays open. The folder appears whole or not at all; the same model and trace
// give the same bytes.
func WriteRTL(dir string, model *xmodel.Model, trace dump.Source, options Options) error {
	switch {
	case options.Fraction < 0 || options.Fraction > MaxFraction:
		return fmt.Errorf("export %s: a fraction of %d bits; it has 1 to %d", dir, options.Fraction, MaxFraction)
	case options.Lanes < 0 || options.Lanes > MaxLanes:
		return fmt.Errorf("export %s: %d lanes; there are 1 to %d", dir, options.Lanes, MaxLanes)
	case options.Fraction == 0:
		options.Fraction = DefaultFraction
	}
	if options.Lanes == 0 {
		options.Lanes = DefaultLanes
	}
	return atomicfile.WriteFolder(dir, func(staged string) error {
		w := &rtlWriter{dir: staged, options: options}
		if err := w.write(model, trace); err != nil {
			return fmt.Errorf("export %s: %w", dir, err)
		}
		return nil
	})
}

type rtlWriter struct {
	dir      string
	options  Options
	manifest Manifest
	cells    []svCell
}

func (w *rtlWriter) write(model *xmodel.Model, trace dump.Source) error {
	header := trace.Header()
	w.manifest = Manifest{Format: manifestFormat, Version: manifestVersion, Model: model.Digest(), Meta: header.Meta}
	if err := w.writeTables(); err != nil {
		return err
	}
	traced := map[string]int{}
	for i := range header.Cells {
		traced[header.Cells[i].Graph] = i
	}
	for i := range model.Cells {
		graph := model.Cells[i].Graph.Name
		at, ok := traced[graph]
		if !ok {
			return fmt.Errorf("the trace has no cell %q: it is of another model", graph)
		}
		delete(traced, graph)
		m, err := readCell(&model.Cells[i])
		if err == nil {
			err = w.addCell(m, &header.Cells[at])
		}
		if err != nil {
			return fmt.Errorf("graph %q: %w", graph, err)
		}
	}
	if len(traced) > 0 {
		return fmt.Errorf("the trace has cells that the model has not (%s): it is of another model", sortedKeys(traced)[0])
	}
	if err := w.writeFrames(header, trace); err != nil {
		return err
	}
	return w.writeIndex()
}

func (w *rtlWriter) writeTables() error {
	for _, t := range []*fixed.Table{fixed.Sigmoid, fixed.Tanh} {
		f := TableFile{
			Name: t.Name, File: tableFile(t), Bits: 16, Position: fixed.TablePosition, Entries: fixed.TableSize,
			IndexPosition: t.IndexPosition, Below: int(t.Below), Above: int(t.Above),
		}
		if err := w.writeMatrix(f.File, t.Entries[:], 1, f.Bits); err != nil {
			return err
		}
		w.manifest.Tables = append(w.manifest.Tables, f)
	}
	return nil
}

func tableFile(t *fixed.Table) string { return "tables/" + t.Name + ".hex" }

// addCell writes the parameters of a cell and describes its files.
func (w *rtlWriter) addCell(m *cellModel, traced *dump.Cell) error {
	if err := checkFileName(m.graph); err != nil {
		return fmt.Errorf("its name cannot be that of a folder: %w", err)
	}
	files := CellFiles{
		Graph: m.graph, Layer: m.layer, Backward: m.backward, Kind: m.kind,
		Sequence: m.graph + "/sequence.hex", Step: m.graph + "/step.hex",
	}
	for i := range m.parameters {
		p := &m.parameters[i]
		if err := checkFileName(p.name); err != nil {
			return fmt.Errorf("parameter %q cannot name a file: %w", p.name, err)
		}
		f := ParameterFile{
			Name: p.name, Label: p.label, File: path.Join(m.graph, "parameters", p.name+".hex"),
			Shape: p.shape, Bits: p.format.Bits, Position: p.format.Position,
		}
		if err := w.writeMatrix(f.File, p.values, p.shape[len(p.shape)-1], f.Bits); err != nil {
			return err
		}
		files.Parameters = append(files.Parameters, f)
	}
	c := svCell{number: len(w.cells), model: m}
	if err := w.addLanes(&c, &files); err != nil {
		return err
	}
	numbers := map[string]int{}
	for i, p := range c.points {
		numbers[p.name] = i
	}
	for i, n := range traced.Nodes {
		if n.Float {
			return fmt.Errorf("node %q holds floats: a trace of integers is wanted", n.Name)
		}
		if n.Part != nil {
			return fmt.Errorf("node %q has %d of %d units: a trace of all is wanted", n.Name, n.Width, n.Part.Of)
		}
		if err := checkFileName(n.Name); err != nil {
			return fmt.Errorf("node %q cannot name a file: %w", n.Name, err)
		}
		probe, ok := numbers[n.Name]
		if !ok {
			probe = i
		}
		files.Nodes = append(files.Nodes, NodeFile{
			Name: n.Name, Label: n.Label, Op: n.Op, File: path.Join(m.graph, "nodes", n.Name+".hex"),
			Probe: probe, Width: n.Width, Bits: n.Bits, Position: n.Position,
		})
	}
	if err := files.check(); err != nil {
		return err
	}
	w.cells, w.manifest.Cells = append(w.cells, c), append(w.manifest.Cells, files)
	return nil
}

// addLanes writes the packed parameters of a cell that the engine can compute, or notes why it cannot.
func (w *rtlWriter) addLanes(c *svCell, files *CellFiles) (err error) {
	m := c.model
	switch {
	case m.kind != xmodel.LSTM.String():
		c.why = "the cell is no standard LSTM"
		return nil
	case m.laneBits() == 0:
		c.why = "the parameters are of several widths"
		return nil
	}
	if c.points, err = m.lstmPoints(m.formats["input_0"].Position + w.options.Fraction); err != nil {
		c.points, c.why = nil, err.Error()
		return nil
	}
	files.Lanes = &LaneFiles{Lanes: w.options.Lanes, Weights: m.graph + "/lanes/weights.hex", Biases: m.graph + "/lanes/biases.hex"}
	weights, biases := m.packLanes(w.options.Lanes)
	return errors.Join(w.writeFile(files.Lanes.Weights, weights), w.writeFile(files.Lanes.Biases, biases))
}

// checkFileName refuses what would leave the folder, or what the tools that load the files cannot say.
func checkFileName(name string) error {
	const longest = 200 // leaves room in the usual 255 bytes for an ending
	switch {
	case name == "" || name[0] == '.' || len(name) > longest:
		return fmt.Errorf("it is empty, begins with a dot, or has more than %d bytes", longest)
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`/\"%`, r) }):
		return errors.New("it has a space, a separator, a quote or a letter beyond ASCII in it")
	}
	return nil
}

func (w *rtlWriter) writeMatrix(file string, values []int16, columns, bits int) error {
	c, err := newColumnWriter(filepath.Join(w.dir, filepath.FromSlash(file)), bits)
	if err != nil {
		return err
	}
	for ; len(values) > 0; values = values[columns:] {
		if err := writeRow(c, values[:columns]); err != nil {
			return err
		}
	}
	return c.flush()
}

func (w *rtlWriter) writeFile(file string, content []byte) error {
	name := filepath.Join(w.dir, filepath.FromSlash(file))
	return errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, content, 0o644))
}

// writeIndex writes the manifest, the packages, and for benches without JSON a list of the nodes of each cell.
func (w *rtlWriter) writeIndex() error {
	for i := range w.cells {
		files := &w.manifest.Cells[i]
		w.cells[i].files = files
		var list []byte
		for _, n := range files.Nodes {
			list = fmt.Appendf(list, "%d %s %d %d\n", n.Probe, n.Name, n.Width, n.Bits)
		}
		if err := w.writeFile(files.Graph+"/nodes.txt", list); err != nil {
			return err
		}
	}
	if err := w.writeFile(PackageName, writePackages(w.manifest.Model, w.cells)); err != nil {
		return err
	}
	text, err := json.MarshalIndent(&w.manifest, "", "  ")
	if err != nil {
		return err
	}
	return w.writeFile(ManifestName, append(text, '\n'))
}
