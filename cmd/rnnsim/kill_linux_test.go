package main

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writer is a command that writes into the folder "to", and what may be in it that a second run need not repeat.
type writer struct {
	name string
	args []string
	// resumes says that the command goes on with what is in the folder; the others refuse what exists.
	resumes bool
}

func writers() []writer {
	const graphs = "case/xmodel"
	return []writer{
		{name: "regress", args: []string{"regress", "--results", "to/results", "--jobs", "2", "--today", "2026-06-15", "suite.yaml"}, resumes: true},
		{name: "quantize", args: []string{"quantize", "--calib", "x.npy", "-o", "to/quantized", "case/model.pth"}},
		{name: "run", args: []string{"run", "--input", "x.npy", "-o", "to/trace", "--h-out", "to/h.npy", graphs}},
		{name: "dump", args: []string{"dump", "--to", "npz", "-o", "to/trace.npz", "trace"}},
		{name: "dump to files", args: []string{"dump", "--to", "deploy_check", "-o", "to/dump", "trace"}},
		{name: "merge", args: []string{"regress", "merge", "--today", "2026-06-15", "-o", "to/merged", "shard-1", "shard-2"}},
	}
}

// writerBench is a folder with what the writers read, and what each of them writes when it is left alone.
type writerBench struct {
	t      *testing.T
	work   string
	wanted map[string]map[string][]byte
	took   map[string]time.Duration
}

func newWriterBench(t *testing.T) *writerBench {
	b := &writerBench{t: t, work: t.TempDir(), wanted: map[string]map[string][]byte{}, took: map[string]time.Duration{}}
	shipped, err := shippedVectors()
	require.NoError(t, err)
	for _, name := range []string{"xmodel", "model.pth"} {
		from, to := filepath.Join(shipped, "digits-lstm16", name), filepath.Join(b.work, "case", name)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
		if info, err := os.Stat(from); err == nil && info.IsDir() {
			require.NoError(t, os.CopyFS(to, os.DirFS(from)))
			continue
		}
		data, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(to, data, 0o644))
	}
	longStimulus(t, filepath.Join(b.work, "x.npy"), 20, 60, 8)
	longStimulus(t, filepath.Join(b.work, "one.npy"), 1, 60, 8)
	const suite = "suite: 1\nname: killed\ncases:\n  - {models: [case/xmodel], seeds: [1, 2, 3, 4, 5]}\n"
	require.NoError(t, os.WriteFile(filepath.Join(b.work, "suite.yaml"), []byte(suite), 0o644))
	b.mustRun("run", "--input", "one.npy", "-o", "trace", "case/xmodel")
	for _, shard := range []string{"1", "2"} {
		b.mustRun("regress", "--shard", shard+"/2", "--today", "2026-06-15", "--results", "shard-"+shard, "suite.yaml")
	}
	for _, w := range writers() {
		b.fresh()
		start := time.Now()
		b.mustRun(w.args...)
		b.took[w.name], b.wanted[w.name] = time.Since(start), b.written()
		require.NotEmpty(t, b.wanted[w.name])
	}
	return b
}

func (b *writerBench) mustRun(args ...string) {
	b.t.Helper()
	output, err := commandIn(b.work, args...).CombinedOutput()
	require.NoError(b.t, err, "rnnsim %s: %s", strings.Join(args, " "), output)
}

func (b *writerBench) fresh() {
	to := filepath.Join(b.work, "to")
	require.NoError(b.t, os.RemoveAll(to))
	require.NoError(b.t, os.Mkdir(to, 0o755))
}

// written reads all files under final names. Run times differ from run to run.
func (b *writerBench) written() map[string][]byte {
	files := map[string][]byte{}
	root := filepath.Join(b.work, "to")
	require.NoError(b.t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".") {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if entry.IsDir() || entry.Name() == "times.json" {
			return nil
		}
		data, err := os.ReadFile(path)
		relative, _ := filepath.Rel(root, path)
		files[relative] = data
		return err
	}))
	return files
}

