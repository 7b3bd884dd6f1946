package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"rnnsim/bench"
)

// contender is a column of the table: a program with a model, at a number of threads.
type contender struct {
	name    string
	threads int // 0 for a limit
	worker  *worker
	rates   []float64 // a round
}

// measured is the rounds of a shape.
type measured struct {
	name       string
	contenders []*contender
	notes      []string
}

func (m *measured) note(format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf(format, args...))
}

// column gives the rates of a contender; nil where it is missing.
func (m *measured) column(name string, threads int) []float64 {
	for _, c := range m.contenders {
		if c.name == name && c.threads == threads {
			return c.rates
		}
	}
	return nil
}

// files are what the other programs read.
type files struct{ float, int8, weights, x, out string }

func compareShape(o options, name, folder string) (*measured, error) {
	shape, err := bench.ParseShape(name)
	if err != nil {
		return nil, err
	}
	m := &measured{name: name}
	own, err := bench.NewWorkload(bench.Config{Shape: shape, WeightBits: 16})
	if err != nil {
		return nil, err
	}
	want, err := reference(own)
	if err != nil {
		return nil, err
	}
	f, err := writeFiles(folder, shape, own)
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, c := range m.contenders {
			c.worker.stop()
		}
	}()
	if err := m.startOwn(o, name, shape, want); err != nil {
		return nil, err
	}
	if !o.alone {
		if err := m.startOthers(o, shape, f, want); err != nil {
			return nil, err
		}
	}
	return m, m.rounds(o)
}

func writeFiles(folder string, s bench.Shape, w *bench.Workload) (files, error) {
	at := func(name string) string { return filepath.Join(folder, name) }
	f := files{at("float.onnx"), at("int8.onnx"), at("weights.bin"), at("x.bin"), at("y.bin")}
	var weights []byte
	for _, l := range w.Layers() {
		for _, part := range [][]int16{l.X, l.H, l.Bias} {
			weights = append(weights, floats(part, bench.Position)...)
		}
	}
	var x []int16 // timestep by timestep
	for step := range s.Steps {
		for _, sequence := range w.Sequences() {
			x = append(x, sequence.Fixed[step*s.Inputs:][:s.Inputs]...)
		}
	}
	for path, content := range map[string][]byte{
		f.float: writeONNX(s, w.Layers(), false), f.int8: writeONNX(s, w.Layers(), true), f.weights: weights, f.x: floats(x, bench.Position),
	} {
		if err := os.WriteFile(path, content, 0o666); err != nil {
			return f, err
		}
	}
	return f, nil
}

// Names of the columns.
const (
	rnnsim8   = "rnnsim 8"
	rnnsim16  = "rnnsim 16"
	avx2of8   = "rnnsim 8 AVX2"
	avx2of16  = "rnnsim 16 AVX2"
	limit8    = "limit 8"
	limit16   = "limit 16"
	ortFloat  = "ORT float"
	ortInt8   = "ORT int8"
	torchName = "PyTorch"
)

// onlyAVX2 is the environment in which rnnsim leaves AVX-512 alone.
const onlyAVX2 = "RNNSIM_KERNEL=avx2"

func (m *measured) startOwn(o options, name string, s bench.Shape, want []float64) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	for _, columns := range []struct {
		bits              int
		best, avx2, limit string
	}{{8, rnnsim8, avx2of8, limit8}, {16, rnnsim16, avx2of16, limit16}} {
		w, err := bench.NewWorkload(bench.Config{Shape: s, WeightBits: columns.bits})
		if err != nil {
			return err
		}
		largest, checksum, err := ownError(w, want)
		if err != nil {
			return err
		}
		bits := strconv.Itoa(columns.bits)
		start := func(column string, threads int, kernel, argument string, environment ...string) error {
			started, err := startWorker(o.command(), []string{program, "worker", name, bits, argument}, environment...)
			if err != nil {
				return err
			}
			m.contenders = append(m.contenders, &contender{name: column, threads: threads, worker: started})
			if want := kernel + " " + checksum; threads > 0 && started.version != want {
				return fmt.Errorf("%s with %d threads gives %q, and here %q", column, threads, started.version, want)
			}
			return nil
		}
		for _, threads := range []int{1, 2} {
			if err := start(columns.best, threads, w.Kernels(), strconv.Itoa(threads)); err != nil {
				return err
			}
		}
		kernels := w.Kernels()
		if kernels == "avx512vnni" { // its twin has columns of its own
			kernels += " and avx2"
			if err := start(columns.avx2, 1, "avx2", "1", onlyAVX2); err != nil {
				return err
			}
		}
		if err := start(columns.limit, 0, "", "roofline"); err != nil {
			return err
		}
		m.note("%s: largest error %.1e; checksum %.16s, the same with 1 and 2 threads, by %s", columns.best, largest, checksum, kernels)
	}
	return nil
}

// startOthers starts what is there, and notes what is not. A result that is far from the reference ends the comparison.
func (m *measured) startOthers(o options, s bench.Shape, f files, want []float64) error {
	size := []string{f.x, strconv.Itoa(s.Steps), strconv.Itoa(s.Batch), strconv.Itoa(s.Inputs), f.out}
	var units []string
	for _, h := range s.Hidden {
		units = append(units, strconv.Itoa(h))
	}
	node, torch := filepath.Join(o.workers, "onnxruntime.mjs"), filepath.Join(o.workers, "torch_lstm.py")
	for _, program := range []struct {
		name      string
		command   []string
		after     []string
		tolerance float64
	}{
		{ortFloat, []string{"node", node, f.float}, nil, 1e-4},
		{ortInt8, []string{"node", node, f.int8}, nil, math.Inf(1)}, // shown, not judged
		{torchName, []string{o.python, torch, f.weights}, units, 1e-4},
	} {
		for _, threads := range []int{1, 2} {
			arguments := append(append(append(program.command, strconv.Itoa(threads)), size...), program.after...)
			w, err := startWorker(o.command(), arguments, "ORT_DIR="+o.onnxruntime, "OMP_NUM_THREADS="+strconv.Itoa(threads))
			if err != nil {
				m.note("%s is missing: %v", program.name, err)
				break
			}
			m.contenders = append(m.contenders, &contender{name: program.name, threads: threads, worker: w})
			largest, err := fileError(f.out, s, want)
			if err != nil {
				return err
			}
			if !(largest <= program.tolerance) {
				return fmt.Errorf("%s is off by %g from the float reference", program.name, largest)
			}
			if threads == 1 {
				m.note("%s %s: largest error %.1e", program.name, w.version, largest)
			}
		}
	}
	return nil
}
