//go:build unix

package suite

import (
	"fmt"
	"runtime/debug"
	"syscall"
)

// limitMemory makes this process, and those that it starts, fail where they want more than so many bytes of data.
func limitMemory(limit int64) error {
	if limit <= 0 {
		return nil
	}
	// The collector works harder before the limit is reached. The address space itself is no measure: Go reserves far more of it
	// than it uses.
	debug.SetMemoryLimit(limit - limit/8)
	rlimit := syscall.Rlimit{Cur: uint64(limit), Max: uint64(limit)}
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &rlimit); err != nil {
		return fmt.Errorf("limit the memory to %d bytes: %w", limit, err)
	}
	return nil
}
