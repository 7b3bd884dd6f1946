package quant

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
	"rnnsim/model"
)

// recordedCase is a case of the recorded vectors: a network, its calibration data, and what the original made of them.
type recordedCase struct {
	name      string
	dir       string
	net       *model.Network
	sequences [][]float32
	quantInfo []byte

	Cell          string `json:"cell"`
	Layers        int    `json:"layers"`
	Bidirectional bool   `json:"bidirectional"`
	WeightBits    int    `json:"weight_bits"`
}

// oneLSTMCell says that the case has one cell a layer and no GRU, so that the original's faults do not reach it.
func (c *recordedCase) oneLSTMCell() bool { return c.Cell == "lstm" && !c.Bidirectional }

// eachRecordedCase runs a test for every recorded case: those that the project ships, and all others where they are present.
func eachRecordedCase(t *testing.T, test func(t *testing.T, c *recordedCase)) {
	seen := map[string]bool{}
	cases := func(t *testing.T, root string) {
		files, err := filepath.Glob(filepath.Join(root, "*", "quant_info.json"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			dir := filepath.Dir(file)
			name := filepath.Base(dir)
			if seen[name] {
				continue
			}
			seen[name] = true
			t.Run(name, func(t *testing.T) { test(t, readRecordedCase(t, dir)) })
		}
	}
	cases(t, filepath.Join("..", "vectors"))
	t.Run("shared", func(t *testing.T) { cases(t, shared.Path(t, "vectors")) })
}

func readRecordedCase(t testing.TB, dir string) *recordedCase {
	t.Helper()
	c := &recordedCase{name: filepath.Base(dir), dir: dir}
	data, err := os.ReadFile(filepath.Join(dir, "case.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, c))
	c.quantInfo, err = os.ReadFile(filepath.Join(dir, "quant_info.json"))
	require.NoError(t, err)
	c.net = readNetwork(t, c)

	file := filepath.Join(dir, "x_calib.npy")
	if _, err := os.Stat(file); err != nil {
		file = filepath.Join(dir, "x.npy")
	}
	x, err := npy.ReadFile(file)
	require.NoError(t, err)
	values, err := x.Float32s()
	require.NoError(t, err)
	size := len(values) / x.Shape[0]
	for i := range x.Shape[0] {
		c.sequences = append(c.sequences, values[i*size:(i+1)*size])
	}
	return c
}

// readNetwork reads model.npz with nothing but the array reader, so that these tests depend on no reader of package model.
func readNetwork(t testing.TB, c *recordedCase) *model.Network {
	t.Helper()
	archive, err := npy.OpenZip(filepath.Join(c.dir, "model.npz"))
	require.NoError(t, err)
	defer archive.Close()
	net := &model.Network{Source: filepath.Join(c.dir, "model.npz"), Layers: make([]model.Layer, c.Layers)}
	if c.Cell == "gru" {
		net.Kind = model.GRU
	}
	module := ""
	for _, name := range archive.Names() {
		if before, found := strings.CutSuffix(name, ".weight_ih_l0"); found {
			module = before
		}
	}
	net.Name = module
	tensor := func(name, suffix string) ([]float32, []int) {
		name = module + "." + name + suffix
		if !archive.Has(name) {
			return nil, nil
		}
		array, err := archive.Array(name)
		require.NoError(t, err)
		values, err := array.Float32s()
		require.NoError(t, err)
		return values, array.Shape
	}
	cell := func(suffix string) *model.Cell {
		ih, shape := tensor("weight_ih", suffix)
		if ih == nil {
			return nil
		}
		hh, hhShape := tensor("weight_hh", suffix)
		biasIH, _ := tensor("bias_ih", suffix)
		biasHH, _ := tensor("bias_hh", suffix)
		return &model.Cell{Input: shape[1], Hidden: hhShape[1], WeightIH: ih, WeightHH: hh, BiasIH: biasIH, BiasHH: biasHH}
	}
	for l := range net.Layers {
		net.Layers[l] = model.Layer{Forward: cell(fmt.Sprintf("_l%d", l)), Backward: cell(fmt.Sprintf("_l%d_reverse", l))}
	}
	require.NoError(t, net.Validate())
	return net
}
