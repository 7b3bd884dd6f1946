package dump

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

// asShown gives the frames of a recorded case's first sequence as the tool's dump shows them.
func asShown(r recorded) []*Frame {
	var shown []*Frame
	for _, f := range r.frames {
		if f.Sequence == 0 {
			f = f.Clone()
			FindMisreports(r.header.Cells[f.Cell]).Apply(f)
			shown = append(shown, f)
		}
	}
	return shown
}

// A recorded folder is read back to the values, and its formats are found from the text alone.
func TestOpenDeployCheckOfRecordedFolders(t *testing.T) {
	names := exactDumps
	if testing.Short() {
		names = []string{"digits-gru16", "digits-lstm8"}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			r := readRecorded(t, name)
			want := asShown(r)
			for _, formats := range []*Header{nil, &r.header} {
				s, err := OpenDeployCheck(shared.Path(t, "vectors", name, "deploy_check_f64"), DeployCheckReadOptions{Formats: formats})
				require.NoError(t, err)
				got := s.Header()
				require.Len(t, got.Cells, len(r.header.Cells))
				for i, cell := range r.header.Cells {
					if formats == nil {
						assert.Equal(t, nodesByName(cell.Nodes), nodesByName(got.Cells[i].Nodes))
						assert.Equal(t, paramsByName(cell.Params), paramsByName(got.Cells[i].Params))
						continue
					}
					assert.Equal(t, cell, got.Cells[i])
				}
				assert.Equal(t, want, readAll(t, s))
			}
		})
	}
}

func nodesByName(nodes []Node) map[string]Node {
	m := map[string]Node{}
	for _, n := range nodes {
		n.Op = ""
		m[n.Name] = n
	}
	return m
}

func paramsByName(params []Param) map[string]Param {
	m := map[string]Param{}
	for _, p := range params {
		m[p.Name] = p
	}
	return m
}

func TestDeployCheckOfOneCellAndOfAResultFolder(t *testing.T) {
	r := readRecorded(t, "bidir")
	dir := shared.Path(t, "vectors", "bidir")
	s, err := OpenDeployCheck(dir, DeployCheckReadOptions{Formats: &r.header}) // finds deploy_check_data_int
	require.NoError(t, err)
	assert.Len(t, s.Header().Cells, 2)
	for _, formats := range []*Header{nil, &r.header} {
		s, err = OpenDeployCheck(filepath.Join(dir, "deploy_check_f64", r.header.Cells[1].Graph), DeployCheckReadOptions{Formats: formats})
		require.NoError(t, err)
		require.Len(t, s.Header().Cells, 1)
		assert.True(t, s.Header().Cells[0].Backward)
		assert.Len(t, readAll(t, s), 8)
	}
}

// mixedHeader has nodes at odd positions and a table's output, of which one is zero throughout.
func mixedTrace() (Header, []*Frame) {
	h := testHeader()
	h.Cells = h.Cells[:1]
	h.Cells[0].Nodes = append(h.Cells[0].Nodes[:3:3],
		Node{Name: "it", Label: "it", Width: 2, Bits: 16, Position: 15},
		Node{Name: "h_next", Label: "h_next", Width: 5, Bits: 16, Position: 9},
		Node{Name: "input_1", Label: "input_1", Width: 5, Bits: 16, Position: 9})
	frames := testFrames(h, []int{4, 4}, false, rand.New(rand.NewPCG(1, 9)))
	for _, f := range frames {
		clear(f.Fixed[3])
		clear(f.Fixed[5])
		for i := range f.Fixed[0] { // as computed
			f.Fixed[0][i] >>= 4
			q := f.Fixed[0][i]
			f.Fixed[2][i] = min(max(q>>5, -128), 127)
		}
	}
	return h, frames
}

func TestDeployCheckRoundTrip(t *testing.T) {
	h, frames := mixedTrace()
	for _, style := range []Style{PyTorch, TensorFlow} {
		for _, sequence := range []int{0, 1} {
			dir := filepath.Join(t.TempDir(), "dump")
			write(t, NewDeployCheckSink(dir, DeployCheckOptions{Style: style, Sequence: sequence}), h, frames)
			noLeftovers(t, filepath.Dir(dir), "dump")
			s, err := OpenDeployCheck(dir, DeployCheckReadOptions{})
			require.NoError(t, err)
			assert.Equal(t, style, s.Style())
			assert.Equal(t, nodesByName(h.Cells[0].Nodes), nodesByName(s.Header().Cells[0].Nodes))
			got := readAll(t, s)
			want := frames[4*sequence+style.firstStep() : 4*sequence+4]
			require.Len(t, got, len(want))
			for i := range want {
				assert.Equal(t, want[i].Step, got[i].Step)
				assert.Equal(t, want[i].Fixed, got[i].Fixed)
			}
			_, err = os.Stat(filepath.Join(dir, s.Header().Cells[0].Graph, "frame_1", fileStem(s.Header().Cells[0].Graph)+"__bias_i.txt"))
			assert.Equal(t, style == TensorFlow, err == nil, "parameters in frame_1")
		}
	}
}

func TestDeployCheckSinkRefuses(t *testing.T) {
	h, frames := mixedTrace()
	dir := filepath.Join(t.TempDir(), "dump")
	sink := NewDeployCheckSink(dir, DeployCheckOptions{Sequence: 7})
	require.NoError(t, sink.Begin(h))
	require.NoError(t, sink.Write(frames[0]))
	assert.ErrorContains(t, sink.Close(), "no frame of sequence 7")
	sink = NewDeployCheckSink(dir, DeployCheckOptions{})
	require.NoError(t, sink.Begin(h))
	require.NoError(t, sink.Write(frames[0]))
	require.NoError(t, sink.Abort())
	noLeftovers(t, filepath.Dir(dir))
	h.Cells[0].Nodes[0].Float = true
	assert.ErrorContains(t, NewDeployCheckSink(dir, DeployCheckOptions{}).Begin(h), "holds floats")
}