// requireWhole holds that what has a final name is as it is when the command is left alone, and, where the command makes its
// folder at once, that all of it is there.
func (b *writerBench) requireWhole(w writer, context string) {
	b.t.Helper()
	written, want := b.written(), b.wanted[w.name]
	for name, data := range written {
		require.True(b.t, bytes.Equal(want[name], data), "%s: %s is not what an undisturbed run writes", context, name)
	}
	if w.resumes {
		return
	}
	for name := range want {
		top, _, _ := strings.Cut(name, string(filepath.Separator))
		if _, err := os.Lstat(filepath.Join(b.work, "to", top)); err == nil {
			require.Contains(b.t, written, name, "%s: %s is there, and not whole", context, top)
		}
	}
}

// finish runs the command to its end, in the folder as it is, and wants the bytes of an undisturbed run.
func (b *writerBench) finish(w writer, context string) {
	b.t.Helper()
	if !w.resumes {
		for _, entry := range entries(b.t, filepath.Join(b.work, "to")) {
			if !strings.HasPrefix(entry, ".") { // whole, as was seen; the command refuses what exists
				require.NoError(b.t, os.RemoveAll(filepath.Join(b.work, "to", entry)))
			}
		}
	}
	b.mustRun(w.args...)
	written := b.written()
	require.Equal(b.t, len(b.wanted[w.name]), len(written), context)
	for name, want := range b.wanted[w.name] {
		require.True(b.t, bytes.Equal(want, written[name]), "%s: resumed, %s is not what an undisturbed run writes", context, name)
	}
}

// TestDisturbedWriters disturbs commands that write, and wants each time that what has a final name is whole, and that the next run
// gives what an undisturbed one gives.
func TestDisturbedWriters(t *testing.T) {
	b := newWriterBench(t)
	for name, test := range map[string]func(*testing.T, *writerBench){
		"killed at random": testKills, "left-overs are swept": testSweep, "full disk": testFullDisk, "read-only folder": testReadOnly,
	} {
		t.Run(name, func(t *testing.T) {
			outer := b.t
			defer func() { b.t = outer }()
			b.t = t
			test(t, b)
		})
	}
}

// testKills kills commands with SIGKILL: ten, three in short mode, or as many as RNNSIM_KILLS says.
func testKills(t *testing.T, b *writerBench) {
	kills := 10
	if testing.Short() {
		kills = 3
	}
	if text := os.Getenv("RNNSIM_KILLS"); text != "" {
		var err error
		kills, err = strconv.Atoi(text)
		require.NoError(t, err, "RNNSIM_KILLS")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	killed := map[string]int{}
	for n, done := 0, 0; done < kills; n++ {
		require.Less(t, n, 20*kills+100, "the commands end before they can be killed")
		w := writers()[n%len(writers())]
		b.fresh()
		hits := 0
		for again := true; again; again = w.resumes && hits > 0 && hits < 4 && random.IntN(3) > 0 {
			state, _, _ := signalled(t, b.work, w.args, os.Kill, time.Duration(random.Float64()*float64(b.took[w.name])))
			if !state.Success() {
				hits++
			}
			b.requireWhole(w, w.name)
		}
		if hits > 0 {
			b.finish(w, w.name)
			killed[w.name] += hits
			done += hits
		}
	}
	t.Logf("killed: %v", killed)
}

// testSweep: a results folder is rid of the temporary files that a killed run left.
func testSweep(t *testing.T, b *writerBench) {
	b.fresh()
	cases := filepath.Join(b.work, "to", "results", "cases")
	require.NoError(t, os.MkdirAll(cases, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(cases, ".half.json.123.tmp"), []byte(`{"result": {"sch`), 0o644))
	w := writers()[0]
	b.finish(w, w.name)
	require.False(t, slices.ContainsFunc(entries(t, cases), func(name string) bool { return strings.HasSuffix(name, ".tmp") }))
	assert.NotEmpty(t, entries(t, cases))
}
