package verify

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// slowDistribution is a distribution by its words: no shifts, no bit tricks.
func slowDistribution(values []int64, bits int) (d Distribution) {
	low, high := -math.Pow(2, float64(bits-1)), math.Pow(2, float64(bits-1))-1
	parts := math.Min(64, math.Pow(2, float64(bits)))
	d.Parts, d.Bits = make([]int64, int(parts)), make([]int64, bits)
	for i, v := range values {
		x := float64(v)
		if i == 0 || v < d.Smallest {
			d.Smallest = v
		}
		if i == 0 || v > d.Largest {
			d.Largest = v
		}
		d.Values++
		if x < low || x > high {
			d.Outside++
		} else if x == low {
			d.AtLow++
		} else if x == high {
			d.AtHigh++
		}
		x = math.Min(math.Max(x, low), high)
		d.Parts[int(math.Floor((x-low)*parts/(high-low+1)))]++
		need := 1
		for x < -math.Pow(2, float64(need-1)) || x > math.Pow(2, float64(need-1))-1 {
			need++
		}
		d.Bits[need-1]++
	}
	return d
}

func requireDistribution(t require.TestingT, want Distribution, got *Distribution, saturated int64) {
	want.Saturated, want.format, want.shift = saturated, got.format, got.shift
	require.Equal(t, &want, got)
}

func TestDistributionsEqualTheSlowWay(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		bits, position := rapid.IntRange(1, 16).Draw(r, "bits"), rapid.IntRange(-3, 20).Draw(r, "position")
		node := dump.Node{Bits: bits, Position: position}
		ints := rapid.SliceOfN(rapid.OneOf(rapid.Int16(), rapid.SampledFrom([]int16{0, -1, 1, math.MinInt16, math.MaxInt16, 127, -128})), 1, 60).Draw(r, "values")
		var all []int64
		for _, v := range ints {
			all = append(all, int64(v))
		}
		d := newDistribution(node)
		cut := rapid.IntRange(0, len(ints)).Draw(r, "cut")
		d.take(column{ints: ints[:cut]}, position, 2)
		d.take(column{ints: ints[cut:]}, position, 3)
		requireDistribution(r, slowDistribution(all, bits), d, 5)

		// On a finer grid, a value counts as the integer at or below it.
		finer := rapid.IntRange(0, 6).Draw(r, "finer")
		d = newDistribution(node)
		d.take(column{ints: ints}, position+finer, -1)
		for i, v := range ints {
			all[i] = int64(math.Floor(float64(v) / math.Pow(2, float64(finer))))
		}
		requireDistribution(r, slowDistribution(all, bits), d, -1)
	})
}

func TestDistributionOfFloats(t *testing.T) {
	d := newDistribution(dump.Node{Bits: 8, Position: 4})
	d.take(column{floats: []float32{0.1, -0.1, 7.99, 100, float32(math.Inf(-1)), float32(math.NaN())}}, 0, -1)
	const far = 1 << 40
	requireDistribution(t, slowDistribution([]int64{1, -2, 127, 1600, -far, far}, 8), d, -1)
}

// slowLookups finds the entry of each operand by the table's definition, in real numbers.
func slowLookups(operands []int16, position int, table *fixed.Table) (counts []int64, left, right int64) {
	counts = make([]int64, 128)
	for _, x := range operands {
		entry := math.Floor(float64(x)/math.Pow(2, float64(position))*math.Pow(2, float64(table.IndexPosition))) + 1024
		switch {
		case entry < 0:
			left++
		case entry > 2047:
			right++
		default:
			counts[int(entry)/16]++
		}
	}
	return counts, left, right
}

func TestLookupsEqualTheSlowWay(t *testing.T) {
	require.Nil(t, newLookups("mul"))
	rapid.Check(t, func(r *rapid.T) {
		table := rapid.SampledFrom([]*fixed.Table{fixed.Sigmoid, fixed.Tanh}).Draw(r, "table")
		operands, position := rapid.SliceOf(rapid.Int16()).Draw(r, "operands"), rapid.IntRange(0, 15).Draw(r, "position")
		l := newLookups(table.Name)
		l.take(operands, position)
		counts, left, right := slowLookups(operands, position, table)
		require.Equal(r, counts, l.Counts)
		require.Equal(r, left, l.Left)
		require.Equal(r, right, l.Right)
		require.Equal(r, len(operands) > 0, l.any())
	})
}

