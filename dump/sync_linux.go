package dump

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem makes all of the file system durable that a path lies in.
func syncFileSystem(path string) (done bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	return true, errors.Join(os.NewSyscallError("syncfs", unix.Syncfs(int(f.Fd()))), f.Close())
}
