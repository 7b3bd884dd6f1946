package export_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/internal/needs"
)

// waveform writes a trace as a VCD file.
func waveform(t testing.TB, trace *dump.Memory, options export.VCDOptions) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace.vcd")
	sink := export.NewVCDSink(path, options)
	require.NoError(t, sink.Begin(trace.Header))
	for _, f := range trace.Frames {
		require.NoError(t, sink.Write(f))
	}
	require.NoFileExists(t, path)
	require.NoError(t, sink.Close())
	return path
}

func TestAWaveformReadsBack(t *testing.T) {
	for _, name := range []string{"digits-lstm8", "digits-bilstm16"} {
		model, stimuli := shipped(t, name, 3)
		trace := simulate(t, model, append(stimuli, noise(rand.New(rand.NewPCG(5, 6)), 8, 1, 1, 4)...))
		text, err := os.ReadFile(waveform(t, trace, export.VCDOptions{}))
		require.NoError(t, err)
		source, err := export.OpenVCD(bytes.NewReader(text), export.VCDReadOptions{})
		require.NoError(t, err)
		frames, err := drain(source)
		require.NoError(t, err)
		require.Empty(t, source.Left())
		require.Equal(t, withoutParams(trace.Header), source.Header())
		require.Equal(t, len(trace.Frames), len(frames))
		for i, f := range frames {
			w := trace.Frames[i].Clone()
			w.Saturations = nil
			require.Equal(t, w, f)
		}
	}
}

func TestAWaveformOfSomeNodesAndUnits(t *testing.T) {
	model, stimuli := shipped(t, "digits-lstm16", 2)
	trace := simulate(t, model, stimuli)
	some := waveform(t, trace, export.VCDOptions{Nodes: []string{"h_next", "y_*"}, Units: []int{0, 31}})
	text, err := os.ReadFile(some)
	require.NoError(t, err)
	require.Equal(t, 3+5*2, bytes.Count(text, []byte("$var ")))
	partial, err := export.OpenVCD(bytes.NewReader(text), export.VCDReadOptions{})
	require.NoError(t, err)
	require.Len(t, partial.Header().Cells[0].Nodes, 5)
	for _, n := range partial.Header().Cells[0].Nodes {
		require.Equal(t, &dump.Part{Units: []int{0, 31}, Of: 32}, n.Part)
		require.Equal(t, 2, n.Width)
	}
	frames, err := drain(partial)
	require.NoError(t, err)
	at := slices.IndexFunc(trace.Header.Cells[0].Nodes, func(n dump.Node) bool { return n.Name == "h_next" })
	for i, f := range frames {
		require.Equal(t, []int16{trace.Frames[i].Fixed[at][0], trace.Frames[i].Fixed[at][31]}, f.Fixed[4])
	}

	// What is made of it has what it has, or is refused.
	again := waveform(t, &dump.Memory{Header: partial.Header(), Frames: frames}, export.VCDOptions{Units: []int{31}})
	text, err = os.ReadFile(again)
	require.NoError(t, err)
	partial, err = export.OpenVCD(bytes.NewReader(text), export.VCDReadOptions{})
	require.NoError(t, err)
	require.Equal(t, &dump.Part{Units: []int{31}, Of: 32}, partial.Header().Cells[0].Nodes[4].Part)
	fewer, err := drain(partial)
	require.NoError(t, err)
	require.Equal(t, frames[7].Fixed[4][1:], fewer[7].Fixed[4])
	for _, sink := range []dump.Sink{dump.NewArrowSink(filepath.Join(t.TempDir(), "x"), dump.ArrowOptions{}), dump.NewNpzSink(filepath.Join(t.TempDir(), "x.npz"), dump.NpzOptions{})} {
		require.ErrorContains(t, sink.Begin(partial.Header()), `node "y_i" has 1 of 32 units`)
		require.NoError(t, sink.Abort())
	}
	err = export.WriteRTL(filepath.Join(t.TempDir(), "x"), model, partial, export.Options{})
	require.ErrorContains(t, err, `node "y_i" has 1 of 32 units`)

	nodes := waveform(t, trace, export.VCDOptions{Nodes: []string{"c_next"}})
	text, err = os.ReadFile(nodes)
	require.NoError(t, err)
	source, err := export.OpenVCD(bytes.NewReader(text), export.VCDReadOptions{})
	require.NoError(t, err)
	require.Len(t, source.Header().Cells[0].Nodes, 1)

	sink := export.NewVCDSink(filepath.Join(t.TempDir(), "x.vcd"), export.VCDOptions{Nodes: []string{"nothing"}})
	require.ErrorContains(t, sink.Begin(trace.Header), `matches "nothing"`)
	require.NoError(t, sink.Abort())
}

func TestAnAbortedWaveformLeavesNothing(t *testing.T) {
	model, stimuli := shipped(t, "digits-lstm16", 1)
	trace := simulate(t, model, stimuli)
	dir := t.TempDir()
	sink := export.NewVCDSink(filepath.Join(dir, "x.vcd"), export.VCDOptions{})
	require.NoError(t, sink.Begin(trace.Header))
	require.NoError(t, sink.Write(trace.Frames[0]))
	require.NoError(t, sink.Abort())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	sink = export.NewVCDSink(filepath.Join(dir, "no", "such", "folder.vcd"), export.VCDOptions{})
	_ = sink.Begin(trace.Header)
	require.Error(t, sink.Close())
}

func TestGTKWaveTakesTheWaveform(t *testing.T) {
	needs.Program(t, "vcd2fst", "apt-get install gtkwave")
	model, stimuli := shipped(t, "digits-lstm8", 2)
	trace := simulate(t, model, stimuli)
	path := waveform(t, trace, export.VCDOptions{})
	fst, back := filepath.Join(t.TempDir(), "trace.fst"), filepath.Join(t.TempDir(), "back.vcd")
	text, err := exec.Command("vcd2fst", path, fst).CombinedOutput()
	require.NoError(t, err, "%s", text)
	text, err = exec.Command("fst2vcd", "-f", fst, "-o", back).CombinedOutput()
	require.NoError(t, err, "%s", text)
	// What GTKWave's own reader has understood is the same trace. It drops our comment, so the model says what the signals are.
	var signals strings.Builder
	signals.WriteString("sample = rnnsim.NET.frame rising\nsequence = rnnsim.NET.sequence\nstep = rnnsim.NET.step\n")
	for _, n := range trace.Header.Cells[0].Nodes {
		signals.WriteString(n.Name + "[*] = rnnsim.NET." + n.Name + ".u*\n")
	}
	m, err := export.ParseSignalMap([]byte(strings.ReplaceAll(signals.String(), "NET", trace.Header.Cells[0].Graph)))
	require.NoError(t, err)
	m.Cells[0].Edge, m.Cells[0].When = export.Change, m.Cells[0].Sample
	again, err := os.ReadFile(back)
	require.NoError(t, err)
	source, err := export.OpenVCD(bytes.NewReader(again), export.VCDReadOptions{Map: m, Like: &trace.Header})
	require.NoError(t, err)
	frames, err := drain(source)
	require.NoError(t, err)
	require.Equal(t, len(trace.Frames), len(frames))
	for i, f := range frames {
		require.Equal(t, trace.Frames[i].Fixed, f.Fixed)
	}
}
