package main

import (
	"errors"
	"math"
	"os/exec"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"rnnsim/internal/npy"
	"rnnsim/xmodel"
)

// exits runs rnnsim and wants an exit code: "exits 2 rnnsim verify". Output goes where a script's stdout and stderr commands
// look for it.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[1] != "rnnsim" {
		ts.Fatalf("usage: exits CODE rnnsim ARGUMENTS")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("run rnnsim: %v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// writeNpy writes a .npy file: "npy FILE 1x2x3 0 1 2 nan 4 5"; fewer values than the shape wants are repeated.
func writeNpy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: npy FILE SHAPE VALUES")
	}
	var shape []int
	size := 1
	for part := range strings.SplitSeq(args[1], "x") {
		n, err := strconv.Atoi(part)
		ts.Check(err)
		shape = append(shape, n)
		size *= n
	}
	values := make([]float32, size)
	for i := range values {
		v, err := strconv.ParseFloat(args[2+i%(len(args)-2)], 64)
		ts.Check(err)
		values[i] = float32(v)
		if math.IsNaN(v) {
			values[i] = float32(math.NaN())
		}
	}
	array, err := npy.New(values, shape...)
	ts.Check(err)
	ts.Check(npy.WriteFile(ts.MkAbs(args[0]), array))
}

// limited runs rnnsim where no file can grow beyond so many KiB, as on a disk that fills up, and wants exit code 4.
func limited(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: limited KIB rnnsim ARGUMENTS")
	}
	line := append([]string{"-c", `ulimit -f "$0" && exec "$@"`}, args...)
	err := ts.Exec("bash", line...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
		ts.Fatalf("got %v, want exit code %d", err, exitFailed)
	}
}

// flipWeight writes a copy of a compiled model with one bit of its weights flipped: "flipweight BYTE FROM TO".
func flipWeight(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: flipweight BYTE FROM TO")
	}
	at, err := strconv.Atoi(args[0])
	ts.Check(err)
	compiled, err := xmodel.ReadCompiled(ts.MkAbs(args[1]))
	ts.Check(err)
	compiled.Weights[at] ^= 1
	ts.Check(xmodel.WriteCompiled(ts.MkAbs(args[2]), compiled))
}
