package dump

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const mixedGraph = "Rnn_StandardLstmCell_layer_0_forward"

// mixedFolder is a small dump, in memory.
func mixedFolder(t testing.TB) fstest.MapFS {
	folder := fstest.MapFS{}
	for name, text := range mixedFiles(t) {
		folder[name] = &fstest.MapFile{Data: bytes.Clone(text)}
	}
	return folder
}

var mixedOnce struct {
	sync.Once
	files map[string][]byte
}

func mixedFiles(t testing.TB) map[string][]byte {
	mixedOnce.Do(func() {
		h, frames := mixedTrace()
		dir := filepath.Join(t.TempDir(), "dump")
		write(t, NewDeployCheckSink(dir, DeployCheckOptions{}), h, frames)
		mixedOnce.files = map[string][]byte{}
		for name, text := range files(t, dir) {
			mixedOnce.files[filepath.ToSlash(name)] = []byte(text)
		}
	})
	return mixedOnce.files
}

func readFolder(folder fs.FS, formats *Header) ([]*Frame, error) {
	s, err := openDeployCheck(folder, "dump", "", DeployCheckReadOptions{Formats: formats})
	if err != nil {
		return nil, err
	}
	return drain(s)
}

func TestDeployCheckFaults(t *testing.T) {
	h, frames := mixedTrace()
	file := func(frame, name string) string { return mixedGraph + "/" + frame + "/" + mixedGraph + "__" + name }
	remove := func(prefix string) func(fstest.MapFS) {
		return func(folder fstest.MapFS) {
			for name := range folder {
				if strings.HasPrefix(name, prefix) {
					delete(folder, name)
				}
			}
		}
	}
	replace := func(name, old, new string) func(fstest.MapFS) {
		return func(folder fstest.MapFS) {
			text := string(folder[name].Data)
			require.Contains(t, text, old, name)
			folder[name].Data = []byte(strings.Replace(text, old, new, 1))
		}
	}
	set := func(name, text string) func(fstest.MapFS) {
		return func(folder fstest.MapFS) { folder[name] = &fstest.MapFile{Data: []byte(text)} }
	}
	shape := mixedGraph + "/frame_2/shape.txt"
	shape0 := mixedGraph + "/frame_0/shape.txt"
	for _, c := range []struct {
		name   string
		damage func(fstest.MapFS)
		want   string // "" is no error
	}{
		{"whole", func(fstest.MapFS) {}, ""},
		{"Windows newlines", func(folder fstest.MapFS) {
			for _, f := range folder {
				f.Data = bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))
			}
		}, ""},
		{"trailing newlines", func(folder fstest.MapFS) {
			for name, f := range folder {
				if !strings.HasSuffix(name, shapeFile) {
					f.Data = append(f.Data, '\n')
				}
			}
		}, ""},
		{"hidden files", func(folder fstest.MapFS) {
			folder[".DS_Store"] = &fstest.MapFile{}
			folder[mixedGraph+"/.DS_Store"] = &fstest.MapFile{}
			folder[mixedGraph+"/frame_0/.DS_Store"] = &fstest.MapFile{}
		}, ""},
		{"no cells", remove(""), "it has no folder of a cell: dump it again"},
		{"missing first frame", remove(mixedGraph + "/frame_0/"), "frame_0 is missing, though " + mixedGraph + "/frame_1 is there: dump it again"},
		{"missing frame", remove(mixedGraph + "/frame_2/"), "frame_2 is missing, though " + mixedGraph + "/frame_3 is there"},
		{"missing file", remove(file("frame_3", "h_next_fix.txt")), file("frame_3", "h_next_fix.txt") + " is missing: dump it again"},
		{"missing real file", remove(file("frame_3", "h_next.txt")), file("frame_3", "h_next.txt") + " is missing"},
		{"missing 8-bit input", remove(file("frame_1", "w_ii___input_0___bias_i_pre_fix_i0.txt")), "pre_fix_i0.txt is missing"},
		{"missing half of a parameter", remove(file("frame_0", "bias_i_fix.txt")), "bias_i.txt belongs to no node"},
		{"missing parameter", remove(file("frame_0", "bias_i")), "bias_i"},
		{"missing shape", remove(shape0), "shape.txt"},
		{"missing later shape", remove(shape), shape + " is missing"},
		{"another shape", replace(shape, "(1, 3)", "(1, 4)"), shape + " is not the same as that of frame_0"},
		{"broken shape", set(shape0, "hello"), `line 1: "hello" is not like "(1, 16): <graph>::<node>"`},
		{"huge shape", replace(shape0, "(1, 3)", "(1, 3000000000)"), "shape"},
		{"another graph in the shape", replace(shape0, mixedGraph+"::it", "Other::it"), `"Other::it" is no node of graph`},
		{"stray folder", set(mixedGraph+"/frames/x", ""), `"frames" is no frame's folder`},
		{"leading zero", set(mixedGraph+"/frame_04/x", ""), `"frame_04" is no frame's folder`},
		{"no number", replace(file("frame_1", "h_next_fix.txt"), "\n", "\nx\n"), file("frame_1", "h_next_fix.txt") + `: line 2: "x" is no integer: dump it again`},
		{"fraction", replace(file("frame_1", "h_next_fix.txt"), "\n", ".5\n"), `line 1: `},
		{"NaN", replace(file("frame_1", "h_next.txt"), "\n", "\nnan\n"), `line 2: "nan" is no number`},
		{"infinity", replace(file("frame_1", "h_next.txt"), "\n", "\n-inf\n"), `line 2: "-inf" is no number`},
		{"hexadecimal", replace(file("frame_1", "h_next_fix.txt"), "\n", "\n0x10\n"), `line 2: "0x10" is no integer`},
		{"out of range", set(file("frame_1", "h_next_fix.txt"), "1\n2\n40000\n3\n4"), "line 3: 40000 does not fit into 16 bits"},
		{"empty line", replace(file("frame_1", "h_next_fix.txt"), "\n", "\n\n"), `line 2: "" is no integer`},
		{"too few", set(file("frame_1", "h_next_fix.txt"), "1\n2"), "line 3: the file ends after 2 values of 5"},
		{"empty", set(file("frame_1", "h_next_fix.txt"), ""), "line 1: the file ends after 0 values of 5"},
		{"too many", replace(file("frame_1", "h_next_fix.txt"), "\n", "\n1\n"), "line 6: there are more than 5 values"},
		{"too many by far", set(file("frame_1", "h_next_fix.txt"), strings.Repeat("1\n", 1<<16)), "too many for 5 values"},
		{"disagreement", set(file("frame_2", "it_fix.txt"), "0\n1"), file("frame_2", "it_fix.txt") + ": line 2: 1 at fix position 15 is 3.05176e-05, and " + mixedGraph + "__it.txt says 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, formats := range []*Header{nil, &h} {
				folder := mixedFolder(t)
				c.damage(folder)
				got, err := readFolder(folder, formats)
				if c.want == "" {
					require.NoError(t, err)
					assert.Len(t, got, 4)
					assert.Equal(t, frames[3].Fixed, got[3].Fixed)
					continue
				}
				if formats == nil && c.name == "missing parameter" {
					require.NoError(t, err) // a dump may have no such parameter
					continue
				}
				if formats == nil && c.name == "disagreement" {
					require.ErrorContains(t, err, "line 2: at no fix position is 1 the number 0") // the node was zero before
					continue
				}
				require.Error(t, err)
				assert.ErrorContains(t, err, "deploy_check folder dump")
				assert.ErrorContains(t, err, c.want)
			}
		})
	}
}

