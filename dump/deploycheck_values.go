package dump

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// pairReader reads pairs of files; it keeps the memory for the next pair.
type pairReader struct {
	reals    []float64
	expected []byte
}

// readNode reads the integers of a node in a frame, and holds them against the real numbers beside them.
func (c *cellFolder) readNode(fsys fs.FS, frame int, node Node, values []int16, r *pairReader) ([]int16, error) {
	stem := path.Join(c.frameDir(frame), nodeStem(c.cell.Graph, node.Name))
	if isPreFix(node.Name) {
		return readIntegers(fsys, stem+textSuffix, values, node.Width)
	}
	values, err := readIntegers(fsys, stem+fixSuffix, values, node.Width)
	if err != nil {
		return nil, err
	}
	return values, r.check(fsys, stem, values, node.Position)
}

// check holds the integers of a file against the real numbers in the file beside it. Mostly that is, byte for byte, the text of
// the integers at their position; its numbers are read only where it is not.
func (r *pairReader) check(fsys fs.FS, stem string, values []int16, position int) error {
	name := stem + textSuffix
	text, err := readText(fsys, name, len(values))
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, dumpAgain)
	}
	r.expected = appendReals(r.expected[:0], values, position)
	if bytes.Equal(bytes.TrimSuffix(text, []byte{'\n'}), r.expected) {
		return nil
	}
	if r.reals, err = parseReals(r.reals, text, len(values)); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, dumpAgain)
	}
	return checkPairs(stem, values, r.reals, position)
}

// checkPairs holds the integers of a file against the real numbers beside them.
func checkPairs(stem string, values []int16, reals []float64, position int) error {
	for i, q := range values {
		if !agree(reals[i], q, position) {
			return fmt.Errorf("%s: line %d: %d at fix position %d is %s, and %s says %g: the files are of different runs, or of another model: %s",
				stem+fixSuffix, i+1, q, position, appendReal(nil, q, position), path.Base(stem+textSuffix), reals[i], dumpAgain)
		}
	}
	return nil
}

func readIntegers(fsys fs.FS, name string, values []int16, width int) ([]int16, error) {
	text, err := readText(fsys, name, width)
	if err == nil {
		values, err = parseIntegers(values, text, width)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, dumpAgain)
	}
	return values, nil
}

func readReals(fsys fs.FS, name string, values []float64, width int) ([]float64, error) {
	text, err := readText(fsys, name, width)
	if err == nil {
		values, err = parseReals(values, text, width)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, dumpAgain)
	}
	return values, nil
}

// readText reads a file, unless it is larger than any file of so many values.
func readText(fsys fs.FS, name string, width int) (text []byte, err error) {
	const longestLine = 64 // a number of 12 characters, with plenty of room for another tool's habits
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is no regular file")
	}
	if width >= 0 && info.Size()/longestLine > int64(width) {
		return nil, fmt.Errorf("it has %d bytes, too many for %d values", info.Size(), width)
	}
	text = make([]byte, info.Size())
	_, err = io.ReadFull(file, text)
	return text, err
}

// readParams reads the parameters from frame_0. The formats of those that have no bit width yet are derived.
func (c *cellFolder) readParams(fsys fs.FS, r *pairReader) error {
	weightBits := 16
	widths := map[string]int{}
	for _, node := range c.cell.Nodes {
		widths[node.Name] = node.Width
		if isPreFix(node.Name) {
			weightBits = 8
		}
	}
	for i := range c.cell.Params {
		p := &c.cell.Params[i]
		stem := path.Join(c.frameDir(0), fileStem(p.Label))
		var err error
		if p.Values, err = readIntegers(fsys, stem+fixSuffix, nil, -1); err != nil {
			return err
		}
		if p.Bits == 0 {
			if r.reals, err = readReals(fsys, stem+textSuffix, r.reals, len(p.Values)); err != nil {
				return err
			}
			position, known, err := derivePosition(stem, p.Values, r.reals)
			if err != nil {
				return err
			}
			if !known {
				position = widest
			}
			p.Position, p.Bits = position, 16
			if strings.HasPrefix(p.Name, "weight") {
				p.Bits = weightBits
			}
		}
		if err := r.check(fsys, stem, p.Values, p.Position); err != nil {
			return err
		}
		if p.Shape == nil {
			p.Shape = paramShape(p.Name, len(p.Values), widths)
		}
		if n := elements(p.Shape); n != len(p.Values) || n == 0 {
			return fmt.Errorf("%s: it has %d values, and the parameter's shape is %v: %s", stem+fixSuffix, len(p.Values), p.Shape, dumpAgain)
		}
	}
	return nil
}

// paramShape is the shape of a weight by its name: [units, values of the node that it multiplies]; one row where that does not
// fit.
func paramShape(name string, n int, widths map[string]int) []int {
	columns := 0
	switch {
	case strings.HasPrefix(name, "weight_i"):
		columns = widths["input_0"]
	case strings.HasPrefix(name, "weight_h"):
		columns = widths["input_1"]
	}
	if columns > 0 && n%columns == 0 {
		return []int{n / columns, columns}
	}
	return []int{n}
}
