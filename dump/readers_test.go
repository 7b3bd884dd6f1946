package dump

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
)

// foundTable is what another program found in a file.
type foundTable struct {
	Rows     int
	Metadata map[string]string
	Columns  map[string]struct {
		Metadata map[string]string
		Values   json.RawMessage
	}
}

// Programs of others open a trace and find its values: apache-arrow in JavaScript, and polars.
func TestArrowTracesAreReadByOthers(t *testing.T) {
	readers := filepath.Join("testdata", "readers")
	needs.Readers(t, readers, "apache-arrow", "nodejs-polars")
	h := testHeader()
	h.Cells[1].Nodes = append(h.Cells[1].Nodes, Node{Name: "real", Label: "real", Op: "data", Width: 2, Bits: 32, Float: true})
	frames := testFrames(h, []int{4, 7}, true, rand.New(rand.NewPCG(1, 2)))
	h.Cells = append(h.Cells, Cell{Graph: "without_frames", Layer: 1, Nodes: []Node{{Name: "h_next", Label: "h_next", Width: 2, Bits: 16}}})
	var files []string
	for _, name := range []string{"plain", "zstd"} {
		dir := filepath.Join(t.TempDir(), name)
		write(t, NewArrowSink(dir, ArrowOptions{Zstd: name == "zstd", BatchBytes: 200}), h, frames)
		for _, cell := range h.Cells {
			files = append(files, filepath.Join(dir, cell.Graph+arrowSuffix))
		}
		files = append(files, filepath.Join(dir, paramsFolder, h.Cells[0].Graph+arrowSuffix))
	}
	command := exec.Command("node", append([]string{filepath.Join(readers, "read.mjs")}, files...)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(t, err)
	var found []map[string]*foundTable
	require.NoError(t, json.Unmarshal(out, &found))
	require.Len(t, found, len(files))
	for i, readers := range found {
		for reader, table := range readers {
			where := reader + " of " + files[i]
			require.NotNil(t, table, where)
			if strings.Contains(files[i], paramsFolder) {
				assert.Equal(t, 1, table.Rows, where)
				assert.JSONEq(t, text(t, [][]int16{h.Cells[0].Params[0].Values}), string(table.Columns["weight_ii"].Values), where)
				continue
			}
			checkTable(t, where, reader, h, i%(len(h.Cells)+1), frames, table)
		}
	}
}

func checkTable(t *testing.T, where, reader string, h Header, cell int, frames []*Frame, table *foundTable) {
	var sequences, steps []int
	var saturations [][]int32
	nodes := h.Cells[cell].Nodes
	values := make([][]any, len(nodes))
	for _, f := range frames {
		if f.Cell != cell {
			continue
		}
		sequences, steps, saturations = append(sequences, f.Sequence), append(steps, f.Step), append(saturations, f.Saturations)
		for i, node := range nodes {
			if node.Float {
				values[i] = append(values[i], f.Float[i])
			} else {
				values[i] = append(values[i], f.Fixed[i])
			}
		}
	}
	assert.Equal(t, len(steps), table.Rows, where)
	if reader == "arrow" { // polars drops the metadata
		assert.Equal(t, h.Cells[cell].Graph, table.Metadata["graph"], where)
		assert.Equal(t, "test", table.Metadata["rnnsim.version"], where)
		for _, node := range nodes {
			want := map[string]string{"bit_width": strconv.Itoa(node.Bits), "fix_position": strconv.Itoa(node.Position), "label": node.Label, "op_type": node.Op}
			assert.Equal(t, want, table.Columns[node.Name].Metadata, where)
		}
	}
	if len(steps) == 0 {
		return
	}
	assert.JSONEq(t, text(t, sequences), string(table.Columns["sequence"].Values), where)
	assert.JSONEq(t, text(t, steps), string(table.Columns["step"].Values), where)
	assert.JSONEq(t, text(t, saturations), string(table.Columns["saturations"].Values), where)
	for i, node := range nodes {
		if node.Float {
			var got [][]float32
			require.NoError(t, json.Unmarshal(table.Columns[node.Name].Values, &got), where)
			for k := range got {
				assert.Equal(t, values[i][k], got[k], where)
			}
			continue
		}
		assert.JSONEq(t, text(t, values[i]), string(table.Columns[node.Name].Values), where)
	}
}

func text(t *testing.T, v any) string {
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}
