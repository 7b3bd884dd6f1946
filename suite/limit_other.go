//go:build !unix

package suite

import "runtime/debug"

// limitMemory can only make the collector work harder where there is no limit on a process's data.
func limitMemory(limit int64) error {
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	return nil
}
