package export

import (
	"errors"
	"os"
	"path/filepath"
)

// A trace has a file a node. Files are opened for each block of bytes only, so that the number of nodes is not bounded by
// that of the files that a process may hold open.
const columnBlock = 1 << 15

// columnWriter writes lines of words to a new file.
type columnWriter struct {
	path string
	bits int
	text []byte
}

func newColumnWriter(path string, bits int) (*columnWriter, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &columnWriter{path: path, bits: bits}, f.Close()
}

// writeRow writes the values as one line.
func writeRow[T int16 | int32 | int64](c *columnWriter, values []T) error {
	for i, v := range values {
		if i > 0 {
			c.text = append(c.text, ' ')
		}
		c.text = appendWord(c.text, int64(v), c.bits)
	}
	c.text = append(c.text, '\n')
	if len(c.text) >= columnBlock {
		return c.flush()
	}
	return nil
}

func (c *columnWriter) flush() error {
	f, err := os.OpenFile(c.path, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(c.text)
	c.text = c.text[:0]
	return errors.Join(err, f.Close())
}
