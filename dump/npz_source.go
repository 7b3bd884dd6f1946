package dump

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"rnnsim/internal/npy"
)

// NpzReadOptions say what is known about an .npz trace.
type NpzReadOptions struct {
	// Formats are the cells as the model has them. They are needed where the file does not describe itself, and ignored
	// where it does.
	Formats *Header
}

// NpzSource reads an .npz trace: the frames of all its cells, ordered by sequence, cell and step. Unlike other sources it
// holds all values in memory, for that is how the format is read.
type NpzSource struct {
	header Header
	cells  []npzValues
	// lengths are the steps of each sequence.
	lengths                []int
	steps                  int // of the arrays: those of the longest sequence
	cell, sequence, passed int // passed counts the steps of the sequence that were read
}

type npzValues struct {
	firstStep   int
	fixed       [][]int16
	float       [][]float32
	saturations []int32 // or nil
}

// OpenNpz reads an .npz file that NpzSink wrote, or one with the same arrays but no description, such as an exact.npz: its
// formats are then those of the options. The widths are those of the arrays; they must fit the options' where those have one.
func OpenNpz(path string, options NpzReadOptions) (*NpzSource, error) {
	z, err := npy.OpenZip(path)
	if err != nil {
		return nil, fmt.Errorf("open the trace: %w", err)
	}
	s, err := newNpzSource(z, options)
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, fmt.Errorf("open the trace %s: %w", path, err)
	}
	return s, nil
}

func newNpzSource(z *npy.Zip, options NpzReadOptions) (*NpzSource, error) {
	s := &NpzSource{}
	var firstSteps []int
	if z.Has(npzHeader) {
		var err error
		if s.header, firstSteps, err = readDescription(z); err != nil {
			return nil, err
		}
	} else if options.Formats != nil {
		s.header.Meta = map[string]string{"rnnsim.origin": "npz"}
		for _, cell := range options.Formats.Cells {
			cell.Nodes, cell.Params = slices.Clone(cell.Nodes), nil
			s.header.Cells = append(s.header.Cells, cell)
		}
		firstSteps = make([]int, len(s.header.Cells))
	} else {
		return nil, fmt.Errorf("it has no array %q, so that its bit widths and fix positions are unknown: name the model that it is of", npzHeader)
	}
	if len(s.header.Cells) == 0 {
		return nil, errors.New("it describes no cells")
	}
	seen := map[string]bool{npzHeader: true, npzLengths: true}
	shape := [2]int{-1, -1}
	for i := range s.header.Cells {
		if len(s.header.Cells[i].Nodes) == 0 {
			return nil, fmt.Errorf("graph %q has no nodes", s.header.Cells[i].Graph)
		}
		values, err := readCell(z, &s.header.Cells[i], &shape, seen)
		if err != nil {
			return nil, fmt.Errorf("graph %q: %w", s.header.Cells[i].Graph, err)
		}
		if values.firstStep = firstSteps[i]; values.firstStep < 0 {
			return nil, fmt.Errorf("graph %q begins at step %d", s.header.Cells[i].Graph, values.firstStep)
		}
		s.cells = append(s.cells, values)
	}
	for _, name := range z.Names() {
		if !seen[name] {
			return nil, fmt.Errorf("array %q belongs to no node: it is the trace of another model", name)
		}
	}
	if err := s.readLengths(z, shape); err != nil {
		return nil, err
	}
	return s, checkHeader(s.header)
}

// readLengths reads the lengths of the sequences, each at most that of the arrays.
func (s *NpzSource) readLengths(z *npy.Zip, shape [2]int) error {
	s.steps = shape[1]
	if !z.Has(npzLengths) {
		s.lengths = slices.Repeat([]int{shape[1]}, shape[0])
		return nil
	}
	a, err := z.Array(npzLengths)
	if err != nil {
		return err
	}
	lengths, err := a.Int64s()
	if err != nil || len(lengths) != shape[0] {
		return errors.Join(err, fmt.Errorf("array %q has %d values for %d sequences", npzLengths, len(lengths), shape[0]))
	}
	for i, length := range lengths {
		if length < 0 || length > int64(shape[1]) {
			return fmt.Errorf("array %q: sequence %d has %d steps of %d", npzLengths, i, length, shape[1])
		}
		s.lengths = append(s.lengths, int(length))
	}
	return nil
}

