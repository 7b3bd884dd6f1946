package coverage

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/internal/fixed"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

func shippedModel(t *testing.T, name string) (*xmodel.Model, *golden.Exact) {
	m, err := xmodel.ReadModel(filepath.Join("..", "vectors", name, "xmodel"))
	require.NoError(t, err)
	exact, err := golden.NewExact(m, xmodel.Sane)
	require.NoError(t, err)
	return m, exact
}

func generated(t *testing.T, exact *golden.Exact, sequences, steps int) []dump.Sequence {
	features, grid := exact.Input()
	g := vectors.Generator{Features: features, Grid: grid, Seed: 3, Steps: steps, First: exact.Header().Cells[0]}
	stimuli, err := g.Generate(sequences)
	require.NoError(t, err)
	return stimuli
}

func TestBinsAreThoseOfTheTwin(t *testing.T) {
	names := []string{"digits-lstm16", "digits-gru8", "digits-lstm8", "digits-gru16", "digits-bilstm16"}
	if testing.Short() {
		names = names[:2]
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			m, exact := shippedModel(t, name)
			steps := 3
			if testing.Short() {
				steps = 2
			}
			stimuli := generated(t, exact, 10, steps)
			report, err := Measure(t.Context(), m, stimuli)
			require.NoError(t, err)
			trace := dump.NewMemory()
			require.NoError(t, exact.Run(t.Context(), stimuli, trace))
			w := &twin{hit: map[string]bool{}}
			for _, f := range trace.Frames {
				require.NoError(t, w.frame(exact, trace.Header, f))
			}
			_, grid := exact.Input()
			w.entries(trace.Header, trace.Frames, stimuli, grid)
			known, hits := map[string]bool{}, 0
			for _, n := range report.Nodes {
				for _, b := range n.Bins {
					require.False(t, b.Hit && b.Unreachable, "%s %s: %s is hit and proved unreachable", n.Graph, n.Name, b.Name)
					key := n.Graph + "/" + n.Name + "/" + b.Name
					require.Equal(t, w.hit[key], b.Hit, key)
					known[key] = true
					if b.Hit {
						hits++
					}
				}
			}
			require.Len(t, w.hit, hits)
			for key := range w.hit {
				require.True(t, known[key], "no bin for %s", key)
			}
			require.Equal(t, report.Bins, report.Hit+report.Missed+report.Unreachable)
			require.Positive(t, report.Unreachable)
			require.Equal(t, len(trace.Frames), report.Frames)
		})
	}
}

// Long runs that drive c to its ends hit nothing that is proved unreachable.
func TestNothingProvedUnreachableIsHit(t *testing.T) {
	names := []string{"digits-lstm16", "digits-gru8", "digits-bilstm16"}
	sequences := 60
	if testing.Short() {
		names, sequences = names[:1], 20
	}
	for _, name := range names {
		m, exact := shippedModel(t, name)
		stimuli := generated(t, exact, sequences, 40)
		for i := range stimuli[:10] {
			real := make([]float32, len(stimuli[i].Fixed))
			for j, v := range stimuli[i].Fixed {
				real[j] = float32(v) * 0.37
			}
			stimuli = append(stimuli, dump.Sequence{Float: real})
		}
		report, err := Measure(t.Context(), m, stimuli)
		require.NoError(t, err)
		for _, n := range report.Nodes {
			for _, b := range n.Bins {
				require.False(t, b.Hit && b.Unreachable, "%s %s: %s", n.Graph, n.Name, b.Name)
			}
		}
		t.Logf("%s: %.1f %%, %d hit, %d unreachable, %d missed", name, report.Percent(), report.Hit, report.Unreachable, report.Missed)
	}
}

