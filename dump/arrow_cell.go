package dump

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v15/arrow/ipc"
)

// arrowCell writes the file of one cell. Two sets of columns go to and fro: while one is filled, the other is written.
type arrowCell struct {
	path    string
	header  Header
	index   int
	options ArrowOptions
	create  func(path string) (arrowFile, error)

	started     bool
	saturations bool
	filling     *columns
	full, empty chan *columns
	done        chan error // yields the writer's error once, when it has ended
	stop        chan struct{}
	failed      error
}

func newArrowCell(path string, h Header, index int, options ArrowOptions) *arrowCell {
	create := func(path string) (arrowFile, error) { return os.Create(path) }
	return &arrowCell{path: path, header: h, index: index, options: options, create: create}
}

// arrowFile is what a cell is written to. The library asks where it is before each message.
type arrowFile interface {
	io.WriteSeeker
	io.Closer
}

// start opens the file. It waits for the first frame, which tells whether there are saturation counts.
func (c *arrowCell) start(saturations bool) error {
	schema, err := arrowSchema(c.header, c.index, saturations)
	if err != nil {
		return err
	}
	f, err := c.create(c.path)
	if err != nil {
		return err
	}
	options := []ipc.Option{ipc.WithSchema(schema)}
	if c.options.Zstd {
		options = append(options, ipc.WithZstd())
	}
	w, err := ipc.NewFileWriter(f, options...)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	nodes := c.header.Cells[c.index].Nodes
	c.started, c.saturations = true, saturations
	c.full, c.empty = make(chan *columns), make(chan *columns, 1)
	c.done, c.stop = make(chan error, 1), make(chan struct{})
	c.filling = newColumns(nodes, c.options.BatchBytes, saturations)
	c.empty <- newColumns(nodes, c.options.BatchBytes, saturations)
	go func() {
		err := c.writeBatches(func(batch *columns) error { return w.Write(batch.record(schema)) })
		if err == nil {
			err = w.Close()
		}
		c.done <- errors.Join(err, f.Close())
	}()
	return nil
}

// writeBatches hands on full batches until there are no more, or an error.
func (c *arrowCell) writeBatches(write func(*columns) error) error {
	defer close(c.stop)
	for batch := range c.full {
		if err := write(batch); err != nil {
			return err
		}
		batch.rows = 0
		c.empty <- batch
	}
	return nil
}

func (c *arrowCell) write(f *Frame) error {
	if c.failed != nil {
		return c.failed
	}
	if !c.started {
		if err := c.start(f.Saturations != nil); err != nil {
			return err
		}
	}
	if c.saturations != (f.Saturations != nil) {
		return fmt.Errorf("the frame of sequence %d, step %d and the first one differ in whether they have saturation counts", f.Sequence, f.Step)
	}
	if !c.filling.append(f) {
		return nil
	}
	return c.flush()
}

// flush exchanges the full columns for empty ones.
func (c *arrowCell) flush() error {
	select {
	case c.full <- c.filling:
	case <-c.stop:
		return c.end()
	}
	select {
	case c.filling = <-c.empty:
	case <-c.stop:
		return c.end()
	}
	return nil
}

// end waits for the writer and keeps its error.
func (c *arrowCell) end() error {
	if c.done != nil {
		c.failed, c.done = <-c.done, nil
	}
	return c.failed
}

func (c *arrowCell) close() error {
	if c.failed != nil {
		return c.failed
	}
	if !c.started { // a cell without frames has a file without rows
		if err := c.start(false); err != nil {
			return err
		}
	}
	if c.filling.rows > 0 {
		if err := c.flush(); err != nil {
			return err
		}
	}
	close(c.full)
	return c.end()
}

func (c *arrowCell) abort() {
	if c.started && c.done != nil {
		close(c.full)
		_ = c.end() // what was written is removed
	}
}
