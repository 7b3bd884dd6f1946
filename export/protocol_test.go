package export_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/internal/fixed"
	"rnnsim/internal/needs"
)

// stimuliText writes what a device gets.
func stimuliText(t testing.TB, trace *dump.Memory, stimuli []dump.Sequence) []byte {
	t.Helper()
	n := trace.Header.Cells[0].Nodes[0]
	require.Equal(t, "input_0", n.Name)
	var text bytes.Buffer
	w, err := export.NewProtocolWriter(&text, export.ProtocolHeader{
		Model: "0123", Features: n.Width, Grid: fixed.Format{Bits: n.Bits, Position: n.Position}, Trace: trace.Header,
	})
	require.NoError(t, err)
	for _, s := range stimuli {
		require.NoError(t, w.WriteSequence(s))
	}
	require.NoError(t, w.Close())
	return text.Bytes()
}

// requireTrace holds a device's answers to the simulator's trace.
func requireTrace(t *testing.T, want *dump.Memory, got dump.Source) {
	t.Helper()
	frames, err := drain(got)
	require.NoError(t, err)
	for i := range want.Header.Cells {
		require.Equal(t, want.Header.Cells[i].Nodes, got.Header().Cells[i].Nodes)
	}
	require.Equal(t, len(want.Frames), len(frames))
	for i, f := range frames {
		w := want.Frames[i].Clone()
		w.Saturations = nil // the protocol has none
		require.Equal(t, w, f)
	}
}

func TestADeviceInPythonIsExact(t *testing.T) {
	python := needs.Program(t, "python3", "apt-get install python3")
	for name, sequences := range map[string]int{"digits-lstm16": 360, "digits-lstm8": 20} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() {
				sequences = 3
			}
			model, stimuli := shipped(t, name, sequences)
			stimuli = append(stimuli, noise(rand.New(rand.NewPCG(3, 4)), 8, 12, 1)...)
			trace := simulate(t, model, stimuli)
			dir := exported(t, model, trace, export.Options{})
			device := exec.Command(python, filepath.Join("..", "python", "device.py"), dir)
			device.Stdin = bytes.NewReader(stimuliText(t, trace, stimuli))
			device.Stderr = os.Stderr
			answers, err := device.Output()
			require.NoError(t, err)
			source, err := export.OpenProtocol(bytes.NewReader(answers), export.ProtocolOptions{KeepStimuli: true})
			require.NoError(t, err)
			requireTrace(t, trace, source)
			require.Equal(t, len(stimuli), len(source.Stimuli()))
			again := simulate(t, model, source.Stimuli())
			require.Equal(t, trace.Frames[len(trace.Frames)-1].Fixed, again.Frames[len(again.Frames)-1].Fixed)
		})
	}
}

// answer writes a trace as a device does that knows all of it.
func answer(stimuli []byte, trace *dump.Memory) []byte {
	var text bytes.Buffer
	step := map[[2]int][]string{}
	for _, f := range trace.Frames {
		var line strings.Builder
		for i, values := range f.Fixed {
			for _, v := range values {
				bits := trace.Header.Cells[f.Cell].Nodes[i].Bits
				line.WriteString(" ")
				line.WriteString(word(v, bits))
			}
		}
		key := [2]int{f.Sequence, f.Step}
		step[key] = append(step[key], itoa("y", f.Cell, f.Sequence, f.Step)+line.String())
	}
	for line := range strings.Lines(string(stimuli)) {
		if line == "begin\n" {
			for i, c := range trace.Header.Cells {
				text.WriteString(itoa("yields", i))
				for _, n := range c.Nodes {
					text.WriteString(" " + n.Name)
				}
				text.WriteString("\n")
			}
		}
		text.WriteString(line)
		if fields := strings.Fields(line); fields[0] == "x" {
			for _, l := range step[[2]int{atoi(fields[1]), atoi(fields[2])}] {
				text.WriteString(l + "\n")
			}
		}
	}
	return text.Bytes()
}

func TestAnswersReadBack(t *testing.T) {
	model, stimuli := shipped(t, "digits-bilstm16", 3)
	trace := simulate(t, model, stimuli)
	source, err := export.OpenProtocol(bytes.NewReader(answer(stimuliText(t, trace, stimuli), trace)), export.ProtocolOptions{})
	require.NoError(t, err)
	frames, err := drain(source)
	require.NoError(t, err)
	require.Equal(t, len(trace.Frames), len(frames))
	// A device answers step by step; the simulator yields cell by cell.
	for _, w := range trace.Frames {
		found := false
		for _, f := range frames {
			if f.Cell == w.Cell && f.Sequence == w.Sequence && f.Step == w.Step {
				require.Equal(t, w.Fixed, f.Fixed)
				found = true
			}
		}
		require.True(t, found)
	}
	require.Empty(t, source.Stimuli())
	require.Equal(t, "0123", source.Protocol().Model)
}

const smallAnswers = `rnnsim-protocol 1
# a comment
model abc
input 2 16 12
cell 0 net 0 forward
node 0 input_0 2 16 12 data
node 0 it 1 8 7 sigmoid
yields 0 it input_0
begin
x 0 0 0001 ffff
y 0 0 0 80 0001 ffff
x 0 1 8000 7fff
y 0 0 1 7f 8000 7fff
end 2
`