// What is proved for an interval holds for each value in it, and an interval of one value does what the value does.
func TestAPointOnAnIntervalIsThePointOnItsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(-3, 9).Draw(t, "from")
		format := fixed.Format{Bits: rapid.IntRange(2, 6).Draw(t, "bits"), Position: rapid.IntRange(-3, 9).Draw(t, "to")}
		lo := rapid.Int64Range(-300, 300).Draw(t, "lo")
		hi := lo + rapid.Int64Range(0, 90).Draw(t, "more")
		all, each := map[int]bool{}, map[int]bool{}
		b := &bins{}
		p := newPoint(b, "", from, format)
		b.near = func(bin int, distance int64) { all[bin] = all[bin] || distance == 0 }
		got := p.take(interval{lo, hi})
		b.near = func(bin int, distance int64) { each[bin] = each[bin] || distance == 0 }
		want := p.take(interval{lo, lo})
		for v := lo; v <= hi; v++ {
			want = want.union(p.take(interval{v, v}))
		}
		require.Equal(t, want, got)
		for bin, hit := range each {
			require.True(t, !hit || all[bin], b.names[bin])
		}
		for _, bin := range []int{floorNone, floorPositive, floorNegative, clampLow, clampHigh} {
			require.Equal(t, each[bin], all[bin], b.names[bin]) // these are exact, not only on the safe side
		}
	})
}

func TestTheCarryOfABias(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &biasPoint{dropped: rapid.IntRange(1, 6).Draw(t, "dropped"), extra: rapid.IntRange(1, 6).Draw(t, "extra")}
		lo, bias := rapid.Int64Range(-200, 200).Draw(t, "lo"), rapid.Int64Range(-200, 200).Draw(t, "bias")
		hi := lo + rapid.Int64Range(0, 80).Draw(t, "more")
		any := false
		for v := lo; v <= hi; v++ {
			whole := (v<<b.extra + bias<<b.dropped) >> (b.dropped + b.extra)
			carries := whole != v>>b.dropped+bias>>b.extra
			require.Equal(t, carries, b.carries(interval{v, v}, bias))
			any = any || carries
		}
		require.Equal(t, any, b.carries(interval{lo, hi}, bias))
	})
}

// The ranges of the tables' values follow from those of their inputs only if the tables rise.
func TestTablesRise(t *testing.T) {
	for _, table := range []*fixed.Table{fixed.Sigmoid, fixed.Tanh} {
		last := table.Below
		for _, entry := range append(append([]int16(nil), table.Entries[:]...), table.Above) {
			require.LessOrEqual(t, last, entry)
			last = entry
		}
	}
}

func TestRealInputsAreQuantizedOnEntry(t *testing.T) {
	m, exact := shippedModel(t, "digits-lstm16")
	features, grid := exact.Input()
	values := make([]float32, 2*features)
	values[features] = float32(fixed.Real(1, grid.Position+1)) // half an LSB, at step 1
	values[features+1] = -1e30
	report, err := Measure(t.Context(), m, []dump.Sequence{{Float: values}})
	require.NoError(t, err)
	hit := map[string]int{}
	for _, n := range report.Nodes {
		for _, b := range n.Bins {
			if n.Name == "input_0" && b.Hit {
				hit[b.Name] = b.Step
			}
		}
	}
	require.Equal(t, map[string]int{"floor without a remainder": 0, "floor of a positive value with a remainder": 1, "saturation at the low end": 1}, hit)
	_, err = Measure(t.Context(), m, []dump.Sequence{{Float: values, Initial: make([]dump.State, 1)}})
	require.ErrorContains(t, err, "initial state")
}

func TestTheReportIsWritten(t *testing.T) {
	m, exact := shippedModel(t, "digits-gru16")
	report, err := Measure(t.Context(), m, generated(t, exact, 2, 2))
	require.NoError(t, err)
	var text, document bytes.Buffer
	require.NoError(t, report.WriteText(&text))
	require.Contains(t, text.String(), "    missed: entries 384 to 511\n")
	require.NoError(t, report.WriteJSON(&document))
	var again Report
	require.NoError(t, json.Unmarshal(document.Bytes(), &again))
	require.Equal(t, report, &again)
}
