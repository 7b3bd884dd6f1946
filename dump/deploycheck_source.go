package dump

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// DeployCheckReadOptions say what is known about a deploy_check folder.
type DeployCheckReadOptions struct {
	// Formats are the cells as the model has them: their order, nodes, bit widths and fix positions. A folder that does not
	// fit is refused. Where it is nil, the formats are derived from the folder: see OpenDeployCheck.
	Formats *Header
}

// DeployCheckSource reads the frames of a deploy_check folder, one at a time: those of the first cell, then those of the next.
// The sequence is always 0.
type DeployCheckSource struct {
	dir    string
	fsys   fs.FS
	header Header
	cells  []cellFolder
	cell   int // of the next frame
	frame  int
	reader pairReader
	nodes  [][]int16
}

// OpenDeployCheck opens a deploy_check folder of either style: one with the folders of the cells in it, a quantize_result
// folder that has such a deploy_check_data_int, or the folder of one cell. That all frames and files are there is checked at
// once; the values are as they are read. The errors name the file, the line and the remedy.
//
// The fix position of a node follows from its pairs of integer and real number, and is looked for in all frames until it is
// found. A node that is zero throughout takes position 15 if it is a table's output, else that of h_next, which is the rule by
// which the tool aligns them, else 12. An 8-bit matmul input has no real numbers; its position is that at which it and the
// node that the matmul reads fit together. Activations and biases have 16 bits; weights have 8 where there are 8-bit matmul inputs, else 16.
func OpenDeployCheck(dir string, options DeployCheckReadOptions) (*DeployCheckSource, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("it is no folder")
	}
	if err != nil {
		return nil, fmt.Errorf("open the deploy_check folder %s: %w", dir, err)
	}
	only := ""
	if isDir(filepath.Join(dir, dumpFolder)) {
		dir = filepath.Join(dir, dumpFolder)
	} else if isDir(filepath.Join(dir, framePrefix+"0")) {
		if dir, err = filepath.Abs(dir); err != nil {
			return nil, err
		}
		dir, only = filepath.Dir(dir), filepath.Base(dir)
	}
	return openDeployCheck(os.DirFS(dir), dir, only, options)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// openDeployCheck opens the dump that lies in fsys; dir names it in messages. only is the one cell that is wanted, or empty.
func openDeployCheck(fsys fs.FS, dir, only string, options DeployCheckReadOptions) (*DeployCheckSource, error) {
	s := &DeployCheckSource{dir: dir, fsys: fsys, header: Header{Meta: map[string]string{"rnnsim.origin": "deploy_check"}}}
	if err := s.open(only, options); err != nil {
		return nil, fmt.Errorf("open the deploy_check folder %s: %w", dir, err)
	}
	return s, nil
}

func (s *DeployCheckSource) open(only string, options DeployCheckReadOptions) error {
	if only != "" {
		s.cells = []cellFolder{newCellFolder(only)}
	} else {
		var err error
		if s.cells, err = findCells(s.fsys); err != nil {
			return err
		}
	}
	for i := range s.cells {
		if err := s.cells[i].readLayout(s.fsys); err != nil {
			return err
		}
	}
	if options.Formats != nil {
		if err := s.takeFormats(*options.Formats, only == ""); err != nil {
			return err
		}
	}
	for i := range s.cells {
		c := &s.cells[i]
		if options.Formats == nil {
			if err := c.deriveFormats(s.fsys, &s.reader); err != nil {
				return err
			}
		}
		if err := c.readParams(s.fsys, &s.reader); err != nil {
			return err
		}
		cell := c.cell
		if c.graph != "" {
			cell.Graph = c.graph
		}
		s.header.Cells = append(s.header.Cells, cell)
	}
	return checkHeader(s.header)
}

// Again gives a source of the same frames from the first on. The folder's layout and parameters are not looked at again.
func (s *DeployCheckSource) Again() *DeployCheckSource {
	return &DeployCheckSource{dir: s.dir, fsys: s.fsys, header: s.header, cells: s.cells}
}

// Header describes the cells.
func (s *DeployCheckSource) Header() Header { return s.header }

// Style tells which tool's layout the folder has.
func (s *DeployCheckSource) Style() Style { return s.cells[0].style }

// Next reads the next frame.
func (s *DeployCheckSource) Next(f *Frame) error {
	for s.cell < len(s.cells) && s.frame >= s.cells[s.cell].frames {
		s.cell, s.frame, s.nodes = s.cell+1, 0, nil
	}
	if s.cell >= len(s.cells) {
		return io.EOF
	}
	c := &s.cells[s.cell]
	f.Cell, f.Sequence, f.Step = s.cell, 0, s.frame+c.style.firstStep()
	f.resize(c.cell.Nodes)
	if s.nodes == nil {
		s.nodes = make([][]int16, len(c.cell.Nodes))
	}
	for i, node := range c.cell.Nodes {
		var err error
		if s.nodes[i], err = c.readNode(s.fsys, s.frame, node, s.nodes[i], &s.reader); err != nil {
			return fmt.Errorf("read the deploy_check folder %s: %w", s.dir, err)
		}
		f.Fixed[i] = s.nodes[i]
	}
	s.frame++
	return nil
}

// Close has nothing to do: no file is open between two frames.
func (s *DeployCheckSource) Close() error { return nil }
