package machine_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/sim/isa"
	"rnnsim/sim/machine"
)

func TestListingsAssembleBack(t *testing.T) {
	for name, c := range realModels(t) {
		target, err := isa.TargetNamed(string(c.Target))
		require.NoError(t, err)
		var text bytes.Buffer
		require.NoError(t, machine.WriteListing(&text, c, nil, ""))
		segments, err := isa.Assemble(bytes.NewReader(text.Bytes()), target)
		require.NoError(t, err, name)
		require.Len(t, segments, 3)
		for i, want := range [][]byte{c.Cells[0].Init, c.Cells[0].Loop, c.End} {
			got, err := segments[i].Bytes()
			require.NoError(t, err)
			assert.Equal(t, want, got, "%s, segment %s", name, segments[i].Name)
		}
	}
}

func TestListingNamesWhatWordsCompute(t *testing.T) {
	c := realModels(t)["u25_lstm_sentiment_detection_compiled_batch_1"]
	var text bytes.Buffer
	require.NoError(t, machine.WriteListing(&text, c, nil, "loop"))
	for _, want := range []string{
		".segment loop ; 54 words", "; w_ig * input_0 [0:32]", "; w_ig * input_0 + bias_g [0:100]", "; w_hf * input_1 [96:100]",
		"; y_o [0:100]", "; c_next [0:100]", "; h_next [0:100]", "; x of lane 0", "; h of the step before of lane 0", "bank=e0.2",
	} {
		assert.Contains(t, text.String(), want)
	}
	assert.NotContains(t, text.String(), ".segment init")
	assert.NotContains(t, text.String(), "zeros")
	for _, c := range []struct{ name, segment, want string }{
		{"u25_lstm_sentiment_detection_compiled_batch_1", "loop", "c_next of the step before of lane 0, from 0x1e400 of the weight blob"},
		{"u25_lstm_sentiment_detection_compiled_batch_1", "loop", "c_next of lane 0, to 0x1e400 of the weight blob"},
		{"u50lv_gru_sentiment_detection_compiled_batch_3", "init", "bank=v1 bank_addr=2 len=8 ddr_addr=0x50002200"},
		{"u50lv_gru_sentiment_detection_compiled_batch_3", "init", "; zeros, from 0x2200 of the weight blob"},
		{"u50lv_gru_sentiment_detection_compiled_batch_3", "init", "; zeros: there is no state yet"},
		{"u50lv_gru_sentiment_detection_compiled_batch_3", "init", "; weight_hf, bytes 1024 to 2047"},
		{"u50lv_gru_sentiment_detection_compiled_batch_3", "loop", "e0.2 to e2.9 vectors"},
	} {
		var text bytes.Buffer
		require.NoError(t, machine.WriteListing(&text, realModels(t)[c.name], nil, c.segment))
		assert.Contains(t, text.String(), c.want)
	}
	require.ErrorContains(t, machine.WriteListing(&text, c, nil, "middle"), `list segment "middle"`)
}
