package export

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// columnReader reads a file of words one after another. Lines, spaces and comments part words and mean nothing else.
type columnReader struct {
	path string
	text *bufio.Reader
	line int
	word []byte
}

func newColumnReader(path string) *columnReader {
	return &columnReader{path: path, text: bufio.NewReaderSize(&blockReader{path: path}, columnBlock), line: 1}
}

// blockReader reads a file that is open only while it is read.
type blockReader struct {
	path   string
	offset int64
}

func (r *blockReader) Read(block []byte) (int, error) {
	f, err := os.Open(r.path)
	if err != nil {
		return 0, err
	}
	n, err := f.ReadAt(block, r.offset)
	r.offset += int64(n)
	if n > 0 {
		err = nil
	}
	return n, errors.Join(err, f.Close())
}

func (c *columnReader) errorf(format string, arguments ...any) error {
	return fmt.Errorf("%s, line %d: %w", c.path, c.line, fmt.Errorf(format, arguments...))
}

// readWord gives the next word, valid until the following call, or io.EOF.
func (c *columnReader) readWord() ([]byte, error) {
	const longest = 64
	c.word = c.word[:0]
	for {
		b, err := c.text.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && len(c.word) > 0:
			return c.word, nil
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, err
		case b == ' ' || b == '\t' || b == '\r' || b == '\n':
			if len(c.word) > 0 {
				return c.word, c.text.UnreadByte() // a line is counted once what stands before its end was read
			}
			if b == '\n' {
				c.line++
			}
		case b == '/':
			if err := c.skipComment(); err != nil {
				return nil, err
			}
			if len(c.word) > 0 {
				return c.word, nil
			}
		case b == '@':
			return nil, c.errorf("an address: the values of a trace stand one after another")
		default:
			if c.word = append(c.word, b); len(c.word) > longest {
				return nil, c.errorf("%q is no hexadecimal word", clip(c.word))
			}
		}
	}
}

// skipComment skips the rest of a comment, whose first slash was read, up to the end of its line.
func (c *columnReader) skipComment() error {
	b, err := c.text.ReadByte()
	if err != nil || b != '/' {
		return c.errorf("a slash that begins no comment")
	}
	for {
		b, err := c.text.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if b == '\n' {
			return c.text.UnreadByte()
		}
	}
}

// readRow appends a number of values. At the end of the file it gives io.EOF; where the file ends within the row, an error.
func (c *columnReader) readRow(row []int64, width, bits int) ([]int64, error) {
	for i := range width {
		word, err := c.readWord()
		if errors.Is(err, io.EOF) && i > 0 {
			return nil, c.errorf("it ends after %d of the %d values of a frame: it was cut off, or the width is another", i, width)
		}
		if err != nil {
			return nil, err
		}
		v, err := parseWord(word, bits)
		if err != nil {
			return nil, c.errorf("%w", err)
		}
		row = append(row, v)
	}
	return row, nil
}
