package verify

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
)

// partly gives a trace with only some units of a node of a cell.
func partly(m *dump.Memory, cell, node int, units []int) *dump.Memory {
	other := copied(m)
	other.Header.Cells = slices.Clone(m.Header.Cells)
	nodes := slices.Clone(m.Header.Cells[cell].Nodes)
	nodes[node].Part, nodes[node].Width = &dump.Part{Units: units, Of: nodes[node].Width}, len(units)
	other.Header.Cells[cell].Nodes = nodes
	for _, f := range other.Frames {
		if f.Cell == cell {
			var values []int16
			for _, unit := range units {
				values = append(values, f.Fixed[node][unit])
			}
			f.Fixed[node] = values
		}
	}
	return other
}

// Of a node of which a side has only some units those are compared, under their own numbers, and the others are listed. It is held to a comparison
// of whole traces in which the units that are not shared are the same on both sides.
func TestSomeUnitsOfANode(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		want := syntheticTrace(t, syntheticHeader(), 2, 3, rapid.Uint64().Draw(r, "seed"))
		got := copied(want)
		for range rapid.IntRange(0, 12).Draw(r, "flips") {
			frame := got.Frames[rapid.IntRange(0, len(got.Frames)-1).Draw(r, "frame")]
			frame.Fixed[1][rapid.IntRange(0, 4).Draw(r, "index")] ^= 1 << rapid.IntRange(0, 15).Draw(r, "bit")
		}
		units := func(name string) []int {
			list := rapid.SliceOfNDistinct(rapid.IntRange(0, 4), 1, 4, rapid.ID[int]).Draw(r, name)
			slices.Sort(list)
			return list
		}
		ofGot, ofWant := units("got"), []int{0, 1, 2, 3, 4}
		gotSome, wantSome := partly(got, 0, 1, ofGot), want
		if rapid.Bool().Draw(r, "both") {
			ofWant = units("want")
			wantSome = partly(want, 0, 1, ofWant)
		}
		shared := func(unit int) bool { return slices.Contains(ofGot, unit) && slices.Contains(ofWant, unit) }
		count := int64(0)
		for i, f := range got.Frames {
			for unit := range f.Fixed[1] {
				if f.Cell == 0 && !shared(unit) {
					f.Fixed[1][unit] = want.Frames[i].Fixed[1][unit]
					count++
				}
			}
		}
		options := Options{Detail: true, Reads: func(_, node string) []string { return map[string][]string{"h_next": {"y_i"}, "y_i": {"y_i"}}[node] }}
		whole, some := compareTraces(t, got, want, options), compareTraces(t, gotSome, wantSome, options)
		require.Equal(r, whole.Counts.Wrong, some.Counts.Wrong)
		require.Equal(r, whole.Counts.Values-count, some.Counts.Values)
		require.Equal(r, whole.Divergences, some.Divergences)
		require.Equal(r, len(whole.More), len(some.More))
		for i := range whole.More {
			requireSameDivergence(r, &whole.More[i], &some.More[i])
		}
		if whole.First != nil {
			requireSameDivergence(r, whole.First, some.First)
		}
		for i := range whole.Nodes {
			require.Equal(r, whole.Nodes[i].Heat, some.Nodes[i].Heat)
			require.Equal(r, whole.Nodes[i].MaxDelta, some.Nodes[i].MaxDelta)
		}
		require.Equal(r, listUnits(ofGot, ofWant), some.OnlyGot.Units)
		require.Equal(r, listUnits(ofWant, ofGot), some.OnlyWant.Units)
	})
}

func requireSameDivergence(r *rapid.T, whole, some *Divergence) {
	require.Equal(r, []any{whole.Address, whole.Got, whole.Want, whole.Delta, whole.Different}, []any{some.Address, some.Got, some.Want, some.Delta, some.Different})
	for i := range some.Neighbours.Got {
		at := some.Neighbours.First + i - whole.Neighbours.First
		require.Equal(r, whole.Neighbours.Got[at], some.Neighbours.Got[i])
		require.Equal(r, whole.Neighbours.Want[at], some.Neighbours.Want[i])
	}
	if whole.Address.Node == "y_i" {
		require.Equal(r, whole.Inputs[0].Index, some.Inputs[0].Index)
		require.Equal(r, whole.Inputs[0].Got, some.Inputs[0].Got)
	}
}

// listUnits names the units of one list that the other has not.
func listUnits(units, others []int) []string {
	text := ""
	for _, unit := range units {
		if slices.Contains(others, unit) {
			continue
		}
		next := unit + 1
		for slices.Contains(units, next) && !slices.Contains(others, next) {
			next++
		}
		if before := unit - 1; slices.Contains(units, before) && !slices.Contains(others, before) {
			continue
		}
		if text != "" {
			text += ", "
		}
		if text += fmt.Sprint(unit); next > unit+1 {
			text += fmt.Sprintf(":%d", next)
		}
	}
	if text == "" {
		return nil
	}
	return []string{"Rnn_StandardLstmCell_layer_0_forward/y_i[" + text + "]"}
}
