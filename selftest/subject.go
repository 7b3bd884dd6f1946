package selftest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/internal/npy"
	"rnnsim/sim"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

// A run is kept short: what is looked for is in every frame.
const (
	sequences = 2
	steps     = 3
)

// subject is a case, the files that are made of it, and what they hold.
type subject struct {
	name  string
	dir   string
	model *xmodel.Model
	exact *golden.Exact
	x     []dump.Sequence
	trace *dump.Memory // of the simulator over x
	// files are the unspoilt bytes of all files, by their path in dir.
	files map[string][]byte
	// places is, for each file of a trace, what lies where.
	places  map[string][]place
	consts  map[string][]constPlace // for each file of the model
	results []resultFile
	hits    map[int][]tableHit
}

// prepare makes the subjects, all or only that of a name, with their files in the folder.
func prepare(ctx context.Context, cases fs.FS, only, dir string) (subjects, error) {
	entries, err := fs.ReadDir(cases, ".")
	if err != nil {
		return nil, fmt.Errorf("look for cases: %w", err)
	}
	var all subjects
	for _, entry := range entries {
		if !entry.IsDir() || only != "" && entry.Name() != only {
			continue
		}
		if _, err := fs.Stat(cases, path.Join(entry.Name(), "xmodel")); err != nil {
			continue
		}
		s := &subject{name: entry.Name(), dir: filepath.Join(dir, entry.Name()), files: map[string][]byte{}}
		if err := s.prepare(ctx, cases); err != nil {
			return nil, fmt.Errorf("prepare the case %s: %w", s.name, err)
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, errors.New("there is no case: a folder with xmodel/ and x.npy or x_test.npy is wanted")
	}
	return all, nil
}

func (s *subject) prepare(ctx context.Context, cases fs.FS) error {
	graphs, err := fs.Sub(cases, path.Join(s.name, "xmodel"))
	if err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(s.dir, "xmodel"), graphs); err != nil {
		return err
	}
	if s.model, err = xmodel.ReadModel(filepath.Join(s.dir, "xmodel")); err != nil {
		return err
	}
	if s.exact, err = golden.NewExact(s.model, xmodel.Sane); err != nil {
		return err
	}
	if err := s.writeInput(cases); err != nil {
		return err
	}
	stimulus, err := vectors.ReadSequences(filepath.Join(s.dir, "x.npy"), "")
	if err != nil {
		return err
	}
	s.x = stimulus.Sequences
	if s.trace, err = run(ctx, s.model, s.x); err != nil {
		return err
	}
	for _, make := range []func(context.Context) error{s.writeTraces, s.writeResults} {
		if err := make(ctx); err != nil {
			return err
		}
	}
	if err := s.keepFiles(); err != nil {
		return err
	}
	s.locateConsts()
	s.locateTraces()
	s.findHits()
	return nil
}

// run simulates a model.
func run(ctx context.Context, m *xmodel.Model, x []dump.Sequence) (*dump.Memory, error) {
	plan, err := sim.Compile(m, sim.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	trace := dump.NewMemory()
	_, err = plan.Run(ctx, x, trace)
	return trace, err
}

// writeInput writes the first steps of the first test sequences.
func (s *subject) writeInput(cases fs.FS) error {
	var data []byte
	var err error
	for _, name := range []string{"x_test.npy", "x.npy"} {
		if data, err = fs.ReadFile(cases, path.Join(s.name, name)); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	whole := filepath.Join(s.dir, "whole.npy")
	if err := os.WriteFile(whole, data, 0o644); err != nil {
		return err
	}
	read, err := vectors.ReadSequences(whole, "")
	if err != nil {
		return err
	}
	if err := os.Remove(whole); err != nil {
		return err
	}
	reals, err := read.Floats()
	if err != nil {
		return err
	}
	count, length := min(sequences, len(reals)), steps
	for i := range count {
		length = min(length, len(reals[i])/read.Features)
	}
	var values []float32
	for i := range count {
		values = append(values, reals[i][:length*read.Features]...)
	}
	array, err := npy.New(values, count, length, read.Features)
	if err != nil {
		return err
	}
	return npy.WriteFile(filepath.Join(s.dir, "x.npy"), array)
}

// writeTraces writes the run as Arrow, plain and compressed, and as a deploy_check folder.
func (s *subject) writeTraces(ctx context.Context) error {
	for _, sink := range []dump.Sink{
		dump.NewArrowSink(filepath.Join(s.dir, "trace"), dump.ArrowOptions{}),
		dump.NewArrowSink(filepath.Join(s.dir, "trace-zstd"), dump.ArrowOptions{Zstd: true}),
		dump.NewDeployCheckSink(filepath.Join(s.dir, "dump"), dump.DeployCheckOptions{}),
	} {
		plan, err := sim.Compile(s.model, sim.Options{Threads: 1})
		if err != nil {
			return err
		}
		if _, err := plan.Run(ctx, s.x, sink); err != nil {
			return err
		}
	}
	return nil
}

func (s *subject) keepFiles() error {
	return filepath.WalkDir(s.dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(s.dir, name)
		s.files[filepath.ToSlash(relative)] = data
		return err
	})
}

// spoil writes a file with one bit flipped; the function that it gives puts the file right again.
func (s *subject) spoil(f *flip, file string, bit int) (mend func() error, err error) {
	data := append([]byte(nil), s.files[file]...)
	data[bit/8] ^= 1 << (bit % 8)
	f.place = fmt.Sprintf("%s: %s, byte %d, bit %d", s.name, file, bit/8, bit%8)
	full := filepath.Join(s.dir, filepath.FromSlash(file))
	return func() error { return os.WriteFile(full, s.files[file], 0o644) }, os.WriteFile(full, data, 0o644)
}

// content is all that a source yields.
func content(source dump.Source) (*dump.Memory, error) {
	m := &dump.Memory{Header: source.Header()}
	for {
		var frame dump.Frame
		err := source.Next(&frame)
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return nil, err
		}
		m.Frames = append(m.Frames, frame.Clone())
	}
}