// The worked examples of the specification: 2247 at position 12 is 140 at position 8, which wraps to -116; and the truncation.
func TestMisreports(t *testing.T) {
	assert.EqualValues(t, -116, wrapToByte(2247, 4))
	assert.EqualValues(t, -1, wrapToByte(-31, 4))
	assert.EqualValues(t, 0, wrapToByte(-15, 4))
	assert.EqualValues(t, -16, wrapToByte(-256, 4))
	assert.EqualValues(t, 6, wrapToByte(3, -1))
	for _, q := range []int16{-32768, -1, 0, 1, 32767, 4660} {
		for shift := 0; shift < 16; shift++ {
			want := int64(math.Trunc(float64(q)/math.Ldexp(1, shift))) & 0xff
			if want > 127 {
				want -= 256
			}
			assert.EqualValues(t, want, wrapToByte(q, shift), "%d >> %d", q, shift)
		}
	}
}

// What C's printf("%12g") gives.
func TestRealText(t *testing.T) {
	for _, c := range []struct {
		q        int16
		position int
		want     string
	}{
		{0, 12, "           0"}, {4096, 12, "           1"}, {-3773, 12, "   -0.921143"}, {1, 15, " 3.05176e-05"}, {-1, 31, "-4.65661e-10"},
		{32767, 15, "    0.999969"}, {32767, -31, " 7.03666e+13"}, {-32768, 0, "      -32768"}, {1, -17, "      131072"}, {1, -20, " 1.04858e+06"},
		{3, 13, " 0.000366211"}, {1, 13, "  0.00012207"}, {1, 14, " 6.10352e-05"},
	} {
		assert.Equal(t, c.want, string(appendReals(nil, []int16{c.q}, c.position)))
		p, ok := positionOf(mustParse(t, c.want), c.q)
		assert.Equal(t, c.q != 0, ok, c.want)
		if ok {
			assert.Equal(t, c.position, p)
		}
	}
	assert.Equal(t, strings.Repeat(" ", 11)+"0\n"+strings.Repeat(" ", 11)+"1", string(appendReals(nil, []int16{0, 1}, 0)))
}

func mustParse(t *testing.T, text string) float64 {
	values, err := parseReals(nil, []byte(text), 1)
	require.NoError(t, err)
	return values[0]
}

// The short cuts of the reader, against the way that takes any text.
func TestShortIntegerIsTheNumber(t *testing.T) {
	for _, line := range []string{"0", "-0", "7", "-7", "0012", "9999", "-9999"} {
		v, ok := shortInteger([]byte(line))
		require.True(t, ok, line)
		number, err := parseNumber([]byte(line))
		require.NoError(t, err)
		assert.Equal(t, number, float64(v), line)
	}
	for _, line := range []string{"", "-", "--1", "+1", "1e1", "1.0", "32767", "-32768", "1 2", "x"} {
		_, ok := shortInteger([]byte(line))
		assert.False(t, ok, line)
	}
}

func TestRealsBesideIntegers(t *testing.T) {
	values := []int16{1234, -7, 0}
	plain := string(appendReals(nil, values, 12))
	for text, message := range map[string]string{
		plain: "", plain + "\n": "", strings.ReplaceAll(plain, "\n", "\r\n"): "", strings.ReplaceAll(plain, " ", ""): "",
		"0.301269531250\n-0.001708984375\n0.0\n":        "", // all digits
		plain + "\n0":                                   "more than 3 values",
		plain + "\n\n":                                  "more than 3 values",
		strings.Replace(plain, "0.30127", "0.30128", 1): "line 1: 1234 at fix position 12 is 0.30127",
		plain[:len(plain)-1] + "x":                      "is no number",
	} {
		var r pairReader
		err := r.check(fstest.MapFS{"node.txt": {Data: []byte(text)}}, "node", values, 12)
		if message == "" {
			assert.NoError(t, err, "%q", text)
		} else {
			assert.ErrorContains(t, err, message, "%q", text)
		}
	}
}

// The formats of every recorded dump are found from its text alone; the values of a float32 run are not looked at here.
func TestFormatsOfAllRecordedDumps(t *testing.T) {
	if testing.Short() {
		t.Skip("reads all recorded dumps")
	}
	for _, name := range append([]string{"bigw", "imdb-lstm16", "imdb-lstm8"}, append(exactDumps, float32Dumps...)...) {
		r := readRecorded(t, name)
		dir := shared.Path(t, "vectors", name)
		derived, err := OpenDeployCheck(dir, DeployCheckReadOptions{})
		require.NoError(t, err, name)
		given, err := OpenDeployCheck(dir, DeployCheckReadOptions{Formats: &r.header})
		require.NoError(t, err, name)
		for i, cell := range r.header.Cells {
			assert.Equal(t, nodesByName(cell.Nodes), nodesByName(derived.Header().Cells[i].Nodes), name)
			assert.Equal(t, paramsByName(cell.Params), paramsByName(derived.Header().Cells[i].Params), name)
			assert.Equal(t, cell.Params, given.Header().Cells[i].Params, name)
		}
		readAll(t, given)
	}
}
