package machine

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
	"rnnsim/xmodel"
)

func realPrograms(t testing.TB) map[string]*xmodel.Compiled {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(shared.Path(t, "models", "compiled"), "*", "*.xmodel"))
	require.NoError(t, err)
	models := map[string]*xmodel.Compiled{}
	for _, path := range paths {
		c, err := xmodel.ReadCompiled(path)
		require.NoError(t, err)
		models[filepath.Base(filepath.Dir(path))+"/"+strings.TrimSuffix(filepath.Base(path), ".xmodel")] = c
	}
	return models
}

func TestRealProgramsAreClean(t *testing.T) {
	for name, c := range realPrograms(t) {
		r, err := CheckTokens(c, 4)
		require.NoError(t, err)
		assert.Empty(t, r.Findings(), name)
	}
}

// TestADroppedTokenIsARace leaves out one token at a time. The counts are those that the reading of the streams was made with.
func TestADroppedTokenIsARace(t *testing.T) {
	for name, want := range map[string][2]int{
		"u25/lstm_sentiment_detection_compiled_batch_1":   {61, 68},
		"u50lv/lstm_sentiment_detection_compiled_batch_3": {61, 70},
		"u50lv/gru_sentiment_detection_compiled_batch_3":  {56, 62},
	} {
		p, err := decode(realPrograms(t)[name])
		require.NoError(t, err)
		check := newTokenCheck(p.unroll(3, true), 3)
		races := 0
		for i := range check.paired {
			if len(check.report(i).Races) > 0 {
				races++
			}
		}
		assert.Equal(t, want, [2]int{races, len(check.paired)}, name)
	}
}
