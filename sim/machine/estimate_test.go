package machine_test

import (
	"bytes"
	"encoding/json"
	"math"
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

// nanoseconds is what Perfetto makes of microseconds.
func nanoseconds(microseconds float64) int64 { return int64(math.Round(microseconds * 1000)) }

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
				Pid      *int
				Name, Bp string
				Cat      string
			}
		}
		require.NoError(t, json.Unmarshal(out.Bytes(), &trace), name)
		assert.Contains(t, trace.OtherData.Note, "not measurements")
		words, free, named := 0, map[int]int64{}, map[string]bool{}
		tracks, starts, ends := map[int]string{}, map[int]float64{}, map[int]int{}
		for _, e := range trace.TraceEvents {
			require.NotNil(t, e.Pid)
			require.NotEmpty(t, e.Name)
			switch e.Ph {
			case "M":
				if e.Name == "thread_name" {
					tracks[e.Tid] = e.Args["name"].(string)
				}
			case "X":
				words++
				named[e.Name] = true
				require.Contains(t, tracks, e.Tid, "a slice on a track without a name")
				require.GreaterOrEqual(t, e.Dur, 0.0)
				start := nanoseconds(e.Ts)
				require.GreaterOrEqual(t, start, free[e.Tid], "slices of a track overlap, and Perfetto drops them")
				free[e.Tid] = start + nanoseconds(e.Dur)
			case "s":
				require.NotContains(t, starts, e.ID)
				starts[e.ID] = e.Ts
			case "f":
				require.Equal(t, "e", e.Bp)
				require.Contains(t, starts, e.ID, "an arrow that ends and does not begin")
				require.LessOrEqual(t, starts[e.ID], e.Ts)
				ends[e.ID]++
			default:
				require.Fail(t, "an event of another phase", e.Ph)
			}
		}
		assert.Equal(t, (len(c.Cells[0].Init)+2*len(c.Cells[0].Loop)+len(c.End))/16, words)
		assert.Len(t, ends, len(starts))
		assert.Len(t, tracks, 7)
		assert.True(t, named["h_next [0:100]"], "slices are named by the nodes that they compute")
	}
}
