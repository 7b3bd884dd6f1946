package xmodel

import (
	"fmt"
	"io"
	"os"

	"rnnsim/internal/atomicfile"
)

// maxFileSize is the most that the protobuf encoding can say in one message.
const maxFileSize = 1<<31 - 1

// ReadFile opens an .xmodel file: a quantized cell, a compiled model or any other XIR graph. Errors name the file and the place
// in it.
func ReadFile(path string) (*Graph, error) {
	// Asked before it is opened: opening a named pipe would wait for a writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open an .xmodel: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open %s: it is not a regular file; name an .xmodel file", path)
	}
	if info.Size() > maxFileSize {
		return nil, fmt.Errorf("open %s: %d bytes, an .xmodel has at most %d; is this file something else?", path, info.Size(), maxFileSize)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open an .xmodel: %w", err)
	}
	defer f.Close()
	g, err := parse(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return g, nil
}

// WriteFile validates the graph and writes it to path. The file appears whole or not at all, and a file that was there before
// stays when anything fails.
func WriteFile(path string, g *Graph) error {
	if err := Validate(g); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	data, err := g.Marshal()
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
