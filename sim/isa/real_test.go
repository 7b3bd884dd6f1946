package isa_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

func realModels(t testing.TB) []*xmodel.Compiled {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(shared.Path(t, "models", "compiled"), "*", "*.xmodel"))
	require.NoError(t, err)
	require.Len(t, paths, 8)
	var models []*xmodel.Compiled
	for _, path := range paths {
		c, err := xmodel.ReadCompiled(path)
		require.NoError(t, err)
		models = append(models, c)
	}
	return models
}

// segments are the named streams of a model with one cell.
func segments(c *xmodel.Compiled) map[string][]byte {
	return map[string][]byte{"init": c.Cells[0].Init, "loop": c.Cells[0].Loop, "end": c.End}
}

func TestEveryWordOfTheRealModels(t *testing.T) {
	words := 0
	for _, c := range realModels(t) {
		target, err := isa.TargetNamed(string(c.Target))
		require.NoError(t, err)
		_, err = target.Core(c.Batch)
		require.NoError(t, err)
		for name, data := range segments(c) {
			s, err := isa.ParseSegment(name, data)
			require.NoError(t, err, c.Source)
			require.NoError(t, s.Validate(target, c.Batch), c.Source)
			back, err := s.Bytes()
			require.NoError(t, err)
			assert.Equal(t, data, back)
			words += len(s.Words)
		}
	}
	assert.Equal(t, 2940, words)
}

func TestRealModelsAsText(t *testing.T) {
	for _, c := range realModels(t) {
		target, err := isa.TargetNamed(string(c.Target))
		require.NoError(t, err)
		for name, data := range segments(c) {
			s, err := isa.ParseSegment(name, data)
			require.NoError(t, err)
			var text bytes.Buffer
			require.NoError(t, s.WriteText(&text, target))
			back, err := isa.Assemble(&text, target)
			require.NoError(t, err)
			require.Equal(t, []isa.Segment{s}, back)
		}
	}
}
