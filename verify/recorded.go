package verify

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"rnnsim/dump"
	"rnnsim/internal/npy"
	"rnnsim/xmodel"
)

// RecordedNpz is a recorded run in a .npz archive: an int16 array [sequence, step, feature] a node, steps in execution order,
// under the name of the node's file in a deploy_check folder (<graph>__<node>_fix, or <graph>__<linear>_pre_fix_i0).
type RecordedNpz struct {
	Header    dump.Header // the nodes of the model that the archive holds
	Sequences int
	Steps     int
	// Missing lists the model's nodes that the archive does not hold, Unknown its arrays that are no node of the model.
	Missing, Unknown []string

	arrays [][][]int16 // a cell, a node
}

// OpenRecordedNpz reads the archive into memory. header names the nodes of the model, and their formats, which the archive
// does not have. Errors name the file, the array and what is wrong with it.
func OpenRecordedNpz(path string, header dump.Header) (r *RecordedNpz, err error) {
	archive, err := npy.OpenZip(path)
	if err != nil {
		return nil, fmt.Errorf("read a recorded run: %w", err)
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	r = &RecordedNpz{Header: dump.Header{Meta: header.Meta}, Sequences: -1}
	known := map[string]bool{}
	for _, cell := range header.Cells {
		kept := cell
		kept.Nodes = nil
		var arrays [][]int16
		for _, node := range cell.Nodes {
			name := fileStem(cell.Graph, node)
			if !archive.Has(name) {
				r.Missing = append(r.Missing, cell.Graph+"/"+node.Name)
				continue
			}
			known[name] = true
			values, err := r.read(archive, name, node.Width)
			if err != nil {
				return nil, fmt.Errorf("read a recorded run: %s: %w", path, err)
			}
			kept.Nodes = append(kept.Nodes, node)
			arrays = append(arrays, values)
		}
		r.Header.Cells = append(r.Header.Cells, kept)
		r.arrays = append(r.arrays, arrays)
	}
	for _, name := range archive.Names() {
		if !known[name] {
			r.Unknown = append(r.Unknown, name)
		}
	}
	if r.Sequences < 0 {
		return nil, fmt.Errorf("read a recorded run: %s holds none of the model's nodes: it is of another model", path)
	}
	return r, nil
}

// fileStem is the name of a node's integers: a 8-bit matmul input has no suffix.
func fileStem(graph string, node dump.Node) string {
	stem := xmodel.OpName(graph, node.Name)
	if node.Op == "fix" {
		return stem
	}
	return stem + "_fix"
}

func (r *RecordedNpz) read(archive *npy.Zip, name string, width int) ([]int16, error) {
	array, err := archive.Array(name)
	if err != nil {
		return nil, err
	}
	if len(array.Shape) != 3 || array.Shape[2] != width {
		return nil, fmt.Errorf("array %q has shape %v; [sequences, steps, %d] is wanted", name, array.Shape, width)
	}
	values, err := array.Int16s()
	if err != nil {
		return nil, fmt.Errorf("array %q: %w", name, err)
	}
	if r.Sequences < 0 {
		r.Sequences, r.Steps = array.Shape[0], array.Shape[1]
	}
	if array.Shape[0] != r.Sequences || array.Shape[1] != r.Steps {
		return nil, fmt.Errorf("array %q has %d sequences of %d steps, the arrays before it %d of %d", name, array.Shape[0], array.Shape[1], r.Sequences, r.Steps)
	}
	return values, nil
}

// Source yields the frames, sequence by sequence, cell by cell, step by step.
func (r *RecordedNpz) Source() dump.Source { return &recordedSource{run: r} }

type recordedSource struct {
	run                  *RecordedNpz
	sequence, cell, step int
	columns              [][]int16
}

func (s *recordedSource) Header() dump.Header { return s.run.Header }

func (s *recordedSource) Next(frame *dump.Frame) error {
	if s.step == s.run.Steps {
		s.step = 0
		s.cell++
	}
	if s.cell == len(s.run.arrays) {
		s.cell = 0
		s.sequence++
	}
	if s.sequence >= s.run.Sequences || s.run.Steps == 0 || len(s.run.arrays) == 0 {
		return io.EOF
	}
	s.columns = slices.Grow(s.columns[:0], len(s.run.arrays[s.cell]))
	for i, values := range s.run.arrays[s.cell] {
		width := s.run.Header.Cells[s.cell].Nodes[i].Width
		at := (s.sequence*s.run.Steps + s.step) * width
		s.columns = append(s.columns, values[at:at+width])
	}
	*frame = dump.Frame{Cell: s.cell, Sequence: s.sequence, Step: s.step, Fixed: s.columns}
	s.step++
	return nil
}

func (s *recordedSource) Close() error { return nil }
