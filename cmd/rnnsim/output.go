package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"
)

// refuseExisting fails early, before any work is done, where an output exists already and --force is not given. The writers
// check again when they put their result in place.
func refuseExisting(c *cli.Context, path string) error {
	if path == "" || c.Bool("force") {
		return nil
	}
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return fmt.Errorf("write %s: it exists; give --force to replace it, or name another place", path)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return fmt.Errorf("write %s: %w", path, err)
}

// wantParent fails early where the folder that an output goes into is not there.
func wantParent(path string) error {
	if path == "" {
		return nil
	}
	parent := filepath.Dir(path)
	info, err := os.Stat(parent)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("write %s: the folder %s does not exist; make it, or name another place", path, parent)
	case err != nil:
		return fmt.Errorf("write %s: %w", path, err)
	case !info.IsDir():
		return fmt.Errorf("write %s: %s is not a folder; name another place", path, parent)
	}
	return nil
}
