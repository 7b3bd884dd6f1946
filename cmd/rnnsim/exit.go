package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// The exit codes, which scripts rely on.
const (
	exitSame      = 0   // compared, the same; or done
	exitDiffers   = 1   // compared, differs
	exitUsage     = 2   // bad usage
	exitFailed    = 4   // an input could not be read, an output not written, or nothing was compared
	exitCancelled = 130 // interrupted
)

// errDiffers ends a command whose findings, already printed, say that the compared things differ.
var errDiffers = errors.New("differs")

// errNothingCompared ends a command whose findings, already printed, say that there was nothing to compare.
var errNothingCompared = errors.New("nothing was compared")

// usageError is a mistake on the command line.
type usageError struct{ message string }

func (e usageError) Error() string { return e.message }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// exitCode reports an error to the person and gives the process's exit code.
func exitCode(err error, stderr io.Writer) int {
	var usage usageError
	switch {
	case err == nil:
		return exitSame
	case errors.Is(err, errDiffers):
		return exitDiffers
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "rnnsim: cancelled")
		return exitCancelled
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "rnnsim: %s\n", visible(usage.message))
		return exitUsage
	case errors.Is(err, errNothingCompared):
		return exitFailed
	}
	fmt.Fprintf(stderr, "rnnsim: %s\n", visible(err.Error()))
	return exitFailed
}
