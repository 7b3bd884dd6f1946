package machine_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/sim/machine"
)

// TestEstimatesOfTheRealModels holds the model to the figures of the reading that the costs come from.
func TestEstimatesOfTheRealModels(t *testing.T) {
	frames := map[string]int{
		"u25_lstm_sentiment_detection_compiled_batch_1": 556, "u25_lstm_customer_satisfaction_compiled_batch_1": 584,
		"u50lv_lstm_sentiment_detection_compiled_batch_3": 698, "u50lv_lstm_customer_satisfaction_compiled_batch_3": 632,
		"u50lv_lstm_sentiment_detection_compiled_batch_4": 732, "u50lv_lstm_customer_satisfaction_compiled_batch_4": 666,
		"u50lv_gru_sentiment_detection_compiled_batch_3": 522, "u50lv_gru_sentiment_detection_compiled_batch_4": 548,
	}
	for name, c := range realModels(t) {
		e, err := machine.NewEstimate(c, 500, machine.DefaultCosts())
		require.NoError(t, err)
		assert.InDelta(t, frames[name], e.Frame, 0, name)
		assert.True(t, e.Settled)
		low, high := 5600, 5810
		if strings.Contains(name, "gru") {
			low, high = 4500, 4580
		}
		assert.True(t, low <= e.Once && e.Once <= high, "%s: %d", name, e.Once)
		assert.Equal(t, e.Once+499*frames[name], e.Cycles, name)
		var text bytes.Buffer
		require.NoError(t, e.WriteText(&text))
		assert.Contains(t, text.String(), "not measurements")
		if name == "u25_lstm_sentiment_detection_compiled_batch_1" {
			assert.InDelta(t, 0.9e-3, e.Seconds(), 0.05e-3)
			t.Log("\n" + text.String())
		}
	}
}

func TestProfileIsAChromeTrace(t *testing.T) {
	for name, c := range realModels(t) {
		var out bytes.Buffer
		require.NoError(t, machine.WriteProfile(&out, c, 3, machine.DefaultCosts()))
		var trace struct {
			OtherData   struct{ Note string }
			TraceEvents []struct {
				Ph       string
				Ts, Dur  float64
				Tid, ID  int
				Args     map[string]any
				Name, Bp string
			}
		}
		require.NoError(t, json.Unmarshal(out.Bytes(), &trace), name)
		assert.Contains(t, trace.OtherData.Note, "not measurements")
		words, arrows, free := 0, 0, map[int]float64{}
		for _, e := range trace.TraceEvents {
			switch e.Ph {
			case "X":
				words++
				assert.GreaterOrEqual(t, e.Ts+1e-6, free[e.Tid], "slices of a track overlap")
				free[e.Tid] = e.Ts + e.Dur
			case "s":
				arrows++
			case "f":
				arrows--
			}
		}
		assert.Equal(t, (len(c.Cells[0].Init)+2*len(c.Cells[0].Loop)+len(c.End))/16, words)
		assert.Zero(t, arrows)
	}
}
