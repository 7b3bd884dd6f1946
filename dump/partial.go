package dump

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// partial is a folder beside the place of something that is being written.
type partial struct {
	path string
	made string // the topmost folder that had to be made around it, or empty
}

// newPartial makes the folder, and those around it.
func newPartial(target string) (*partial, error) {
	parent := filepath.Dir(target)
	p := &partial{made: missingFolder(parent)}
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, fmt.Errorf("make the folder of %s: %w", target, err)
	}
	for {
		p.path = filepath.Join(parent, fmt.Sprintf(".%s.partial-%08x", filepath.Base(target), rand.Uint32()))
		err := os.Mkdir(p.path, 0o777)
		if err == nil {
			return p, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("make a folder to write %s in: %w", target, err)
		}
	}
}

// missingFolder gives the topmost folder of a path that does not exist, or "".
func missingFolder(path string) string {
	missing := ""
	for {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return missing
		}
		missing, path = path, filepath.Dir(path)
	}
}

// discard removes the folder and the ones that were made around it, as far as nothing else is in them.
func (p *partial) discard() error {
	err := os.RemoveAll(p.path)
	for dir := filepath.Dir(p.path); err == nil && p.made != ""; dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil || dir == p.made { // not empty: it is in use
			break
		}
	}
	return err
}
