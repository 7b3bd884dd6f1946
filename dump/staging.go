package dump

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// staging is a folder that is being written beside the place where it will appear, whole, when published.
type staging struct {
	*partial
	target  string // where it appears
	replace bool
	scratch bool // need not survive a crash
}

// newStaging makes the folder to write in. A target that exists is refused, unless replace is set and it holds nothing but
// what this package writes: a mistyped folder must not cost a user their files.
func newStaging(target string, replace bool) (*staging, error) {
	target = filepath.Clean(target)
	s := &staging{target: target, replace: replace}
	if err := s.checkTarget(); err != nil {
		return nil, err
	}
	var err error
	s.partial, err = newPartial(target)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *staging) checkTarget() error {
	_, err := os.Lstat(s.target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !s.replace:
		return fmt.Errorf("%s exists: name another folder, or say that it may be replaced: %w", s.target, fs.ErrExist)
	}
	if err := onlyTraces(s.target); err != nil {
		return fmt.Errorf("replace %s: it holds more than a trace: remove it yourself: %w", s.target, err)
	}
	return nil
}

// onlyTraces says what in a folder is not the work of this package's sinks.
func onlyTraces(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if entry.Type().IsRegular() && strings.HasSuffix(path, arrowSuffix) {
			continue
		}
		if !entry.IsDir() {
			return fmt.Errorf("%s is no file of a trace", path)
		}
		if entry.Name() == paramsFolder {
			if err := onlyTraces(path); err != nil {
				return err
			}
			continue
		}
		if err := onlyFrames(path); err != nil {
			return err
		}
	}
	return nil
}

func onlyFrames(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, err := frameNumber(entry.Name()); err != nil || !entry.IsDir() {
			return fmt.Errorf("%s is no frame of a trace", filepath.Join(dir, entry.Name()))
		}
	}
	return nil
}

// publish makes the folder's content durable and lets it appear. After an error nothing is left of it.
func (s *staging) publish() error {
	err := s.move()
	if err != nil {
		err = errors.Join(fmt.Errorf("write %s: %w", s.target, err), s.discard())
	}
	return err
}

func (s *staging) move() error {
	if durable && !s.scratch {
		if err := syncTree(s.path); err != nil {
			return err
		}
	}
	if err := s.checkTarget(); err != nil {
		return err
	}
	old, replaced := s.path+".old", false
	if s.replace {
		err := os.Rename(s.target, old)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		replaced = err == nil
	}
	if err := os.Rename(s.path, s.target); err != nil {
		if replaced {
			return errors.Join(err, os.Rename(old, s.target))
		}
		return err
	}
	if durable && !s.scratch {
		if err := syncPath(filepath.Dir(s.target)); err != nil {
			return err
		}
	}
	if replaced {
		return os.RemoveAll(old)
	}
	return nil
}

// durable is false in tests that write many folders: they need not survive a crash.
var durable = true

// manyFiles is the number of files from which on it is cheaper to make the whole file system durable than file by file, each of
// which costs a commit of its journal. A deploy_check folder has a hundred files a frame.
const manyFiles = 64

// syncTree makes all files and folders under a path durable.
func syncTree(root string) error {
	var paths []string
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		paths = append(paths, path)
		return err
	})
	if err != nil {
		return err
	}
	if len(paths) > manyFiles {
		if done, err := syncFileSystem(root); done || err != nil {
			return err
		}
	}
	for _, path := range paths {
		if err := syncPath(path); err != nil {
			return err
		}
	}
	return nil
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
