package suite

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// memoryInterval is how often the memory of a case's processes is added up. The limit of each process alone acts at once.
const memoryInterval = 250 * time.Millisecond

// memoryWatch ends a process group whose processes hold more memory together than they may.
type memoryWatch struct {
	done chan struct{}
	over atomic.Bool
}

// watchMemory begins to watch a process group, where there is a limit in bytes.
func watchMemory(group int, limit int64) *memoryWatch {
	w := &memoryWatch{done: make(chan struct{})}
	if limit <= 0 {
		return w
	}
	go func() {
		ticker := time.NewTicker(memoryInterval)
		defer ticker.Stop()
		for {
			select {
			case <-w.done:
				return
			case <-ticker.C:
			}
			if memoryOfGroup(group) > limit {
				w.over.Store(true)
				_ = syscall.Kill(-group, syscall.SIGKILL) // it may be gone by now
				return
			}
		}
	}()
	return w
}

// stop ends the watch and says whether the group was ended by it.
func (w *memoryWatch) stop() bool {
	close(w.done)
	return w.over.Load()
}

// memoryOfGroup adds up the memory in bytes that the processes of a group do not share with files or others.
func memoryOfGroup(group int) int64 {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	page, total := int64(os.Getpagesize()), int64(0)
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // it has ended
		}
		// The name in brackets, which may hold anything, is followed by state, parent and group.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if len(fields) < 3 || string(fields[2]) != strconv.Itoa(group) {
			continue
		}
		counts, err := os.ReadFile(filepath.Join(filepath.Dir(stat), "statm"))
		if err != nil {
			continue
		}
		// size, resident, shared, all in pages.
		numbers := bytes.Fields(counts)
		if len(numbers) < 3 {
			continue
		}
		resident, err1 := strconv.ParseInt(string(numbers[1]), 10, 64)
		shared, err2 := strconv.ParseInt(string(numbers[2]), 10, 64)
		if err1 == nil && err2 == nil {
			total += (resident - shared) * page
		}
	}
	return total
}
