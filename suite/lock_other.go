//go:build !unix

package suite

import (
	"fmt"
	"os"
)

// lockFile only opens the file where there are no locks: two runs at once are then up to the caller to avoid.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the results: %w", err)
	}
	return file, nil
}
