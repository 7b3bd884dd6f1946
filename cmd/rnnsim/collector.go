package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// firstCollection is the memory at which the collector runs first. What a short command needs in all is below it.
const firstCollection = 40 << 20

// collectLater lets the collector wait until a command has proved to be a long one: by itself it begins at 4 MB and runs a dozen
// times where nothing needs to be collected, beside the work of two processors. Its first run puts everything back to what is
// usual, so that what a long command needs does not change. Who sets GOGC or GOMEMLIMIT knows better.
func collectLater() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	const usual = 100 // percent
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(firstCollection)
	// Nobody holds the sentinel, so that the first run finds it. It holds a pointer, because objects without one may share memory with
	// others that live on.
	type sentinel struct{ _ *byte }
	runtime.AddCleanup(&sentinel{}, func(percent int) {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, usual)
}
