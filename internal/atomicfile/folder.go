package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFolder makes the folder at path from what the function puts into the folder that it is given. That one lies beside the
// final place, is synced to the disk, and takes the final name last, so that a folder that exists is complete. A path that
// exists is refused. On any error nothing is left behind.
func WriteFolder(path string, fill func(dir string) error) (err error) {
	path = filepath.Clean(path)
	if err := refuseExisting(path); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	// MkdirTemp makes private folders; a result is as readable as any other folder.
	if err := os.Chmod(dir, 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := fill(dir); err != nil {
		return err
	}
	if err := syncAll(dir); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := refuseExisting(path); err != nil {
		return err
	}
	if err := os.Rename(dir, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func refuseExisting(path string) error {
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%s exists: name another folder, or remove it: %w", path, fs.ErrExist)
}

func syncAll(root string) error {
	return filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}
