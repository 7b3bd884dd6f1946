package verify

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
	"rnnsim/xmodel"
)

func TestEveryRecordedCasePassesWhole(t *testing.T) {
	for _, name := range recordedCases(t) {
		t.Run(name, func(t *testing.T) {
			dir := shared.Path(t, "vectors", name)
			require.True(t, IsCase(dir))
			c, err := OpenCase(dir)
			require.NoError(t, err)
			require.Equal(t, xmodel.VAI20, c.Compat())
			report, err := RunCase(context.Background(), c, CaseOptions{})
			require.NoError(t, err)
			var text bytes.Buffer
			require.NoError(t, report.WriteText(&text, TextOptions{}))
			require.Equal(t, Pass, report.Verdict, "%s", &text)
			if name == "small2" || name == "digits-lstm16" || name == "gru_w8" {
				t.Log(text.String())
			}
		})
	}
}
