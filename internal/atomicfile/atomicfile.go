// Package atomicfile writes files that are either whole or not there. It is a leaf: it imports nothing of the project.
package atomicfile

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write makes the file at path from what the function writes. The bytes go to a temporary name in the same folder, are synced
// to the disk, and take the final name last, so that a file that exists is complete. On any error nothing is left behind and
// a file that was there before is untouched.
func Write(path string, write func(io.Writer) error) error {
	p, err := Prepare(path, write)
	if err != nil {
		return err
	}
	return p.Publish()
}

// Prepared is a file that is written, under a temporary name.
type Prepared struct{ temporary, path string }

// Prepare does all of Write but the last step, for files that are to appear together with others. On any error nothing is left
// behind.
func Prepare(path string, write func(io.Writer) error) (p *Prepared, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	buffered := bufio.NewWriterSize(file, 1<<16)
	if err := write(buffered); err != nil {
		return nil, err
	}
	if err := buffered.Flush(); err != nil {
		return nil, err
	}
	// CreateTemp makes private files; a result is as readable as any other file.
	if err := file.Chmod(0o644); err != nil {
		return nil, err
	}
	if err := file.Sync(); err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	return &Prepared{temporary: file.Name(), path: path}, nil
}

// Publish gives the file its name. Where that fails nothing is left of it.
func (p *Prepared) Publish() error {
	if err := os.Rename(p.temporary, p.path); err != nil {
		_ = os.Remove(p.temporary)
		return fmt.Errorf("write %s: %w", p.path, err)
	}
	return nil
}

// Discard removes the file.
func (p *Prepared) Discard() error { return os.Remove(p.temporary) }
