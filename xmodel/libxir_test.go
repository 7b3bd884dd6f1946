package xmodel

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
	"rnnsim/internal/shared"
)

// withoutLibrary ends the test where XIR's own library cannot be used.
func withoutLibrary(t *testing.T, why string) {
	t.Helper()
	const remedy = "Debian: apt-get install g++ libxir-dev libunilog-dev libgoogle-glog-dev libxir-utils"
	needs.Lacking(t, "XIR's library: %s (%s)", why, remedy)
}

// checkers builds the checker and gives the two commands that open a file with the real library.
func checkers(t *testing.T) map[string]func(path string) *exec.Cmd {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a program of C++")
	}
	xir, err := exec.LookPath("xir")
	if err != nil {
		withoutLibrary(t, err.Error())
	}
	compiler, err := exec.LookPath("g++")
	if err != nil {
		withoutLibrary(t, err.Error())
	}
	program := filepath.Join(t.TempDir(), "check_xmodel")
	out, err := exec.Command(compiler, "-std=c++17", "-o", program, shared.Path(t, "tools", "check_xmodel.cpp"), "-lxir").CombinedOutput()
	if err != nil {
		withoutLibrary(t, string(out))
	}
	return map[string]func(string) *exec.Cmd{
		"xir subgraph": func(path string) *exec.Cmd { return exec.Command(xir, "subgraph", path) },
		"check_xmodel": func(path string) *exec.Cmd {
			c := exec.Command(program, path)
			c.Env = append(os.Environ(), "CHECK_XMODEL_STRICT=1")
			return c
		},
	}
}

func TestTheRealLibraryOpensWhatWeWrite(t *testing.T) {
	commands := checkers(t)
	dir := t.TempDir()
	for _, kind := range []CellKind{LSTM, GRU} {
		for _, bias := range []bool{true, false} {
			for _, narrow := range []bool{true, false} {
				name := fmt.Sprintf("%s_bias_%t_narrow_%t", kind, bias, narrow)
				path := filepath.Join(dir, name+".xmodel")
				g := testCell(t, "Rnn_"+name+"_layer_0_backward", kind, true, 5, 7, bias, narrow)
				require.NoError(t, WriteFile(path, g))
				for tool, command := range commands {
					out, err := command(path).CombinedOutput()
					require.NoError(t, err, "%s on %s:\n%s", tool, name, out)
				}
				out, err := commands["check_xmodel"](path).Output()
				require.NoError(t, err)
				requireSameView(t, g, string(out))
			}
		}
	}
	compiled := filepath.Join(dir, "compiled.xmodel")
	require.NoError(t, WriteFile(compiled, compiledGraph(t, LSTM)))
	out, err := commands["xir subgraph"](compiled).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// requireSameView holds the library's account of a file against the graph that was written.
func requireSameView(t *testing.T, g *Graph, view string) {
	t.Helper()
	require.Contains(t, view, fmt.Sprintf("graph %s ops=%d\n", g.Name, len(g.Ops)))
	require.Contains(t, view, `direction = string:"backward"`)
	for _, op := range g.Ops {
		shape := strings.ReplaceAll(strings.Trim(fmt.Sprint(op.Output.Shape), "[]"), " ", ",")
		require.Contains(t, view, fmt.Sprintf("op %s type=%s tensor=%s shape=[%s] dtype=FLOAT32\n", op.Name, op.Type, op.Name, shape))
		if op.Type == "fix" {
			f, err := FixFormat(op)
			require.NoError(t, err)
			require.Contains(t, view, fmt.Sprintf("    arg input: %s\n    bit_width = int32:%d\n    fix_point = int32:%d\n", op.Input("input")[0], f.Bits, f.Position))
		}
	}
	require.Contains(t, view, fmt.Sprintf("subgraph root children=0 ops=%d\n", len(g.Ops)))
}

// TestTheCheckersRefuse shows that the test above can fail.
func TestTheCheckersRefuse(t *testing.T) {
	commands := checkers(t)
	for tool, command := range commands {
		c := command(shared.Path(t, "hostile", "xmodel", "tensor_wrong_dims.xmodel"))
		c.Dir = t.TempDir() // where a core dump would go
		out, err := c.CombinedOutput()
		assert.Error(t, err, "%s:\n%s", tool, out)
	}
}
