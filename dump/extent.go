package dump

import (
	"cmp"
	"slices"
)

// extents say where the sequences of a cell lie.
type extents struct {
	list []sequenceExtent
}

// sequenceExtent is where the frames of a sequence lie: how many there are from a place on, in a file or in a batch of one.
type sequenceExtent struct {
	at       int64
	sequence int32
	part     int32
	frames   int32
}

// add notes the next frame of a cell in the order of the file.
func (e *extents) add(sequence int, part int, at int64) {
	if n := len(e.list); n > 0 && e.list[n-1].sequence == int32(sequence) {
		e.list[n-1].frames++
		return
	}
	e.list = append(e.list, sequenceExtent{at: at, sequence: int32(sequence), part: int32(part), frames: 1})
}

// sort readies the list for find.
func (e *extents) sort() {
	slices.SortFunc(e.list, func(a, b sequenceExtent) int { return cmp.Compare(a.sequence, b.sequence) })
	e.list = slices.Clip(e.list)
}

func (e *extents) find(sequence int) (sequenceExtent, bool) {
	i, found := slices.BinarySearchFunc(e.list, sequence, func(x sequenceExtent, n int) int { return cmp.Compare(int(x.sequence), n) })
	if !found {
		return sequenceExtent{}, false
	}
	return e.list[i], true
}

func (e *extents) sequences() []int {
	numbers := make([]int, len(e.list))
	for i, x := range e.list {
		numbers[i] = int(x.sequence)
	}
	return numbers
}
