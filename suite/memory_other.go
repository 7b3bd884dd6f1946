//go:build !linux

package suite

// memoryWatch does nothing where the memory of a group of processes cannot be told: the limit is that of each process alone.
type memoryWatch struct{}

func watchMemory(int, int64) *memoryWatch { return &memoryWatch{} }

func (*memoryWatch) stop() bool { return false }
