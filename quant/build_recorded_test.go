package quant

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/xmodel"
)

func TestCalibrationBuildsTheRecordedGraphs(t *testing.T) {
	eachRecordedCase(t, func(t *testing.T, c *recordedCase) {
		for _, compat := range compatsOf(c) {
			result, err := Calibrate(t.Context(), c.net, c.sequences, Options{WeightBits: c.WeightBits, Compat: compat})
			require.NoError(t, err)
			require.NotEmpty(t, result.Model.Cells)
			files, err := filepath.Glob(filepath.Join(c.dir, "xmodel", "*.xmodel"))
			require.NoError(t, err)
			require.Len(t, files, len(result.Model.Cells))
			for _, cell := range result.Model.Cells {
				recorded, err := xmodel.ReadFile(filepath.Join(c.dir, "xmodel", cell.Graph.Name+"_int.xmodel"))
				require.NoError(t, err)
				require.Equal(t, recorded, cell.Graph)
			}
		}
	})
}
