package export

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"rnnsim/dump"
)

// HexOptions say what a folder of hex files does not say itself.
type HexOptions struct {
	// Like is the folder that WriteRTL made for the bench whose results are read. It stands in for a manifest, and for the files
	// of sequences and steps, that the folder does not have. Nodes that it has and the folder has not are left out.
	Like string
}

// HexSource is a trace in a folder of hex files.
type HexSource struct {
	header  dump.Header
	cells   []*hexCell
	current int // cell
	// sequence is the one whose frames are being read, cell after cell.
	sequence int
	unnamed  []string // files among those of the nodes that the manifest does not name
}

// hexCell reads the files of a cell in step.
type hexCell struct {
	index          int
	cell           *dump.Cell
	sequence, step *columnReader
	nodes          []*columnReader
	saturations    *columnReader
	// all is the number of nodes that a line of saturations counts, kept which of them are read.
	all  int
	kept []int

	order dump.Order
	next  framePosition // of the frame that comes
	row   []int64
	frame dump.Frame
}

type framePosition struct{ sequence, step int }

// noFrame is where no frame is left.
var noFrame = framePosition{-1, -1}

// OpenHex opens a folder of hex files as a trace. A node that the manifest names and that has no file is left out of the
// header. A bench that stopped between two frames yields those that it wrote; files that do not end together are an error.
// Errors name the file and the line.
func OpenHex(dir string, options HexOptions) (*HexSource, error) {
	manifest, err := ReadManifest(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && options.Like != "":
		manifest, err = ReadManifest(options.Like)
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("%w: copy it from the exported folder that the bench loaded, or name that folder", err)
	}
	if err != nil {
		return nil, err
	}
	s := &HexSource{header: dump.Header{Meta: manifest.Meta}}
	for i := range manifest.Cells {
		if err := s.open(dir, options.Like, &manifest.Cells[i]); err != nil {
			return nil, fmt.Errorf("open %s: graph %q: %w", dir, manifest.Cells[i].Graph, err)
		}
	}
	if len(s.cells) == 0 {
		return nil, fmt.Errorf("open %s: it has no file of any node that the manifest names", dir)
	}
	s.unnamed = unnamedFiles(dir, manifest)
	for i, c := range s.cells {
		c.index, c.cell = i, &s.header.Cells[i]
		if err := c.advance(); err != nil {
			return nil, err
		}
	}
	s.sequence = s.first()
	return s, nil
}

// open opens a cell's files. A cell none of whose nodes has one is left out.
func (s *HexSource) open(dir, like string, files *CellFiles) error {
	c := &hexCell{all: len(files.Nodes), next: noFrame}
	described := dump.Cell{Graph: files.Graph, Layer: files.Layer, Backward: files.Backward}
	for i, n := range files.Nodes {
		path := filepath.Join(dir, filepath.FromSlash(n.File))
		if !exists(path) {
			continue
		}
		c.nodes, c.kept = append(c.nodes, newColumnReader(path)), append(c.kept, i)
		described.Nodes = append(described.Nodes, dump.Node{
			Name: n.Name, Label: n.Label, Op: n.Op, Width: n.Width, Bits: n.Bits, Position: n.Position,
		})
	}
	if len(c.nodes) == 0 {
		return nil
	}
	var err error
	if c.sequence, err = openEither(dir, like, files.Sequence); err != nil {
		return err
	}
	if c.step, err = openEither(dir, like, files.Step); err != nil {
		return err
	}
	if path := filepath.Join(dir, filepath.FromSlash(files.Saturations)); files.Saturations != "" && exists(path) {
		c.saturations = newColumnReader(path)
	}
	s.cells = append(s.cells, c)
	s.header.Cells = append(s.header.Cells, described)
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// openEither opens a file of the folder, or that of the folder it is like.
func openEither(dir, like, file string) (*columnReader, error) {
	if file == "" {
		return nil, errors.New("the manifest names no files of sequences and steps, so that its frames cannot be told apart")
	}
	path := filepath.Join(dir, filepath.FromSlash(file))
	if _, err := os.Stat(path); err == nil || like == "" {
		return newColumnReader(path), err
	}
	path = filepath.Join(like, filepath.FromSlash(file))
	_, err := os.Stat(path)
	return newColumnReader(path), err
}

// advance reads which frame comes next.
func (c *hexCell) advance() error {
	sequence, err := c.number(c.sequence)
	if errors.Is(err, io.EOF) {
		c.next = noFrame
		return c.expectEnd()
	}
	if err != nil {
		return err
	}
	step, err := c.number(c.step)
	if errors.Is(err, io.EOF) {
		return c.step.errorf("it ends before the file of sequences does")
	}
	if err != nil {
		return err
	}
	c.next = framePosition{sequence, step}
	if err := c.order.Take(sequence, step); err != nil {
		return c.step.errorf("%w", err)
	}
	return nil
}

func (c *hexCell) number(r *columnReader) (int, error) {
	row, err := r.readRow(c.row[:0], 1, 32)
	if err != nil {
		return 0, err
	}
	if c.row = row; row[0] < 0 {
		return 0, r.errorf("%d is no number of a sequence or a step", row[0])
	}
	return int(row[0]), nil
}

// Notes tells of files that lie among those of the nodes and are not read.
func (s *HexSource) Notes() []string {
	if len(s.unnamed) == 0 {
		return nil
	}
	const most = 4
	shown := strings.Join(s.unnamed[:min(len(s.unnamed), most)], ", ")
	if len(s.unnamed) > most {
		shown += fmt.Sprintf(" and %d more", len(s.unnamed)-most)
	}
	return []string{"files that the manifest does not name are not compared: " + shown}
}

// unnamedFiles finds hex files that lie beside those of the nodes, and that the manifest does not name.
func unnamedFiles(dir string, manifest *Manifest) []string {
	named, folders := map[string]bool{}, map[string]bool{}
	for i := range manifest.Cells {
		c := &manifest.Cells[i]
		for _, n := range c.Nodes {
			named[path.Clean(n.File)], folders[path.Dir(n.File)] = true, true
		}
		for _, file := range []string{c.Sequence, c.Step, c.Saturations} {
			named[path.Clean(file)] = true
		}
		if c.Stimuli != nil {
			named[path.Clean(c.Stimuli.File)] = true
		}
	}
	var unnamed []string
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		entries, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(folder)))
		if err != nil {
			continue // what is wanted of it is missed by who opens it
		}
		for _, entry := range entries {
			if file := path.Join(folder, entry.Name()); strings.HasSuffix(file, ".hex") && !entry.IsDir() && !named[file] {
				unnamed = append(unnamed, file)
			}
		}
	}
	return unnamed
}

