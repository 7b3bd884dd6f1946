package xmodel

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRealCompiledModelsAreWrittenAgain(t *testing.T) {
	for _, path := range compiledFiles(t) {
		g, err := ReadFile(path)
		require.NoError(t, err)
		c, err := NewCompiled(g)
		require.NoError(t, err)
		require.NoError(t, Equal(g, c.Graph()), path)
		written := filepath.Join(t.TempDir(), "again.xmodel")
		require.NoError(t, WriteCompiled(written, c))
		again, err := ReadCompiled(written)
		require.NoError(t, err)
		again.Source = c.Source
		assert.Equal(t, c, again)
	}
}

// stacked is a compiled model with more cells than any known file.
func stacked(t testing.TB) *Compiled {
	t.Helper()
	c, err := NewCompiled(compiledGraph(t, LSTM))
	require.NoError(t, err)
	for i := range 2 {
		next := c.Cells[0]
		next.Name = "subgraph_" + []string{"dummy_data_1", "dummy_data_2"}[i]
		next.LoadX.Forward = i == 1
		c.Cells = append(c.Cells, next)
	}
	return c
}

func TestSeveralCellsComeBackInOrder(t *testing.T) {
	c := stacked(t)
	require.NoError(t, Validate(c.Graph()))
	path := filepath.Join(t.TempDir(), "stacked.xmodel")
	require.NoError(t, WriteCompiled(path, c))
	again, err := ReadCompiled(path)
	require.NoError(t, err)
	again.Source = ""
	assert.Equal(t, c, again)
}

func TestTheRealLibraryOpensSeveralCells(t *testing.T) {
	commands := checkers(t)
	path := filepath.Join(t.TempDir(), "stacked.xmodel")
	require.NoError(t, WriteCompiled(path, stacked(t)))
	for tool, command := range commands {
		out, err := command(path).CombinedOutput()
		require.NoError(t, err, "%s:\n%s", tool, out)
		require.Contains(t, string(out), "dummy_data_2")
	}
}