func TestDeployCheckOfAnotherModel(t *testing.T) {
	h, _ := mixedTrace()
	read := func(change func(*Cell)) error {
		model := Header{Cells: []Cell{h.Cells[0]}}
		model.Cells[0].Nodes = append([]Node(nil), h.Cells[0].Nodes...)
		change(&model.Cells[0])
		_, err := readFolder(mixedFolder(t), &model)
		return err
	}
	assert.NoError(t, read(func(*Cell) {}))
	assert.NoError(t, read(func(c *Cell) { c.Params = nil }))
	assert.ErrorContains(t, read(func(c *Cell) { c.Graph = "Other" }), `the folder of graph "Other" of the model is missing`)
	assert.ErrorContains(t, read(func(c *Cell) { c.Nodes[4].Width = 6 }), `node "h_next" has 5 values, and 6 in the model`)
	assert.ErrorContains(t, read(func(c *Cell) { c.Nodes = c.Nodes[1:] }), `node "input_0" is not in the model`)
	assert.ErrorContains(t, read(func(c *Cell) { c.Nodes[0].Name = "other" }), `node "other" of the model is not in`)
	assert.ErrorContains(t, read(func(c *Cell) { c.Nodes[4].Position = 10 }), "at fix position 10 is")
	assert.ErrorContains(t, read(func(c *Cell) { c.Params = c.Params[:1] }), `parameter "bias_i" is not in the model`)
}

func TestOpenDeployCheckRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "missing"), dir} {
		_, err := OpenDeployCheck(path, DeployCheckReadOptions{})
		assert.ErrorContains(t, err, path)
	}
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	_, err := OpenDeployCheck(file, DeployCheckReadOptions{})
	assert.ErrorContains(t, err, "it is no folder")
}

// Any text in the place of one file is read or refused.
func FuzzDeployCheck(f *testing.F) {
	whole := mixedFolder(f)
	var names []string
	for name := range whole {
		names = append(names, name)
	}
	slices.Sort(names)
	f.Add(uint16(slices.Index(names, mixedGraph+"/frame_0/"+shapeFile)), []byte("(1, 3): "+mixedGraph+"::input_0\n"))
	f.Add(uint16(1), []byte("1\n2\n3"))
	f.Add(uint16(2), []byte("           1\r\n    0.999969\r\n-4.65661e-10"))
	f.Add(uint16(3), []byte("1e400\n0x10p5\n_1"))
	f.Fuzz(func(t *testing.T, which uint16, text []byte) {
		folder := fstest.MapFS{}
		for name, file := range whole {
			folder[name] = file
		}
		folder[names[int(which)%len(names)]] = &fstest.MapFile{Data: text}
		frames, err := readFolder(folder, nil)
		if err == nil {
			require.NotEmpty(t, frames)
		}
	})
}