// readCell reads the arrays of a cell. The first one sets the shape that all must have.
func readCell(z *npy.Zip, cell *Cell, shape *[2]int, seen map[string]bool) (npzValues, error) {
	values := npzValues{fixed: make([][]int16, len(cell.Nodes)), float: make([][]float32, len(cell.Nodes))}
	for i := range cell.Nodes {
		node := &cell.Nodes[i]
		key := nodeKey(cell.Graph, *node)
		a, err := readFrames(z, key, shape, seen)
		if err != nil {
			return npzValues{}, err
		}
		if width := a.Shape[2]; node.Width != 0 && node.Width != width {
			return npzValues{}, fmt.Errorf("array %q has %d values a frame, and the model's node %d: it is the trace of another model", key, width, node.Width)
		}
		node.Width = a.Shape[2]
		if node.Float {
			values.float[i], err = a.Float32s()
		} else {
			values.fixed[i], err = a.Int16s()
		}
		if err != nil {
			return npzValues{}, fmt.Errorf("array %q: %w", key, err)
		}
	}
	for i := range cell.Params {
		p := &cell.Params[i]
		key := paramKey(cell.Graph, *p)
		a, err := readArray(z, key, seen)
		if err != nil {
			return npzValues{}, err
		}
		p.Shape = a.Shape
		if p.Values, err = a.Int16s(); err != nil {
			return npzValues{}, fmt.Errorf("array %q: %w", key, err)
		}
	}
	key := saturationsKey(cell.Graph)
	if !z.Has(key) {
		return values, nil
	}
	a, err := readFrames(z, key, shape, seen)
	if err != nil {
		return npzValues{}, err
	}
	counts, ok := a.Data.([]int32)
	if !ok || a.Shape[2] != len(cell.Nodes) {
		return npzValues{}, fmt.Errorf("array %q is no int32 with one value a node", key)
	}
	values.saturations = counts
	return values, nil
}

func readArray(z *npy.Zip, key string, seen map[string]bool) (*npy.Array, error) {
	if seen[key] {
		return nil, fmt.Errorf("array %q is wanted twice", key)
	}
	seen[key] = true
	return z.Array(key)
}

// readFrames reads an array of the shape [sequence, step, feature].
func readFrames(z *npy.Zip, key string, shape *[2]int, seen map[string]bool) (*npy.Array, error) {
	a, err := readArray(z, key, seen)
	if err != nil {
		return nil, err
	}
	if len(a.Shape) != 3 || slices.Contains(a.Shape, 0) {
		return nil, fmt.Errorf("array %q has shape %v, not [sequence, step, feature]", key, a.Shape)
	}
	if shape[0] < 0 {
		shape[0], shape[1] = a.Shape[0], a.Shape[1]
	}
	if a.Shape[0] != shape[0] || a.Shape[1] != shape[1] {
		return nil, fmt.Errorf("array %q has %d sequences of %d steps, and others have %d of %d", key, a.Shape[0], a.Shape[1], shape[0], shape[1])
	}
	return a, nil
}

// Header describes the cells.
func (s *NpzSource) Header() Header { return s.header }

// Next gives the next frame.
func (s *NpzSource) Next(f *Frame) error {
	for s.sequence < len(s.lengths) && s.passed >= s.lengths[s.sequence] {
		s.passed, s.cell = 0, s.cell+1
		if s.cell == len(s.cells) {
			s.cell, s.sequence = 0, s.sequence+1
		}
	}
	if s.sequence >= len(s.lengths) {
		return io.EOF
	}
	values, nodes := &s.cells[s.cell], s.header.Cells[s.cell].Nodes
	f.Cell, f.Sequence, f.Step = s.cell, s.sequence, values.firstStep+s.passed
	f.resize(nodes)
	row := s.sequence*s.steps + s.passed
	for i, node := range nodes {
		begin, end := row*node.Width, (row+1)*node.Width
		if node.Float {
			f.Float[i] = values.float[i][begin:end:end]
		} else {
			f.Fixed[i] = values.fixed[i][begin:end:end]
		}
	}
	if values.saturations != nil {
		f.Saturations = values.saturations[row*len(nodes) : (row+1)*len(nodes)]
	}
	s.passed++
	return nil
}

// Close has nothing to do: the file is closed already.
func (s *NpzSource) Close() error { return nil }
