//go:build unix

package suite

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lockPatience is how long a lock is waited for. A run that is alive keeps it for longer.
const lockPatience = 3 * time.Second

// lockFile takes a lock that ends with the file, or with the process, however that ends.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the results: %w", err)
	}
	// A run that was killed while it started a process leaves the lock with that for a moment.
	for patience := time.Now().Add(lockPatience); ; time.Sleep(20 * time.Millisecond) {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Now().After(patience) {
			break
		}
	}
	if err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("another run is writing into the folder of %s: wait for it, or name another --results", path)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return file, nil
}
