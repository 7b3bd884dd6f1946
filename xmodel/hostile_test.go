package xmodel

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

// unsound says what each altered file that is not sound must give: an error or, marked "odd: ", an oddity of a file that opens.
var unsound = map[string]string{
	"no_graph_name":               `odd: the graph has no name`,
	"no_output_tensor":            `it has no output tensor`,
	"no_tensor_bitwidth":          `the output tensor's bit width is 0`,
	"tensor_wrong_dims":           `the output tensor has shape \[7 7\], what it reads gives \[1 3\]`,
	"dtype_5":                     `the output tensor has element type 5`,
	"const_no_shape":              `op ".*weight_.*" \(const\): attribute "shape" is missing; a int32_vec is wanted`,
	"const_no_dtype":              `attribute "data_type" is missing`,
	"const_dtype_garbage":         `data type "garbage" is unknown`,
	"fix_no_fix_point":            `attribute "fix_point" is missing; a int32 is wanted`,
	"fix_no_round_mode":           `attribute "round_mode" is missing`,
	"fix_point_wrong_type_string": `attribute "fix_point" is a string; a int32 is wanted`,
	"matmul_no_transpose_b":       `op ".*w_ho___input_1" \(matmul\): attribute "transpose_b" is missing`,
	"matmul_one_input":            `argument "input" has 1 ops, 2 are wanted`,
	"dangling_input":              `reads "does_not_exist", which is not defined before it`,
	"self_loop":                   `op "(.*__ot)" \(sigmoid\): argument "input" reads ".*__ot", which is not defined before it`,
	"unknown_op_type_with_shape":  `odd: op ".*__ot": type my_sigmoid is not one of a cell's`,
	"attr_value_unset":            `odd: op ".*__input_2": attribute "zzz" has no value`,
	"subg_both_op_and_child":      `odd: subgraph "root" lists the op ".*__input_2" twice`,
	"subg_child_overlap":          `subgraphs "a" and "b" both hold the op ".*__input_2"`,
	"subg_child_partial_ops":      `odd: the subgraphs hold 10 of the graph's 72 ops`,
	"truncated_half":              `cut off`,
	"garbage":                     `decode as an .xmodel: `,
	"transpose_b_as_int32":        `attribute "transpose_b" is a int32; a bool is wanted`,
	"const_shape_neg":             `attribute "shape" is \[-1 3\]; dimensions must be positive`,
	"args_missing_for_sigmoid":    `op ".*__ot" \(sigmoid\): argument "input" has 0 ops, 1 is wanted`,
	"add_shape_mismatch":          `op ".*__y_i" \(add\): .*do not go together`,
	"fixed_dtype_int16_tensors":   `odd: op ".*_fix": the output tensor has elements of xint16`,
	"deep_101":                    `nested deeper than 98 messages`,
	"neg_fix_point":               `odd: 12 consts are not on the grid .* \[16,-3\]`,
}

// soundRows reads the table of the folder's README: file and whether it is sound.
func soundRows(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(shared.Path(t, "hostile", "README.md"))
	require.NoError(t, err)
	rows := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) == 5 && !strings.Contains(line, "---") && !strings.Contains(line, "libxir | sound") {
			rows[strings.TrimSpace(cells[1])] = strings.TrimSpace(cells[3]) == "yes"
		}
	}
	return rows
}

func TestAlteredFiles(t *testing.T) {
	rows := soundRows(t)
	require.Len(t, rows, 38)
	original, err := ReadFile(shared.Path(t, "hostile", "xmodel", "orig.xmodel"))
	require.NoError(t, err)
	require.Regexp(t, "^12 consts are not on the grid", strings.Join(Oddities(original), "\n"), "the parameters are made up")
	rows["bad_utf8_name"] = true // the file holds the bytes of orig; TestScanRefuses has text that is not UTF-8
	for name, sound := range rows {
		t.Run(name, func(t *testing.T) {
			g, err := readBounded(t, shared.Path(t, "hostile", "xmodel", name+".xmodel"))
			if sound {
				require.NoError(t, err)
				if g.Name == "tiny" { // two files are small graphs of their own
					assert.Empty(t, Oddities(g))
					return
				}
				assert.Equal(t, Oddities(original), Oddities(g))
				assert.NoError(t, Equal(original, g))
				return
			}
			want, listed := unsound[name]
			require.True(t, listed, "what %s must give is not said", name)
			if pattern, odd := strings.CutPrefix(want, "odd: "); odd {
				require.NoError(t, err)
				assert.Regexp(t, regexp.MustCompile(pattern), strings.Join(Oddities(g), "\n"))
				return
			}
			require.Error(t, err)
			assert.Regexp(t, regexp.MustCompile(want), err.Error())
			assert.Contains(t, err.Error(), name+".xmodel", "the error names the file")
		})
	}
}

// readBounded reads a file and holds the reader to 64 MB above the file's size, counting all that was ever allocated, freed or
// not. The time of whole commands is held by cmd/rnnsim, in processor time, which a busy machine does not lengthen.
func readBounded(t *testing.T, path string) (*Graph, error) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g, err := ReadFile(path)
	runtime.ReadMemStats(&after)
	assert.Less(t, int64(after.TotalAlloc-before.TotalAlloc), info.Size()+64<<20)
	return g, err
}

func TestTinyGraphsOpen(t *testing.T) {
	for _, name := range []string{"deep_50", "handmade_minimal_packed"} {
		g, err := ReadFile(shared.Path(t, "hostile", "xmodel", name+".xmodel"))
		require.NoError(t, err)
		require.Len(t, g.Ops, 1)
		assert.Equal(t, "data", g.Ops[0].Type)
		assert.Equal(t, []int32{2, 3}, g.Ops[0].Output.Shape)
		depth := 0
		for s := g.Root; s != nil; s = s.Children[0] {
			depth++
			if len(s.Children) == 0 {
				break
			}
		}
		if name == "deep_50" {
			assert.Equal(t, 51, depth)
		}
	}
}

func TestMissingAndOddPaths(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadFile(filepath.Join(dir, "absent.xmodel"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = ReadFile(dir)
	assert.ErrorContains(t, err, "not a regular file")
	empty := filepath.Join(dir, "empty.xmodel")
	require.NoError(t, os.WriteFile(empty, nil, 0o644))
	_, err = ReadFile(empty)
	assert.ErrorContains(t, err, "the file is empty")
}
