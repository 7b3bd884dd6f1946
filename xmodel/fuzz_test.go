package xmodel

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"rnnsim/internal/shared"
	"rnnsim/xmodel/internal/xir"
)

func marshal(t testing.TB, g *Graph) []byte {
	t.Helper()
	data, err := g.Marshal()
	require.NoError(t, err)
	return data
}

// addFiles makes seeds of real files; args are the further arguments of each.
func addFiles(f *testing.F, paths []string, args ...any) {
	f.Helper()
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(append([]any{data}, args...)...)
	}
}

// FuzzParse holds that no bytes harm the reader; that it takes nothing that the protobuf library refuses, and what it takes, it
// takes as that library does; and that what it took survives writing.
func FuzzParse(f *testing.F) {
	f.Add([]byte{})
	f.Add(tinyFile(field(1, []byte{2, 3}), field(2, []byte{2, 3})))
	f.Add(marshal(f, testCell(f, "g", LSTM, false, 2, 3, true, true)))
	f.Add(marshal(f, testCell(f, "rnn_cell_0", GRU, true, 2, 3, false, false)))
	f.Add(marshal(f, compiledGraph(f, GRU)))
	f.Add(bytes.Repeat([]byte{10<<3 | 2, 0}, 50))
	addFiles(f, []string{
		"../vectors/digits-gru8/xmodel/Gru_StandardGruCell_layer_0_forward_int.xmodel",
		"../vectors/digits-bilstm16/xmodel/Lstm_StandardLstmCell_layer_1_backward_int.xmodel",
	})
	addFiles(f, shared.Glob("hostile", "xmodel", "*.xmodel"))
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := Parse(data)
		message := new(xir.Graph)
		libraryErr := proto.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(data, message)
		if err != nil {
			return
		}
		require.NoError(t, libraryErr)
		want, err := graphOf(message)
		require.NoError(t, err)
		require.NoError(t, Equal(want, g))
		require.NoError(t, Validate(g))
		Oddities(g)
		g.FileKind()
		_ = requireCell(g)

		written := marshal(t, g)
		again, err := Parse(written)
		require.NoError(t, err)
		require.NoError(t, Equal(g, again))
		require.True(t, bytes.Equal(written, marshal(t, again)))

		m, err := NewModel(g)
		if err == nil {
			require.Len(t, m.Digest(), 64)
		}
		for _, op := range g.Ops {
			_, _ = FixFormat(op)
			_, _ = ConstFloats(op)
			Label(NodeName(g.Name, op.Name))
		}
	})
}

// FuzzCompiled holds that no bytes harm the reader of compiled models, and that a blob that could be unpacked packs again into the
// same bytes.
func FuzzCompiled(f *testing.F) {
	for _, kind := range []CellKind{LSTM, GRU} {
		f.Add(marshal(f, compiledGraph(f, kind)), false)
		f.Add(marshal(f, compiledGraph(f, kind)), true)
	}
	addFiles(f, shared.Glob("models", "compiled", "u25", "lstm_sentiment*.xmodel"), false)
	addFiles(f, shared.Glob("models", "compiled", "u50lv", "gru_*batch_3.xmodel"), true)
	f.Fuzz(func(t *testing.T, data []byte, gru bool) {
		g, err := Parse(data)
		if err != nil {
			return
		}
		c, err := NewCompiled(g)
		if err != nil {
			return
		}
		_, _ = BlobKind(c)
		kind := LSTM
		if gru {
			kind = GRU
		}
		b, err := UnpackBlob(c, kind)
		if err != nil {
			return
		}
		for offset := range c.Weights {
			require.NotContains(t, b.Locate(offset), "nothing")
		}
		packed, err := PackBlob(kind, c.Target, c.Batch, b.Input, b.Hidden, b.Values)
		require.NoError(t, err)
		require.True(t, bytes.Equal(c.Weights, packed))
	})
}
