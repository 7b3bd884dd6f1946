package dump

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// cellFolder is one cell's folder of a dump: what it holds, without the values.
type cellFolder struct {
	cell   Cell
	dir    string // in the dump
	frames int
	style  Style
	// graph is the name that the model has for the cell where the folder has another, which its files carry.
	graph string
}

// errors of the reader end in this remedy.
const dumpAgain = "dump it again, or leave the folder out of the verification"

// findCells finds the folders of the cells, in execution order as far as their names tell it.
func findCells(fsys fs.FS) ([]cellFolder, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var cells []cellFolder
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			cells = append(cells, newCellFolder(entry.Name()))
		}
	}
	if len(cells) == 0 {
		return nil, fmt.Errorf("it has no folder of a cell: %s", dumpAgain)
	}
	slices.SortStableFunc(cells, func(a, b cellFolder) int {
		return cmp.Or(strings.Compare(a.scope(), b.scope()), cmp.Compare(a.cell.Layer, b.cell.Layer),
			cmp.Compare(btoi(a.cell.Backward), btoi(b.cell.Backward)), strings.Compare(a.dir, b.dir))
	})
	return cells, nil
}

func newCellFolder(name string) cellFolder {
	c := cellFolder{dir: name, cell: Cell{Graph: name}}
	if m := graphName.FindStringSubmatch(name); m != nil {
		c.cell.Layer, _ = strconv.Atoi(m[2])
		c.cell.Backward = m[3] == direction(true)
	} else if number, ok := strings.CutPrefix(name, tensorFlowCell); ok {
		if n, err := strconv.Atoi(number); err == nil {
			c.style, c.cell.Layer = TensorFlow, n
		}
	}
	return c
}

// scope is the module that a cell belongs to.
func (c cellFolder) scope() string {
	if m := graphName.FindStringSubmatch(c.dir); m != nil {
		return m[1]
	}
	return ""
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (c *cellFolder) frameDir(k int) string { return path.Join(c.dir, framePrefix+strconv.Itoa(k)) }

// readLayout finds out the frames and the nodes, and that each frame has all of its files.
func (c *cellFolder) readLayout(fsys fs.FS) error {
	if err := c.countFrames(fsys); err != nil {
		return err
	}
	first, err := fs.ReadFile(fsys, path.Join(c.frameDir(0), shapeFile))
	if err != nil {
		return fmt.Errorf("%w: %s", err, dumpAgain)
	}
	if err := c.readShapes(first); err != nil {
		return fmt.Errorf("%s: %w", path.Join(c.frameDir(0), shapeFile), err)
	}
	for k := range c.frames {
		if err := c.checkFrame(fsys, k, first); err != nil {
			return err
		}
	}
	return nil
}

// countFrames finds frame_0, frame_1, … without a gap.
func (c *cellFolder) countFrames(fsys fs.FS) error {
	entries, err := fs.ReadDir(fsys, c.dir)
	if err != nil {
		return err
	}
	var numbers []int
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		k, err := frameNumber(entry.Name())
		if err != nil {
			return fmt.Errorf("%s: %w: remove it", c.dir, err)
		}
		numbers = append(numbers, k)
	}
	slices.Sort(numbers)
	for want, k := range numbers {
		if k != want {
			return fmt.Errorf("%s is missing, though %s is there: %s", c.frameDir(want), c.frameDir(k), dumpAgain)
		}
	}
	if c.frames = len(numbers); c.frames == 0 {
		return fmt.Errorf("%s has no frames: %s", c.dir, dumpAgain)
	}
	return nil
}

// readShapes reads the nodes from a shape.txt: "(1, 16): <graph>::<node>" a line. Only the first row of a batch is dumped.
func (c *cellFolder) readShapes(text []byte) error {
	return lines(text, func(_ int, line []byte) error {
		shape, name, ok := strings.Cut(string(line), "): ")
		dims := strings.Split(strings.TrimPrefix(shape, "("), ",")
		width, err := strconv.Atoi(strings.TrimSpace(dims[len(dims)-1]))
		if !ok || !strings.HasPrefix(shape, "(") || len(dims) != 2 || err != nil || width < 1 {
			return fmt.Errorf("%.80q is not like \"(1, 16): <graph>::<node>\"", line)
		}
		graph, label, ok := strings.Cut(name, "::")
		if !ok || graph != c.cell.Graph {
			return fmt.Errorf("%.80q is no node of graph %q", name, c.cell.Graph)
		}
		c.cell.Nodes = append(c.cell.Nodes, Node{Name: fileStem(label), Label: label, Width: width})
		return nil
	})
}
