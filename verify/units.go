package verify

import (
	"fmt"
	"slices"
	"strings"

	"rnnsim/dump"
)

// sharedUnits says which values of two columns are of the same units, where a side has only some units of a node.
type sharedUnits struct {
	units  []int // ascending
	places [2][]int
	ints   [2][]int16 // memory for the values that are compared
	floats [2][]float32
}

// share finds the units that both sides have; nil where both have all, as is usual.
func share(got, want dump.Node) *sharedUnits {
	if got.Part == nil && want.Part == nil {
		return nil
	}
	s := &sharedUnits{}
	ofGot := unitsOf(got)
	for place, unit := range unitsOf(want) {
		if at, found := slices.BinarySearch(ofGot, unit); found {
			s.units = append(s.units, unit)
			s.places[gotSide], s.places[wantSide] = append(s.places[gotSide], at), append(s.places[wantSide], place)
		}
	}
	return s
}

func unitsOf(n dump.Node) []int {
	if n.Part != nil {
		return n.Part.Units
	}
	units := make([]int, n.Width)
	for i := range units {
		units[i] = i
	}
	return units
}

// wholeWidth is how many units a node has, be they recorded or not.
func wholeWidth(n dump.Node) int {
	if n.Part != nil {
		return n.Part.Of
	}
	return n.Width
}

// without names the units of one side that are not shared, as place[A:B], or nothing.
func (s *sharedUnits) without(side dump.Node, place string) []string {
	var list strings.Builder
	units := slices.DeleteFunc(slices.Clone(unitsOf(side)), func(unit int) bool { return slices.Contains(s.units, unit) })
	for len(units) > 0 {
		n := 1
		for n < len(units) && units[n] == units[0]+n {
			n++
		}
		if list.Len() > 0 {
			list.WriteString(", ")
		}
		if list.WriteString(fmt.Sprint(units[0])); n > 1 {
			fmt.Fprintf(&list, ":%d", units[0]+n)
		}
		units = units[n:]
	}
	if list.Len() == 0 {
		return nil
	}
	return []string{place + "[" + list.String() + "]"}
}

// pick gives the values of one side that are compared.
func (s *sharedUnits) pick(side int, values column) column {
	if values.floats != nil {
		s.floats[side] = picked(s.floats[side][:0], values.floats, s.places[side])
		return column{floats: s.floats[side]}
	}
	s.ints[side] = picked(s.ints[side][:0], values.ints, s.places[side])
	return column{ints: s.ints[side]}
}

func picked[T any](into, values []T, places []int) []T {
	for _, place := range places {
		if place < len(values) { // what a frame lacks is found by the number of values
			into = append(into, values[place])
		}
	}
	return into
}

// columns gives the values of a node that are compared, on both sides.
func (p *nodePair) columns(got, want *dump.Frame) (gotValues, wantValues column) {
	gotValues, wantValues = columnOf(got, p.got), columnOf(want, p.want)
	if p.shared != nil {
		gotValues, wantValues = p.shared.pick(gotSide, gotValues), p.shared.pick(wantSide, wantValues)
	}
	return gotValues, wantValues
}

// unit is the unit of a place in the columns.
func (p *nodePair) unit(place int) int {
	if p.shared != nil && place < len(p.shared.units) {
		return p.shared.units[place]
	}
	return place
}

// place is where the columns have a unit; found says whether they have it.
func (p *nodePair) place(unit int) (place int, found bool) {
	if p.shared != nil {
		return slices.BinarySearch(p.shared.units, unit)
	}
	return unit, true
}

// neighbours are the values around a place, as far as they are of neighbouring units.
func (p *nodePair) neighbours(got, want column, place int) Neighbours {
	n := neighbours(got, want, place)
	first, end := n.First, n.First+len(n.Got)
	for p.unit(place)-p.unit(first) != place-first {
		first++
	}
	for p.unit(end-1)-p.unit(place) != end-1-place {
		end--
	}
	return Neighbours{First: p.unit(first), Got: n.Got[first-n.First : end-n.First], Want: n.Want[first-n.First : end-n.First]}
}