// Header describes the cells and nodes that the folder has.
func (s *HexSource) Header() dump.Header { return s.header }

// first is the first sequence of which a frame is left, or -1.
func (s *HexSource) first() int {
	least := math.MaxInt
	for _, c := range s.cells {
		if c.next.sequence >= 0 {
			least = min(least, c.next.sequence)
		}
	}
	if least == math.MaxInt {
		return -1
	}
	return least
}

// Next yields a sequence of each cell, cell after cell, then the next, in the order of sequences that the files have.
func (s *HexSource) Next(f *dump.Frame) error {
	for s.sequence >= 0 {
		for ; s.current < len(s.cells); s.current++ {
			if c := s.cells[s.current]; c.next.sequence == s.sequence {
				if done, err := c.read(f); !done || err != nil {
					return err
				}
				c.next = noFrame
			}
		}
		s.current, s.sequence = 0, s.first()
	}
	return io.EOF
}

// read fills the frame that comes next. Where the bench wrote fewer frames than it was given there is none, and it is done.
func (c *hexCell) read(f *dump.Frame) (done bool, err error) {
	c.frame.Cell, c.frame.Sequence, c.frame.Step = c.index, c.next.sequence, c.next.step
	if c.frame.Fixed == nil {
		c.frame.Fixed = make([][]int16, len(c.nodes))
	}
	for i, r := range c.nodes {
		n := &c.cell.Nodes[i]
		row, err := r.readRow(c.row[:0], n.Width, n.Bits)
		if errors.Is(err, io.EOF) && i == 0 {
			return true, c.expectEnd()
		}
		if errors.Is(err, io.EOF) {
			return false, r.errorf("it ends before sequence %d, step %d, which %s has", c.next.sequence, c.next.step, c.nodes[0].path)
		}
		if err != nil {
			return false, err
		}
		c.row, c.frame.Fixed[i] = row, c.frame.Fixed[i][:0]
		for _, v := range row {
			c.frame.Fixed[i] = append(c.frame.Fixed[i], int16(v))
		}
	}
	if c.saturations != nil {
		row, err := c.saturations.readRow(c.row[:0], c.all, 32)
		if errors.Is(err, io.EOF) {
			return false, c.saturations.errorf("it ends before sequence %d, step %d", c.next.sequence, c.next.step)
		}
		if err != nil {
			return false, err
		}
		c.row, c.frame.Saturations = row, c.frame.Saturations[:0]
		for _, i := range c.kept {
			c.frame.Saturations = append(c.frame.Saturations, int32(row[i]))
		}
	}
	*f = c.frame
	return false, c.advance()
}

// expectEnd holds the files to ending together.
func (c *hexCell) expectEnd() error {
	readers := c.nodes
	if c.saturations != nil {
		readers = append(readers[:len(readers):len(readers)], c.saturations)
	}
	for _, r := range readers {
		switch word, err := r.readWord(); {
		case errors.Is(err, io.EOF):
		case err != nil:
			return err
		default:
			return r.errorf("%q stands behind the last frame", clip(word))
		}
	}
	return nil
}

// Close ends the reading; files are not held open.
func (s *HexSource) Close() error { return nil }
