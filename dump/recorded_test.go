package dump

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
)

// recorded is a case that the original tool recorded, as a trace: the nodes from exact.npz, the parameters quantized from
// model.npz at the positions of quant_info.json.
type recorded struct {
	header Header
	frames []*Frame
}

type recordedTensor struct {
	Key       string
	Name      string
	Bits, Pos int
}

func readRecorded(t testing.TB, name string) recorded {
	t.Helper()
	var about struct {
		Graphs []string
		Bias   bool
		Hidden int
	}
	text, err := os.ReadFile(shared.Path(t, "vectors", name, "case.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &about))
	tensors := recordedTensors(t, text)
	z, err := npy.OpenZip(shared.Path(t, "vectors", name, "exact.npz"))
	require.NoError(t, err)
	defer z.Close()
	r := recorded{header: Header{Meta: map[string]string{"rnnsim.origin": "exact.npz"}}}
	var values [][]*npy.Array // cell, node
	for _, graph := range about.Graphs {
		cell := Cell{Graph: graph, Backward: strings.HasSuffix(graph, "backward")}
		cell.Layer = int(graph[strings.Index(graph, "layer_")+6] - '0')
		var arrays []*npy.Array
		for _, tensor := range tensors {
			label, ok := strings.CutPrefix(tensor.Name, graph+"::")
			if !ok {
				continue
			}
			a, err := z.Array(tensor.Key)
			require.NoError(t, err)
			arrays = append(arrays, a)
			node := strings.TrimSuffix(strings.TrimPrefix(tensor.Key, graph+"__"), "_fix")
			cell.Nodes = append(cell.Nodes, Node{Name: node, Label: label, Width: a.Shape[2], Bits: tensor.Bits, Position: tensor.Pos})
		}
		cell.Params = recordedParams(t, name, cell, about.Hidden, about.Bias)
		r.header.Cells, values = append(r.header.Cells, cell), append(values, arrays)
	}
	shape := values[0][0].Shape
	for sequence := range shape[0] {
		for c, cell := range r.header.Cells {
			for step := range shape[1] {
				f := &Frame{Cell: c, Sequence: sequence, Step: step}
				for n, node := range cell.Nodes {
					all, err := values[c][n].Int16s()
					require.NoError(t, err)
					at := (sequence*shape[1] + step) * node.Width
					f.Fixed = append(f.Fixed, all[at:at+node.Width])
				}
				r.frames = append(r.frames, f)
			}
		}
	}
	return r
}

// recordedTensors reads the tensors of a case.json in their order, which is that of the nodes.
func recordedTensors(t testing.TB, text []byte) []recordedTensor {
	d := json.NewDecoder(bytes.NewReader(text[bytes.Index(text, []byte(`"tensors": {`))+len(`"tensors": `):]))
	_, err := d.Token()
	require.NoError(t, err)
	var tensors []recordedTensor
	for d.More() {
		key, err := d.Token()
		require.NoError(t, err)
		tensor := recordedTensor{}
		require.NoError(t, d.Decode(&tensor))
		tensor.Key = key.(string)
		tensors = append(tensors, tensor)
	}
	return tensors
}

// recordedParams quantizes the float weights, half away from zero, to the formats of quant_info.json. The rows of PyTorch's
// matrices are the gates i, f, g, o (r, z, n in a GRU).
func recordedParams(t testing.TB, name string, cell Cell, hidden int, bias bool) []Param {
	var info struct{ Param map[string][]int }
	text, err := os.ReadFile(shared.Path(t, "vectors", name, "quant_info.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &info))
	weights, err := npy.OpenZip(shared.Path(t, "vectors", name, "model.npz"))
	require.NoError(t, err)
	defer weights.Close()
	suffix := "_l" + string(rune('0'+cell.Layer))
	if cell.Backward {
		suffix += "_reverse"
	}
	tensor := func(kind string) []float32 {
		for _, n := range weights.Names() {
			if strings.HasSuffix(n, "."+kind+suffix) || n == kind+suffix {
				a, err := weights.Array(n)
				require.NoError(t, err)
				values, err := a.Float32s()
				require.NoError(t, err)
				return values
			}
		}
		require.Fail(t, "no tensor", kind+suffix)
		return nil
	}
	gru := strings.Contains(cell.Graph, "Gru")
	var params []Param
	add := func(name string, values []float32, shape ...int) {
		label := cell.Graph + "::" + name
		if gru {
			label = name
		}
		format := info.Param[label]
		require.Len(t, format, 2, label)
		p := Param{Name: name, Label: label, Shape: shape, Bits: format[0], Position: format[1]}
		f := fixed.Format{Bits: p.Bits, Position: p.Position}
		for _, v := range values {
			p.Values = append(p.Values, int16(fixed.HalfAway.Quantize(float64(v), f)))
		}
		params = append(params, p)
	}
	for g, gate := range []string{"i", "f", "g", "o"} {
		if gru && gate == "o" {
			break
		}
		for _, side := range []string{"i", "h"} {
			all := tensor("weight_" + side + "h")
			columns := len(all) / hidden / map[bool]int{false: 4, true: 3}[gru]
			add("weight_"+side+gate, all[g*hidden*columns:(g+1)*hidden*columns], hidden, columns)
			if gru && bias {
				add("bias_"+side+gate, tensor("bias_" + side + "h")[g*hidden:(g+1)*hidden], hidden)
			}
		}
		if !gru && bias {
			var sum []float32
			for k := range hidden {
				sum = append(sum, tensor("bias_ih")[g*hidden+k]+tensor("bias_hh")[g*hidden+k])
			}
			add("bias_"+gate, sum, hidden)
		}
	}
	return params
}
