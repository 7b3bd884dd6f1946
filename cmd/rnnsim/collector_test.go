package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The collector's first run puts back what is usual.
func TestCollectLaterEndsWithTheFirstRun(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	percent := debug.SetGCPercent(50)
	limit := debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
	collectLater()
	runtime.GC()
	require.Eventually(t, func() bool { return debug.SetMemoryLimit(-1) == math.MaxInt64 }, 30*time.Second, time.Millisecond)
	assert.Equal(t, 100, debug.SetGCPercent(50))
}

// Who says how the collector is to work is obeyed.
func TestCollectLaterObeysTheEnvironment(t *testing.T) {
	t.Setenv("GOGC", "30")
	percent := debug.SetGCPercent(30)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	collectLater()
	assert.Equal(t, 30, debug.SetGCPercent(30))
}
