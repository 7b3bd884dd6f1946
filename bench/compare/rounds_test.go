package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRatiosAreMediansWithinARound(t *testing.T) {
	assert.Equal(t, "2.00", ratio([]float64{2, 40, 9}, []float64{1, 20, 1}))
	assert.Equal(t, "1.50", ratio([]float64{1, 2}, []float64{1, 1}))
	assert.Equal(t, "-", ratio(nil, []float64{1}))
}

func TestTableSaysWhatIsMissing(t *testing.T) {
	m := measured{name: "S1", contenders: []*contender{
		{name: rnnsim8, threads: 1, rates: []float64{3000}}, {name: limit8, rates: []float64{4000}},
	}}
	m.note("%s is missing: no node", ortFloat)
	var out bytes.Buffer
	write(&out, []measured{m})
	text := strings.Join(strings.Fields(out.String()), " ")
	assert.Contains(t, text, "| rnnsim 8, 1 | 3 |")
	assert.Contains(t, text, "| rnnsim 8 / limit | 0.75 |")
	assert.Contains(t, text, "| ORT float, 1 | - |")
	assert.Contains(t, text, "ORT float is missing: no node")
}

func TestMissingProgramIsANote(t *testing.T) {
	shape, w := workload(t)
	f, err := writeFiles(t.TempDir(), shape, w)
	require.NoError(t, err)
	m := &measured{name: "small"}
	o := options{python: "/nonexistent/python", workers: t.TempDir()}
	require.NoError(t, m.startOthers(o, shape, f, nil))
	assert.Empty(t, m.contenders)
	require.Len(t, m.notes, 3)
	assert.Contains(t, m.notes[2], "PyTorch is missing")
}

func TestWorkerAnswersEachTurn(t *testing.T) {
	for _, last := range []string{"1", "roofline"} {
		var out bytes.Buffer
		require.NoError(t, serve(strings.NewReader("0.001\n0.001\n"), &out, []string{"3,5,4,1", "8", last}))
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		require.Len(t, lines, 3)
		assert.True(t, strings.HasPrefix(lines[0], "ready "))
	}
	require.ErrorContains(t, serve(strings.NewReader(""), &bytes.Buffer{}, []string{"S1"}), "a worker wants")
}
