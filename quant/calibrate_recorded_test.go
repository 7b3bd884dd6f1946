package quant

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/xmodel"
)

// calibHistory is a calib_history.json: every searched position, and the positions before the export.
type calibHistory struct {
	History map[string]map[string][]int  `json:"fp_history"`
	Before  map[string]map[string][]*int `json:"before_organize"`
}

func readHistory(t testing.TB, c *recordedCase) calibHistory {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, "calib_history.json"))
	require.NoError(t, err)
	var h calibHistory
	require.NoError(t, json.Unmarshal(data, &h))
	return h
}

// compatsOf gives the semantics under which a case must come out as recorded.
func compatsOf(c *recordedCase) []xmodel.Compat {
	if c.oneLSTMCell() {
		return []xmodel.Compat{xmodel.VAI20, xmodel.Sane}
	}
	return []xmodel.Compat{xmodel.VAI20}
}

func TestCalibrationGivesTheRecordedQuantInfo(t *testing.T) {
	eachRecordedCase(t, func(t *testing.T, c *recordedCase) {
		for _, compat := range compatsOf(c) {
			result, err := calibrate(t.Context(), c.net, c.sequences, Options{WeightBits: c.WeightBits, Compat: compat})
			require.NoError(t, err)
			require.Equal(t, string(c.quantInfo), string(result.Info.Marshal()), "compat %v", compat)
		}
	})
}

func TestCalibrationSearchesTheRecordedPositions(t *testing.T) {
	searched := 0
	eachRecordedCase(t, func(t *testing.T, c *recordedCase) {
		recorded := readHistory(t, c)
		for _, compat := range compatsOf(c) {
			result, err := calibrate(t.Context(), c.net, c.sequences, Options{WeightBits: c.WeightBits, Compat: compat})
			require.NoError(t, err)
			for section, got := range map[string][]NodeHistory{"output": result.History.Output, "input": result.History.Input} {
				want := recorded.History[section]
				nonEmpty := 0
				for _, positions := range want {
					if len(positions) > 0 {
						nonEmpty++
					}
				}
				require.Len(t, got, nonEmpty, section)
				for _, node := range got {
					require.Equal(t, want[node.Name], ints(node.Positions), "compat %v, %s %s", compat, section, node.Name)
					searched += len(node.Positions)
				}
			}
		}
	})
	t.Logf("%d positions compared", searched)
}

func ints(positions []int8) []int {
	out := make([]int, len(positions))
	for i, p := range positions {
		out[i] = int(p)
	}
	return out
}

func TestCalibrationHasTheRecordedPositionsBeforeTheExport(t *testing.T) {
	eachRecordedCase(t, func(t *testing.T, c *recordedCase) {
		recorded := readHistory(t, c)
		for _, compat := range compatsOf(c) {
			options, err := Options{WeightBits: c.WeightBits, Compat: compat}.withDefaults()
			require.NoError(t, err)
			calibration, err := newCalibration(c.net, options)
			require.NoError(t, err)
			require.NoError(t, calibration.run(t.Context(), c.sequences))
			info := calibration.info()
			for _, section := range info.sections() {
				want := recorded.Before[section.name]
				require.Len(t, *section.entries, len(want), section.name)
				for _, entry := range *section.entries {
					require.Contains(t, want, entry.Name)
					position := want[entry.Name][1]
					require.Equal(t, *want[entry.Name][0], entry.Format.Bits, entry.Name)
					if position == nil { // a table, which the export gives its position
						require.Zero(t, entry.Format.Position, entry.Name)
						continue
					}
					require.Equal(t, *position, entry.Format.Position, "compat %v, %s %s", compat, section.name, entry.Name)
				}
			}
		}
	})
}

func TestQuantInfoRoundTrip(t *testing.T) {
	eachRecordedCase(t, func(t *testing.T, c *recordedCase) {
		info, err := ParseInfo(c.quantInfo)
		require.NoError(t, err)
		require.Equal(t, string(c.quantInfo), string(info.Marshal()))
	})
}
