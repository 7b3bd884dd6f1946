//go:build !linux

package suite

import "rnnsim/internal/contain"

// memoryWatch does nothing where the memory of processes together cannot be told: the limit is that of each process alone.
type memoryWatch struct{}

func watchMemory(*contain.Process, int64) *memoryWatch { return &memoryWatch{} }

func (*memoryWatch) stop() bool { return false }
