package suite

import (
	"sync/atomic"
	"time"

	"rnnsim/internal/contain"
)

// memoryInterval is how often the memory of a case's processes is added up. The limit of each process alone acts at once.
const memoryInterval = 250 * time.Millisecond

// memoryWatch ends a process that holds more memory, together with all that it has started, than it may.
type memoryWatch struct {
	done chan struct{}
	over atomic.Bool
}

// watchMemory begins to watch a process, where there is a limit in bytes.
func watchMemory(process *contain.Process, limit int64) *memoryWatch {
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
			if process.Memory() > limit {
				w.over.Store(true)
				_ = process.Kill() // it may be gone by now
				return
			}
		}
	}()
	return w
}

// stop ends the watch and says whether the process was ended by it.
func (w *memoryWatch) stop() bool {
	close(w.done)
	return w.over.Load()
}
