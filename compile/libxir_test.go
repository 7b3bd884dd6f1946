package compile_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/internal/needs"
	"rnnsim/xmodel"
)

// TestTheRealLibraryOpensCompiledModels writes models, of one cell and of several, and opens them with XIR's own tool.
func TestTheRealLibraryOpensCompiledModels(t *testing.T) {
	xir := needs.Program(t, "xir", "apt-get install libxir-utils")
	stack := modelOf(t, plainSpec(xmodel.LSTM, 0, false, 5, 7, 12), plainSpec(xmodel.LSTM, 1, false, 7, 70, 12))
	for i, m := range []*xmodel.Model{modelOf(t, plainSpec(xmodel.GRU, 0, false, 5, 7, 12)), stack} {
		for _, o := range configurations {
			c, err := compile.Compile(m, o)
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), fmt.Sprintf("%d_%s_%d.xmodel", i, o.Target, o.Batch))
			require.NoError(t, xmodel.WriteCompiled(path, c))
			out, err := exec.Command(xir, "subgraph", path).CombinedOutput()
			require.NoError(t, err, "%s", out)
			again, err := xmodel.ReadCompiled(path)
			require.NoError(t, err)
			_, err = compile.Lift(again)
			require.NoError(t, err)
		}
	}
}