// slowDetails collects what Detail asks for of one node, from whole traces in memory.
type slowDetails struct {
	got, want []int64
	heat      map[[2]int]float64 // step, unit
	steps     map[int]slowStats
	operands  []int16
}

func slowDetail(got, want *dump.Memory, cell, node int) slowDetails {
	s := slowDetails{heat: map[[2]int]float64{}, steps: map[int]slowStats{}}
	for i, w := range want.Frames {
		g := got.Frames[i]
		if w.Cell != cell {
			continue
		}
		e := s.steps[w.Step]
		for unit, b := range w.Fixed[node] {
			a := g.Fixed[node][unit]
			s.got, s.want = append(s.got, int64(a)), append(s.want, int64(b))
			delta := math.Abs(float64(a) - float64(b))
			if delta > 0 {
				place := [2]int{w.Step, unit}
				s.heat[place] = max(s.heat[place], delta)
				e.Different++
			}
			e.Compared++
			e.MaxDelta = max(e.MaxDelta, delta)
			e.signal += float64(b) * float64(b)
			e.noise += delta * delta
		}
		s.operands = append(s.operands, g.Fixed[1]...)
		s.steps[w.Step] = e
	}
	return s
}

// detailHeader is syntheticHeader with a table in the place of h_next.
func detailHeader() dump.Header {
	header := syntheticHeader()
	for i := range header.Cells {
		header.Cells[i].Nodes[2] = dump.Node{Name: "it", Label: "it", Op: "sigmoid", Width: 5, Bits: 16, Position: 15}
	}
	return header
}

func TestDetailsEqualTheSlowWay(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		sequences, steps := rapid.IntRange(1, 3).Draw(r, "sequences"), rapid.IntRange(1, 6).Draw(r, "steps")
		want := syntheticTrace(t, detailHeader(), sequences, steps, rapid.Uint64().Draw(r, "seed"))
		got := copied(want)
		for range rapid.IntRange(0, 8).Draw(r, "flips") {
			frame := got.Frames[rapid.IntRange(0, len(got.Frames)-1).Draw(r, "frame")]
			node := rapid.IntRange(0, 2).Draw(r, "node")
			frame.Fixed[node][rapid.IntRange(0, len(frame.Fixed[node])-1).Draw(r, "index")] = rapid.Int16().Draw(r, "value")
		}
		reads := func(_, node string) []string {
			if node == "it" {
				return []string{"y_i"}
			}
			return nil
		}
		result := compareTraces(t, got, want, Options{Detail: true, Reads: reads})
		require.Len(r, result.Nodes, 6)
		for i := range result.Nodes {
			n := &result.Nodes[i]
			slow := slowDetail(got, want, i/3, i%3)
			requireDistribution(r, slowDistribution(slow.got, 16), n.GotValues, -1)
			if n.WantValues == nil {
				require.Equal(r, slowDistribution(slow.got, 16), slowDistribution(slow.want, 16))
			} else {
				requireDistribution(r, slowDistribution(slow.want, 16), n.WantValues, -1)
			}
			requireSlowSteps(r, slow, n)
			if i%3 == 2 {
				counts, left, right := slowLookups(slow.operands, 12, fixed.Sigmoid)
				require.Equal(r, []any{counts, left, right}, []any{n.Lookups.Counts, n.Lookups.Left, n.Lookups.Right})
			} else {
				require.Nil(r, n.Lookups)
			}
		}
	})
}

func requireSlowSteps(r require.TestingT, slow slowDetails, n *NodeStats) {
	require.Equal(r, len(slow.heat) > 0, n.Heat != nil)
	for place, delta := range slow.heat {
		require.Equal(r, float32(delta), n.Heat.Rows[place[0]][place[1]])
	}
	require.Len(r, n.Steps, len(slow.steps))
	for _, step := range n.Steps {
		e := slow.steps[step.Step]
		require.Equal(r, []any{1, e.Compared, e.Different, e.MaxDelta}, []any{step.Count, step.Compared, step.Different, step.MaxDelta})
		if e.noise > 0 && e.signal > 0 {
			require.InDelta(r, 10*math.Log10(e.signal/e.noise), *step.SQNR, 1e-9)
		} else {
			require.Nil(r, step.SQNR)
		}
	}
}
