package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
)

// mountSmall puts a file system of the given size at the bench's folder "to". Where that is not permitted the test is skipped; in
// CI it fails, since nothing would be tested.
func mountSmall(t *testing.T, b *writerBench, size string) {
	t.Helper()
	b.fresh()
	to := filepath.Join(b.work, "to")
	if err := syscall.Mount("tmpfs", to, "tmpfs", 0, "size="+size); err != nil {
		needs.Lacking(t, "a small tmpfs, which cannot be mounted (%v): run as root with CAP_SYS_ADMIN", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(to, syscall.MNT_DETACH) }) // it may be unmounted already
}

func remount(t *testing.T, b *writerBench, flags uintptr, size string) {
	t.Helper()
	require.NoError(t, syscall.Mount("tmpfs", filepath.Join(b.work, "to"), "tmpfs", syscall.MS_REMOUNT|flags, "size="+size))
}

// refused runs a command that cannot write, and wants it to say so.
func refused(t *testing.T, b *writerBench, w writer, reason string) {
	t.Helper()
	command := commandIn(b.work, w.args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	require.Error(t, command.Run(), w.name)
	assert.Equal(t, exitFailed, command.ProcessState.ExitCode(), "%s: %s", w.name, &stderr)
	assert.Contains(t, stderr.String(), reason, w.name)
	assert.Contains(t, stderr.String(), "to/", "%s does not name what it could not write", w.name)
	assert.NotContains(t, stderr.String(), "goroutine", w.name)
}

// testFullDisk: on a disk that fills up in the middle there is an error that says so, nothing under a final name that is not whole,
// nothing left that takes up room; and with room the same command succeeds.
func testFullDisk(t *testing.T, b *writerBench) {
	for _, w := range writers() {
		largest := 0
		for _, data := range b.wanted[w.name] {
			largest += len(data)
		}
		sizes := []int{4096} // a page, the least there is
		if half := largest / 2 &^ 4095; half > 4096 && !testing.Short() {
			sizes = append(sizes, half)
		}
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s in %d bytes", w.name, size), func(t *testing.T) {
				mountSmall(t, b, fmt.Sprint(size))
				refused(t, b, w, "no space left on device")
				b.requireWhole(w, w.name)
				if !w.resumes {
					for _, name := range entries(t, filepath.Join(b.work, "to")) {
						assert.False(t, strings.HasSuffix(name, ".tmp"), "%s left %s", w.name, name)
					}
				}
				remount(t, b, 0, "64m")
				b.finish(w, w.name)
				require.NoError(t, syscall.Unmount(filepath.Join(b.work, "to"), 0))
			})
		}
	}
}

// testReadOnly: nothing can be written to the folder.
func testReadOnly(t *testing.T, b *writerBench) {
	mountSmall(t, b, "64m")
	remount(t, b, syscall.MS_RDONLY, "64m")
	for _, w := range writers() {
		refused(t, b, w, "read-only file system")
		assert.Empty(t, entries(t, filepath.Join(b.work, "to")), w.name)
	}
	remount(t, b, 0, "64m")
	for _, w := range writers() {
		b.finish(w, w.name)
		for _, name := range entries(t, filepath.Join(b.work, "to")) {
			require.NoError(t, os.RemoveAll(filepath.Join(b.work, "to", name)))
		}
	}
}
