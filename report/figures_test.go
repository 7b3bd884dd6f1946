package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/verify"
)

// A heat map has a pixel a field, whose opacity grows with the distance and is nothing where nothing differs.
func TestAHeatMapShowsItsNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	h := &verify.Heat{StepsAField: 1, UnitsAField: 1}
	for range 9 {
		row := make([]float32, 5)
		for i := range row {
			row[i] = float32(max(0, random.IntN(5000)-1500))
		}
		h.Rows = append(h.Rows, row)
	}
	_, _, largest := hottest(h)
	const fields = 12
	encoded, found := strings.CutPrefix(string(drawHeat(h, fields, largest)), "data:image/png;base64,")
	require.True(t, found)
	file, err := base64.StdEncoding.DecodeString(encoded)
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(file))
	require.NoError(t, err)
	require.Equal(t, []int{fields, 5}, []int{picture.Bounds().Dx(), picture.Bounds().Dy()})
	opacity := func(step, unit int) uint32 {
		_, _, _, alpha := picture.At(step, unit).RGBA()
		return alpha
	}
	value := func(step, unit int) float32 {
		if step < len(h.Rows) {
			return h.Rows[step][unit]
		}
		return 0
	}
	for i := range fields * 5 {
		a, b := value(i/5, i%5), opacity(i/5, i%5)
		require.Equal(t, a > 0, b > 0)
		require.Equal(t, a == largest, b == 0xffff)
		for j := range fields * 5 {
			if value(j/5, j%5) > a {
				require.GreaterOrEqual(t, opacity(j/5, j%5), b)
			}
		}
	}
}

// A chart's script gets the statistics of every step; a step that a node lacks is a gap.
func TestAChartHasTheStatisticsOfItsSteps(t *testing.T) {
	ratio := 12.5
	node := func(name string, steps ...int) *verify.NodeStats {
		n := &verify.NodeStats{Node: name}
		n.MaxDelta, n.SQNR = 9, &ratio
		for _, step := range steps {
			s := verify.StepStats{Step: step, Count: 1}
			s.MaxDelta = float64(10 * step)
			n.Steps = append(n.Steps, s)
		}
		return n
	}
	p := &page{Data: data{Charts: map[string]chartData{}}}
	p.drawCourses(&figures{}, "c", []*verify.NodeStats{node("a", 0, 1, 2), node("h_next", 1, 3), {Node: "equal"}})
	delta := p.Data.Charts["c-delta"]
	require.Equal(t, []int{0, 1, 2, 3}, delta.Steps)
	shown := map[string][]string{}
	for _, s := range delta.Series {
		for _, v := range s.Values {
			text := "gap"
			if v != nil {
				text = lsbText(*v)
			}
			shown[s.Label] = append(shown[s.Label], text)
		}
	}
	require.Equal(t, map[string][]string{"0.fwd.h_next": {"gap", "10", "gap", "30"}, "0.fwd.a": {"0", "10", "20", "gap"}}, shown)
	require.Equal(t, "0.fwd.h_next", delta.Series[0].Label, "outputs come first")
	require.Nil(t, p.Data.Charts["c-sqnr"].Series[0].Values[1], "a step without an error has no SQNR")
}

// What a large run has too much of is left out, and said.
func TestALargeRunIsReducedAndSaysSo(t *testing.T) {
	r := sampleReport(t)
	c := r.Checks[0].Comparison
	node := c.Nodes[1]
	for i := range 300 {
		node.Node = fmt.Sprintf("node_%d", i)
		c.Nodes = append(c.Nodes, node)
	}
	page := pageOf(t, r)
	require.Contains(t, page, "96 of 303 nodes shown, those that differ before the others.")
	require.Contains(t, page, "Heat maps of 24 of 301 nodes that differ")
	require.Contains(t, page, "Over time, 6 of 301 nodes with an error are drawn")
	require.Equal(t, 24, strings.Count(page, `aria-roledescription="heat map"`))
	require.Less(t, len(page), 1<<20)
}

// The values around a divergence have their forms; those of a side on another grid are shown as they are.
func TestTheValuesAroundADivergence(t *testing.T) {
	d := &verify.Divergence{
		Format: "[8,4]", Address: verify.Address{Node: "n", Index: 3}, Got: verify.Value{Int: -3, Real: -0.1875}, Want: verify.Value{Int: 5, Real: 0.3125},
		Neighbours: verify.Neighbours{First: 2, Got: []float64{16, -3}, Want: []float64{16, 5, 127}},
	}
	require.Equal(t, []neighbour{
		{Index: 2, Got: "16", Want: "16", GotHex: "0x10", WantHex: "0x10", GotReal: "1", WantReal: "1"},
		{Index: 3, Here: true, Differs: true, Got: "-3", Want: "5", GotHex: "0xfd", WantHex: "0x05", GotReal: "-0.1875", WantReal: "0.3125", Difference: "-8"},
		{Index: 4, Differs: true, Want: "127", WantHex: "0x7f", WantReal: "7.9375"},
	}, neighboursOf(d))
	d.Got = verify.Value{Int: -3, Real: -0.375} // at position 3
	require.Equal(t, neighbour{Index: 3, Here: true, Differs: true, Got: "-3", Want: "5", WantHex: "0x05", WantReal: "0.3125"}, neighboursOf(d)[1])
}