func TestProtocolErrorsNameTheLine(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"magic":        {"rnnsim-protocol 1", "rnnsim-protocol 9", `line 1: "rnnsim-protocol 9" is not`},
		"no device":    {"yields 0 it input_0\n", "", "no device stands between"},
		"no input":     {"input 2 16 12\n", "", "no line of input"},
		"odd line":     {"model abc", "modle abc", `line 3: "modle abc"`},
		"node order":   {"node 0 it", "node 1 it", "a node of cell 1"},
		"width":        {"node 0 it 1 8", "node 0 it 999999999 8", "999999999 values"},
		"bits":         {"input 2 16", "input 2 64", "64 bits"},
		"twice":        {"node 0 it 1 8 7 sigmoid", "node 0 input_0 1 8 7 sigmoid", "already"},
		"unknown node": {"yields 0 it", "yields 0 ot", `no node "ot"`},
		"too short":    {"y 0 0 1 7f 8000 7fff", "y 0 0 1 7f 8000", `node "input_0": it ends after 1 of 2 values`},
		"too long":     {"y 0 0 1 7f 8000 7fff", "y 0 0 1 7f 8000 7fff 1", `"1" stands behind`},
		"wide word":    {"y 0 0 1 7f", "y 0 0 1 17f", "wider than 8 bits"},
		"unknown bits": {"y 0 0 1 7f", "y 0 0 1 xx", "has not driven"},
		"order":        {"y 0 0 1 7f", "y 0 0 0 7f", "comes after sequence 0, step 0"},
		"no cell":      {"y 0 0 1 7f", "y 3 0 1 7f", "cell 3"},
		"x order":      {"x 0 1 8000", "x 0 2 8000", "x of sequence 0, step 2 comes after"},
		"count":        {"end 2", "end 3", "has passed on 2"},
		"cut off":      {"end 2\n", "", "stopped early"},
		"noise":        {"end 2", "hello", "a line of x, y or end"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, smallAnswers, c.from)
			s, err := export.OpenProtocol(strings.NewReader(strings.Replace(smallAnswers, c.from, c.to, 1)), export.ProtocolOptions{})
			if err == nil {
				_, err = drain(s)
			}
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "line ")
		})
	}
}

// Sequences pass in any order, but for who keeps the stimuli; each is in one piece.
func TestAnswersInAnyOrder(t *testing.T) {
	head, _, _ := strings.Cut(smallAnswers, "x 0 0")
	const later = "x 3 0 0001 ffff\ny 0 3 0 80 0001 ffff\n"
	text := strings.Replace(smallAnswers, head, head+later, 1)
	text = strings.Replace(text, "end 2", "end 3", 1)
	s, err := export.OpenProtocol(strings.NewReader(text), export.ProtocolOptions{})
	require.NoError(t, err)
	frames, err := drain(s)
	require.NoError(t, err)
	require.Len(t, frames, 3)
	require.Equal(t, 3, frames[0].Sequence)
	s, err = export.OpenProtocol(strings.NewReader(text), export.ProtocolOptions{KeepStimuli: true})
	require.NoError(t, err)
	_, err = drain(s)
	require.ErrorContains(t, err, "x of sequence 3, step 0 comes after")
	for _, again := range []string{"x 3 0 0001 ffff\n", "x 3 1 0001 ffff\n"} {
		s, err = export.OpenProtocol(strings.NewReader(strings.Replace(text, "end 3", again+"end 4", 1)), export.ProtocolOptions{})
		require.NoError(t, err)
		_, err = drain(s)
		require.ErrorContains(t, err, "x of sequence 3, step")
	}
}

func TestStimuliThatTheProtocolCannotSay(t *testing.T) {
	w, err := export.NewProtocolWriter(io.Discard, export.ProtocolHeader{Features: 2, Grid: fixed.Format{Bits: 16, Position: 12}})
	require.NoError(t, err)
	require.ErrorContains(t, w.WriteSequence(dump.Sequence{Fixed: make([]int16, 3)}), "3 values")
	require.ErrorContains(t, w.WriteSequence(dump.Sequence{}), "0 values")
	initial := []dump.State{{H: []int16{1}}}
	require.ErrorContains(t, w.WriteSequence(dump.Sequence{Fixed: make([]int16, 2), Initial: initial}), "initial state")
	_, err = export.NewProtocolWriter(io.Discard, export.ProtocolHeader{Features: 2, Grid: fixed.Format{Bits: 16}, Trace: dump.Header{Cells: []dump.Cell{{Graph: "a b"}}}})
	require.ErrorContains(t, err, `graph name "a b"`)
}

func FuzzOpenProtocol(f *testing.F) {
	f.Add([]byte(smallAnswers))
	f.Add([]byte(strings.Replace(smallAnswers, "x 0 1", "x 1 0", 1)))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := export.OpenProtocol(bytes.NewReader(text), export.ProtocolOptions{KeepStimuli: true})
		if err != nil {
			return
		}
		frames, _ := drain(s)
		for _, f := range frames {
			for i, n := range s.Header().Cells[f.Cell].Nodes {
				require.Len(t, f.Fixed[i], n.Width)
				for _, v := range f.Fixed[i] {
					clamped, over := fixed.Saturate(int64(v), n.Bits)
					require.False(t, over, clamped)
				}
			}
		}
	})
}
