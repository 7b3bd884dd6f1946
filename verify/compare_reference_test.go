package verify

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
)

// slowStats keeps its sums the plain way.
type slowStats struct {
	ErrorStats
	signal, noise, sumDelta float64
}

// slowComparison compares value by value, from maps, without any of the machinery of Compare.
func slowComparison(got, want *dump.Memory) (wrong int64, first string, perNode map[string]slowStats) {
	type key struct{ cell, sequence, step int }
	frames := map[key]*dump.Frame{}
	for _, f := range got.Frames {
		frames[key{f.Cell, f.Sequence, f.Step}] = f
	}
	ordered := slices.Clone(want.Frames)
	slices.SortFunc(ordered, func(a, b *dump.Frame) int {
		if a.Sequence != b.Sequence {
			return a.Sequence - b.Sequence
		}
		if a.Cell != b.Cell {
			return a.Cell - b.Cell
		}
		return a.Step - b.Step
	})
	perNode = map[string]slowStats{}
	for _, w := range ordered {
		g := frames[key{w.Cell, w.Sequence, w.Step}]
		if g == nil {
			continue
		}
		cell := want.Header.Cells[w.Cell]
		for n, node := range cell.Nodes {
			s := perNode[cell.Graph+"/"+node.Name]
			for i := range w.Fixed[n] {
				a, b := float64(g.Fixed[n][i]), float64(w.Fixed[n][i])
				s.Compared++
				s.signal += b * b
				s.noise += (a - b) * (a - b)
				s.sumDelta += math.Abs(a - b)
				s.MaxDelta = max(s.MaxDelta, math.Abs(a-b))
				if a != b {
					s.Different++
					wrong++
					if first == "" {
						first = Address{Layer: cell.Layer, Backward: cell.Backward, Sequence: w.Sequence, Step: w.Step, Node: node.Name, Index: i}.String()
					}
				}
			}
			perNode[cell.Graph+"/"+node.Name] = s
		}
	}
	return wrong, first, perNode
}

func TestCompareEqualsTheSlowWay(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		sequences, steps := rapid.IntRange(1, 4).Draw(r, "sequences"), rapid.IntRange(1, 5).Draw(r, "steps")
		want := syntheticTrace(t, syntheticHeader(), sequences, steps, rapid.Uint64().Draw(r, "seed"))
		got := copied(want)
		for range rapid.IntRange(0, 6).Draw(r, "flips") {
			frame := got.Frames[rapid.IntRange(0, len(got.Frames)-1).Draw(r, "frame")]
			node := rapid.IntRange(0, 2).Draw(r, "node")
			frame.Fixed[node][rapid.IntRange(0, len(frame.Fixed[node])-1).Draw(r, "index")] = int16(rapid.IntRange(math.MinInt16, math.MaxInt16).Draw(r, "value"))
		}
		lost := rapid.IntRange(0, 2).Draw(r, "lost")
		got.Frames = rapid.Permutation(got.Frames).Draw(r, "order")[lost:]

		wrong, first, perNode := slowComparison(got, want)
		result := compareTraces(t, got, want, Options{})
		require.Equal(r, wrong, result.Counts.Wrong)
		require.EqualValues(r, lost, result.OnlyWant.Frames)
		require.Zero(r, result.OnlyGot.Frames)
		if first == "" {
			require.Nil(r, result.First)
		} else {
			require.Equal(r, first, result.First.Address.String())
		}
		for _, n := range result.Nodes {
			slow := perNode[n.Graph+"/"+n.Node]
			require.Equal(r, slow.Compared, n.Compared)
			require.Equal(r, slow.Different, n.Different)
			require.Equal(r, slow.MaxDelta, n.MaxDelta)
			if slow.Compared > 0 {
				require.InDelta(r, slow.sumDelta/float64(slow.Compared), n.MeanDelta, 1e-9)
			}
			if slow.noise > 0 {
				require.InDelta(r, 10*math.Log10(slow.signal/slow.noise), *n.SQNR, 1e-9)
			}
		}
	})
}

func TestStepStatisticsAddUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var s stepStats
		var total ErrorStats
		for range rapid.IntRange(1, 200).Draw(r, "frames") {
			step := rapid.IntRange(0, 100_000).Draw(r, "step")
			e := ErrorStats{Compared: 3, Different: 1, sumDelta: sumOf(2), MaxDelta: float64(step % 7), signal: sumOf(5), noise: sumOf(1)}
			s.at(step).add(&e)
			total.add(&e)
		}
		var sum ErrorStats
		last := -1
		rows := s.finish()
		require.LessOrEqual(r, len(rows), maxStepRows)
		for _, row := range rows {
			require.Greater(r, row.Step, last)
			last = row.Step + row.Count - 1
			sum.add(&row.ErrorStats)
		}
		require.Equal(r, total.Compared, sum.Compared)
		require.Equal(r, total.Different, sum.Different)
		require.Equal(r, total.MaxDelta, sum.MaxDelta)
		require.Equal(r, total.noise, sum.noise)
	})
}

func TestGrowthIsSeen(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 1, 60, 1)
	for _, w := range want.Frames {
		clear(w.Fixed[1])
		clear(w.Fixed[2])
	}
	got := copied(want)
	for _, g := range got.Frames {
		g.Fixed[1][0] = int16(g.Step)
		g.Fixed[2][0] = int16(1 + g.Step%2)
	}
	for _, n := range compareTraces(t, got, want, Options{}).Nodes {
		require.Equal(t, n.Node == "y_i", n.Grows, n.Node)
	}
}

func TestAddressesReadBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a := Address{
			Layer: rapid.IntRange(0, 9).Draw(r, "layer"), Backward: rapid.Bool().Draw(r, "backward"),
			Sequence: rapid.IntRange(0, 1<<30).Draw(r, "sequence"), Step: rapid.IntRange(0, 1<<30).Draw(r, "step"),
			Node: rapid.StringMatching(`[0-9A-Za-z_ .*+]+`).Draw(r, "node"), Index: rapid.IntRange(0, 1<<20).Draw(r, "index"),
		}
		if rapid.Bool().Draw(r, "parameter") {
			a.Sequence, a.Step = NoStep, NoStep
		}
		text, err := a.MarshalText()
		require.NoError(r, err)
		var back Address
		require.NoError(r, back.UnmarshalText(text))
		require.Equal(r, a, back)
	})
	require.Equal(t, "layer[0].fwd.seq[3].step[7].h_next[13]", Address{Sequence: 3, Step: 7, Node: "h_next", Index: 13}.String())
	for _, bad := range []string{"", "h_next[3]", "layer[0].up.h[1]", "layer[0].fwd.seq[3].h[1]", "layer[0].fwd.h[99999999999999999999]", "layer[-1].fwd.h[0]"} {
		_, err := ParseAddress(bad)
		require.ErrorContains(t, err, "read the address", bad)
	}
}
