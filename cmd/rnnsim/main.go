// Command rnnsim quantizes recurrent networks for an FPGA accelerator, simulates them bit for bit, and proves or refutes that
// something else computes the same.
//
// Each command is a file: flags in, one library call, exit code out.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once, as if the first had not been caught.
	context.AfterFunc(ctx, stop)
	collectLater()
	code := run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
