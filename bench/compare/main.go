// Command compare runs rnnsim, ONNX Runtime and PyTorch on the same LSTMs in turn, and prints one table beside the machine's limit.
// bench/run.sh fetches what it needs and starts it.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

// options are the flags.
type options struct {
	shapes, prefix, onnxruntime, workers, python string
	rounds                                       int
	seconds, pause                               float64
	alone                                        bool
}

func main() {
	var o options
	flag.StringVar(&o.shapes, "shapes", "S1 S2 S3 S4 S5 S6 S7", "shapes to measure, with blanks or \"S1/S3\" between")
	flag.IntVar(&o.rounds, "rounds", 9, "rounds in which every program has its turn; ratios are taken within a round")
	flag.Float64Var(&o.seconds, "seconds", 0.3, "seconds of a turn")
	flag.Float64Var(&o.pause, "pause", 0, "seconds between rounds, for the others on a shared machine")
	flag.BoolVar(&o.alone, "alone", false, "leave the other programs out: rnnsim and the limit only")
	flag.StringVar(&o.prefix, "prefix", "", "command in front of every program, such as \"nice -n -10\"")
	flag.StringVar(&o.onnxruntime, "onnxruntime", "", "folder with node_modules/onnxruntime-node")
	flag.StringVar(&o.workers, "workers", ".", "folder with onnxruntime.mjs and torch_lstm.py")
	flag.StringVar(&o.python, "python", "/usr/bin/python3", "Python that has PyTorch")
	flag.Parse()
	err := error(nil)
	if flag.NArg() > 0 && flag.Arg(0) == "worker" {
		err = serve(os.Stdin, os.Stdout, flag.Args()[1:])
	} else {
		err = compareAll(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func compareAll(o options) error {
	if o.rounds < 1 || o.seconds <= 0 || o.pause < 0 {
		return fmt.Errorf("%d rounds of %v seconds with pauses of %v: there must be a round, and its turns must last", o.rounds, o.seconds, o.pause)
	}
	folder, err := os.MkdirTemp("", "rnnsim-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	fmt.Printf("%s, %d rounds of turns of %v s, best run of a turn; load %s\n\n", time.Now().UTC().Format("2006-01-02"), o.rounds, o.seconds, load())
	var tables []measured
	for _, name := range strings.FieldsFunc(o.shapes, func(r rune) bool { return r == ' ' || r == '/' }) {
		m, err := compareShape(o, name, folder)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		tables = append(tables, *m)
	}
	write(os.Stdout, tables)
	fmt.Printf("load at the end %s\n", load())
	return nil
}

// load is the machine's load average, where it can be told.
func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(raw)); err == nil && len(fields) > 3 {
		return strings.Join(fields[:3], " ")
	}
	return "unknown"
}
