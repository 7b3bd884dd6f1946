package xmodel

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestUnpackRealBlobsAndPackThemAgain(t *testing.T) {
	sizes := map[int]bool{165632: true, 167168: true, 167936: true, 126720: true, 127488: true}
	for _, path := range compiledFiles(t) {
		c, err := ReadCompiled(path)
		require.NoError(t, err)
		require.True(t, sizes[len(c.Weights)])
		kind, err := BlobKind(c)
		require.NoError(t, err)
		b, err := UnpackBlob(c, kind)
		require.NoError(t, err)
		assert.Len(t, b.Values, len(Parameters(kind, true)))
		packed, err := PackBlob(kind, c.Target, c.Batch, b.Input, b.Hidden, b.Values)
		require.NoError(t, err)
		assert.True(t, slices.Equal(packed, c.Weights), "%s does not come back bit for bit", path)
		other := GRU
		if kind == GRU {
			other = LSTM
		}
		_, err = UnpackBlob(c, other)
		assert.ErrorContains(t, err, "bytes; that of a "+other.String())
	}
}

// TestTargetsHoldTheSameWeights: one model compiled for two cards and two batches has one set of parameters.
func TestTargetsHoldTheSameWeights(t *testing.T) {
	first := map[string]map[string][]int16{}
	for _, path := range compiledFiles(t) {
		c, err := ReadCompiled(path)
		require.NoError(t, err)
		kind, err := BlobKind(c)
		require.NoError(t, err)
		b, err := UnpackBlob(c, kind)
		require.NoError(t, err)
		name := baseModel(path)
		if first[name] == nil {
			first[name] = b.Values
			continue
		}
		assert.Equal(t, first[name], b.Values, path)
	}
	assert.Len(t, first, 3)
}

// slowBlob writes a blob as the specification says it in words, vector by vector.
func slowBlob(kind CellKind, target Target, batch, input, hidden int, values map[string][]int16) []byte {
	pad := func(n, to int) int {
		for n%to != 0 {
			n++
		}
		return n
	}
	hp, ip := pad(hidden, 64), pad(input, 32)
	var out []int16
	vector := func(label string) {
		out = append(out, append(slices.Clone(values[label]), make([]int16, hp-hidden)...)...)
	}
	zeros := func(n int) { out = append(out, make([]int16, n*hp)...) }
	matrix := func(label string, columns, padded int) {
		var rows [][]int16
		for first := range 32 { // 0, 32, 64, …, 1, 33, …
			for row := first; row < hp; row += 32 {
				line := make([]int16, padded)
				if row < hidden {
					copy(line, values[label][row*columns:(row+1)*columns])
				}
				rows = append(rows, line)
			}
		}
		for i := 0; i < len(rows); i += 2 {
			if target == U25 {
				out = append(append(out, rows[i]...), rows[i+1]...)
				continue
			}
			for e := range rows[i] {
				out = append(out, rows[i][e], rows[i+1][e])
			}
		}
	}
	w := func(gate string) { matrix("weight_i"+gate, input, ip) }
	r := func(gate string) { matrix("weight_h"+gate, hidden, hp) }
	if kind == LSTM {
		w("g")
		vector("bias_g")
		zeros(batch)
		r("g")
		w("i")
		vector("bias_i")
		r("i")
		w("f")
		vector("bias_f")
		r("f")
		zeros(2 * batch)
		w("o")
		vector("bias_o")
		r("o")
	} else {
		w("f")
		vector("bias_if")
		zeros(batch)
		r("f")
		vector("bias_hf")
		w("g")
		vector("bias_ig")
		r("g")
		vector("bias_hg")
		w("i")
		vector("bias_ii")
		r("i")
		vector("bias_hi")
		zeros(2 * batch)
	}
	data := make([]byte, 0, 2*len(out))
	for _, v := range out {
		data = binary.LittleEndian.AppendUint16(data, uint16(v))
	}
	return data
}

func TestBlobLayoutEqualsTheWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]CellKind{LSTM, GRU}).Draw(t, "kind")
		target := rapid.SampledFrom([]Target{U25, U50}).Draw(t, "target")
		batch, input, hidden := rapid.IntRange(1, 4).Draw(t, "batch"), rapid.IntRange(1, 70).Draw(t, "input"), rapid.IntRange(1, 130).Draw(t, "hidden")
		seed := rapid.Int16().Draw(t, "seed")
		values := map[string][]int16{}
		for _, label := range Parameters(kind, true) {
			n := 1
			for _, dim := range (&CellSpec{Input: input, Hidden: hidden}).shape(label) {
				n *= int(dim)
			}
			for i := range n {
				values[label] = append(values[label], int16(i)*31+seed+int16(len(values))|1)
			}
		}
		blob, err := PackBlob(kind, target, batch, input, hidden, values)
		require.NoError(t, err)
		require.True(t, slices.Equal(slowBlob(kind, target, batch, input, hidden, values), blob))

		transfer := func(n int) Transfer { return Transfer{Forward: true, Aligned: 4 * n, Original: 2 * n} }
		c := &Compiled{Target: target, Batch: batch, Weights: blob, Cells: []CompiledCell{{LoadX: transfer(input), SaveH: transfer(hidden)}}}
		b, err := UnpackBlob(c, kind)
		require.NoError(t, err)
		require.Equal(t, values, b.Values)

		// What is named at a byte is what lies there: values are odd, all else is zero.
		at := rapid.IntRange(0, len(blob)/2-1).Draw(t, "at") * 2
		isValue := binary.LittleEndian.Uint16(blob[at:]) != 0
		named := b.Locate(at)
		require.Equal(t, isValue, named[len(named)-1] == ']', "byte %d is %q", at, named)
		if !isValue {
			blob[at] = 1
			_, err := UnpackBlob(c, kind)
			require.ErrorContains(t, err, named)
		}
	})
}

func TestLocateNamesTheElement(t *testing.T) {
	regions, err := BlobLayout(LSTM, U50, 3, 32, 100)
	require.NoError(t, err)
	b := &Blob{Regions: regions}
	for i := range regions {
		r := &regions[i]
		for _, element := range [][2]int{{0, 0}, {99, 99}, {31, 17}, {32, 31}, {64, 5}} {
			if r.paddedRows == 1 {
				element[0] = 0
			}
			row, column := r.elementAt(r.At(element[0], element[1]%r.paddedColumns))
			assert.Equal(t, [2]int{element[0], element[1] % r.paddedColumns}, [2]int{row, column})
		}
	}
	assert.Equal(t, "weight_ig[0,0]", b.Locate(0))
	assert.Equal(t, "weight_ig[32,0]", b.Locate(3), "the second byte of a value belongs to it")
	assert.Equal(t, "bias_g[99]", b.Locate(8192+2*99))
	assert.Equal(t, "padding of bias_g", b.Locate(8192+2*100))
	assert.Equal(t, "zero block at byte 8448", b.Locate(8448))
	assert.Equal(t, "nothing: the blob ends at byte 167168", b.Locate(167168))
}

func TestPackBlobRefuses(t *testing.T) {
	_, err := PackBlob(LSTM, U25, 1, 2, 3, nil)
	assert.ErrorContains(t, err, "parameter weight_ig has 0 values, its shape [3, 2] wants 6")
	_, err = PackBlob(LSTM, U25, 0, 2, 3, nil)
	assert.ErrorContains(t, err, "batch 0 cannot be")
	_, err = PackBlob(CellKind(7), U25, 1, 2, 3, nil)
	assert.ErrorContains(t, err, "cell kind 7 does not exist")
	g := compiledGraph(t, LSTM)
	c, err := NewCompiled(g)
	require.NoError(t, err)
	c.Cells = append(c.Cells, c.Cells[0])
	_, err = UnpackBlob(c, LSTM)
	assert.ErrorContains(t, err, "for 2 cells is not known")
	_, err = BlobKind(c)
	assert.ErrorContains(t, err, "fits neither")
}
