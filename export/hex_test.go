package export_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/xmodel"
)

// smallTrace is a cell of two nodes, two sequences.
func smallTrace() (dump.Header, []*dump.Frame) {
	h := dump.Header{Cells: []dump.Cell{{Graph: "net", Nodes: []dump.Node{
		{Name: "a", Label: "a", Op: "data", Width: 2, Bits: 16, Position: 12},
		{Name: "b", Label: "b", Op: "fix", Width: 1, Bits: 5, Position: 3},
	}}}}
	return h, []*dump.Frame{
		{Sequence: 0, Step: 0, Fixed: [][]int16{{1, -1}, {-16}}},
		{Sequence: 0, Step: 1, Fixed: [][]int16{{32767, -32768}, {15}}},
		{Sequence: 2, Step: 0, Fixed: [][]int16{{0, 2}, {-1}}},
	}
}

// smallFolder writes smallTrace by hand, as a bench may do it.
func smallFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"format":"rnnsim-hex","version":1,"cells":[{"graph":"net","sequence":"sequence.hex","step":"step.hex","nodes":[
			{"name":"a","label":"a","op":"data","file":"a.hex","width":2,"bits":16,"position":12},
			{"name":"b","label":"b","op":"fix","file":"b.hex","width":1,"bits":5,"position":3}]}]}`,
		"sequence.hex": "0 0\n2",
		"step.hex":     "0\n1 // two\n0\n",
		"a.hex":        "// x\n0001\nffff\n7FFF 8000\n0000_0000 2 // the end",
		"b.hex":        "10 0f fff\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

func readHex(dir string, options export.HexOptions) (dump.Header, []*dump.Frame, error) {
	s, err := export.OpenHex(dir, options)
	if err != nil {
		return dump.Header{}, nil, err
	}
	frames, err := drain(s)
	return s.Header(), frames, err
}

func TestAFolderWrittenByHand(t *testing.T) {
	header, frames, err := readHex(smallFolder(t), export.HexOptions{})
	require.NoError(t, err)
	wantHeader, want := smallTrace()
	require.Equal(t, wantHeader, header)
	require.Equal(t, want, frames)
}

func TestABenchMayWriteLess(t *testing.T) {
	like := smallFolder(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.hex"), []byte("10 0f\n"), 0o644))
	_, _, err := readHex(dir, export.HexOptions{})
	require.ErrorContains(t, err, "name that folder")
	header, frames, err := readHex(dir, export.HexOptions{Like: like})
	require.NoError(t, err)
	require.Equal(t, "b", header.Cells[0].Nodes[0].Name)
	require.Len(t, frames, 2)
	require.Equal(t, [][]int16{{15}}, frames[1].Fixed)
	_, _, err = readHex(t.TempDir(), export.HexOptions{Like: like})
	require.ErrorContains(t, err, "no file of any node")
}

func TestBrokenFoldersAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ file, from, to, want string }{
		"unknown bits":  {"a.hex", "0001", "00xx", "a.hex, line 2: \"00xx\" has unknown bits"},
		"no word":       {"a.hex", "ffff", "hello", "a.hex, line 3: \"hello\" is no hexadecimal word"},
		"wide":          {"b.hex", "0f", "2f", "wider than 5 bits"},
		"cut off":       {"a.hex", " 2 //", "//", "ends after 1 of the 2 values"},
		"short":         {"b.hex", " fff", "", "it ends before sequence 2, step 0"},
		"long":          {"b.hex", " fff", " fff 1", `"1" stands behind the last frame`},
		"order":         {"step.hex", "1", "0", "sequence 0, step 0 comes after sequence 0, step 0"},
		"steps":         {"step.hex", "two\n0", "two\n", "ends before the file of sequences"},
		"address":       {"a.hex", "0001", "@0 0001", "an address"},
		"slash":         {"a.hex", "// x", "/ x", "begins no comment"},
		"format":        {"manifest.json", "rnnsim-hex", "other", `format "other"`},
		"escape":        {"manifest.json", `"a.hex"`, `"../a.hex"`, "does not lie in the folder"},
		"width":         {"manifest.json", `"width":2`, `"width":0`, "0 values a frame"},
		"huge width":    {"manifest.json", `"width":2`, `"width":2000000000`, "of the 2000000000 values"},
		"bits":          {"manifest.json", `"bits":5`, `"bits":50`, "bit width 50"},
		"same name":     {"manifest.json", `"name":"b"`, `"name":"a"`, `"a" is empty or taken`},
		"no sequences":  {"manifest.json", `"sequence.hex"`, `""`, "cannot be told apart"},
		"lost sequence": {"manifest.json", `"sequence.hex"`, `"gone.hex"`, "gone.hex"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := smallFolder(t)
			path := filepath.Join(dir, c.file)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			changed := strings.Replace(string(text), c.from, c.to, 1)
			require.NotEqual(t, string(text), changed)
			require.NoError(t, os.WriteFile(path, []byte(changed), 0o644))
			_, _, err = readHex(dir, export.HexOptions{})
			require.ErrorContains(t, err, c.want)
		})
	}
}

func FuzzOpenHex(f *testing.F) {
	f.Add("0 0\n2", "0 1 0", "0001 ffff 7FFF 8000 0 2", "10 0f fff", 2, 5)
	f.Add("0", "0", "zz //", "", 1, 16)
	f.Fuzz(func(t *testing.T, sequence, step, a, b string, width, bits int) {
		dir := smallFolder(t)
		text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
		require.NoError(t, err)
		changed := strings.Replace(strings.Replace(string(text), `"width":2`, fmt.Sprintf(`"width":%d`, width), 1), `"bits":5`, fmt.Sprintf(`"bits":%d`, bits), 1)
		for name, text := range map[string]string{"manifest.json": changed, "sequence.hex": sequence, "step.hex": step, "a.hex": a, "b.hex": b} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		}
		_, frames, _ := readHex(dir, export.HexOptions{})
		for _, frame := range frames {
			require.Len(t, frame.Fixed[0], width)
		}
	})
}

// The stream of x is the floor of the real numbers at its position, and floors on to what the trace has as input_0.
func TestStimuliAreFinerThanTheGrid(t *testing.T) {
	model, _ := shipped(t, "digits-bilstm16", 0)
	stimuli := noise(rand.New(rand.NewPCG(7, 8)), 8, 5, 2)
	trace := simulate(t, model, stimuli)
	dir := exported(t, model, trace, export.Options{Stimuli: stimuli, Fraction: 11})
	m, err := export.ReadManifest(dir)
	require.NoError(t, err)
	checked := 0
	for cell, c := range m.Cells {
		text, err := os.ReadFile(filepath.Join(dir, c.Stimuli.File))
		require.NoError(t, err)
		words := strings.Fields(string(text))
		for _, f := range trace.Frames {
			if f.Cell != cell {
				continue
			}
			for i, entered := range f.Fixed[0] {
				w, err := strconv.ParseUint(words[0], 16, 32)
				require.NoError(t, err)
				words = words[1:]
				fine := int64(int32(w))
				require.Equal(t, int64(entered), max(-32768, min(32767, fine>>11)))
				if c.Layer == 0 {
					steps := len(stimuli[f.Sequence].Float) / 8
					time := f.Step
					if c.Backward {
						time = steps - 1 - f.Step
					}
					real := math.Floor(float64(stimuli[f.Sequence].Float[time*8+i]) * math.Ldexp(1, c.Stimuli.Position))
					require.Equal(t, int64(max(math.MinInt32, min(math.MaxInt32, real))), fine)
					checked++
				}
			}
		}
		require.Empty(t, words)
	}
	require.Equal(t, 2*7*8, checked)
}

func TestWhatIsExportedMustFitTogether(t *testing.T) {
	model, stimuli := shipped(t, "digits-lstm16", 2)
	other, _ := shipped(t, "digits-gru16", 0)
	trace := simulate(t, model, stimuli)
	write := func(m *xmodel.Model, o export.Options) error {
		return export.WriteRTL(filepath.Join(t.TempDir(), "out"), m, trace.Source(), o)
	}
	require.ErrorContains(t, write(other, export.Options{}), "of another model")
	require.ErrorContains(t, write(model, export.Options{Stimuli: stimuli[:1]}), "there are 1 stimuli")
	short := []dump.Sequence{stimuli[0], {Float: stimuli[1].Float[:16]}}
	require.ErrorContains(t, write(model, export.Options{Stimuli: short}), "the stimulus has 2 steps")
	require.ErrorContains(t, write(model, export.Options{Fraction: 16}), "16 bits")
	require.ErrorContains(t, write(model, export.Options{Lanes: 1000}), "1000 lanes")
	dir := exported(t, model, trace, export.Options{})
	require.ErrorContains(t, export.WriteRTL(dir, model, trace.Source(), export.Options{}), "exists")
}

// The packed weights are the rows of the matrices, unit by lane.
func TestLanesHoldTheWeights(t *testing.T) {
	model, stimuli := shipped(t, "digits-lstm8", 1)
	trace := simulate(t, model, stimuli)
	const lanes = 5
	dir := exported(t, model, trace, export.Options{Lanes: lanes})
	m, err := export.ReadManifest(dir)
	require.NoError(t, err)
	c := m.Cells[0]
	text, err := os.ReadFile(filepath.Join(dir, c.Lanes.Weights))
	require.NoError(t, err)
	words := strings.Fields(string(text))
	byName := map[string]dump.Param{}
	for _, p := range trace.Header.Cells[0].Params {
		byName[p.Name] = p
	}
	require.Len(t, words, 7*4*(8+32))
	for unit := range 32 {
		for g, gate := range []string{"i", "f", "g", "o"} {
			for column := range 40 {
				p, at := byName["weight_i"+gate], unit*8+column
				if column >= 8 {
					p, at = byName["weight_h"+gate], unit*32+column-8
				}
				w := words[(unit/lanes*4+g)*40+column]
				digits := w[len(w)-2*(unit%lanes)-2:][:2]
				require.Equal(t, word(p.Values[at], 8), digits, "gate %s, unit %d, column %d", gate, unit, column)
			}
		}
	}
	require.True(t, json.Valid(mustRead(t, filepath.Join(dir, export.ManifestName))))
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return text
}
