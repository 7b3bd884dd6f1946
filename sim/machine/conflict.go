package machine

import (
	"slices"

	"rnnsim/sim/isa"
)

// conflict is two executions of different units that touch the same place, one of them writing.
type conflict struct {
	first, second int // in the order of the program
	kind          HazardKind
	where         span
}

// cellState is who touched a granule of a bank or of memory last.
type cellState struct {
	writer  int            // -1: nobody
	readers [isa.Units]int // since then, the last of each unit; -1: nobody
}

var untouched = cellState{writer: -1, readers: [isa.Units]int{-1, -1, -1, -1, -1, -1, -1}}

type cellKey struct {
	space   space
	granule int
}

// conflicts gives the conflicts of neighbours: of an execution with those that touched the place last before it. If all of these are
// ordered, so are all others, because order is transitive. Granules beside each other are joined.
func conflicts(all []executed) []conflict {
	touched := map[cellKey]*cellState{}
	var found []conflict
	meet := func(first, second int, kind HazardKind, key cellKey) {
		if first < 0 || all[first].Unit() == all[second].Unit() {
			return
		}
		where := span{key.space, key.granule * granule, (key.granule + 1) * granule}
		for i := len(found) - 1; i >= 0 && found[i].second == second; i-- {
			f := &found[i]
			if f.first == first && f.kind == kind && f.where.space == key.space && f.where.to == where.from {
				f.where.to = where.to
				return
			}
		}
		found = append(found, conflict{first, second, kind, where})
	}
	each := func(spans []span, do func(cellKey, *cellState)) {
		for _, s := range spans {
			for g := s.from / granule; g*granule < s.to; g++ {
				key := cellKey{s.space, g}
				if touched[key] == nil {
					fresh := untouched
					touched[key] = &fresh
				}
				do(key, touched[key])
			}
		}
	}
	for n := range all {
		u := all[n].Unit()
		each(all[n].reads, func(key cellKey, c *cellState) {
			meet(c.writer, n, ReadAfterWrite, key)
			c.readers[u] = n
		})
		each(all[n].writes, func(key cellKey, c *cellState) {
			meet(c.writer, n, WriteAfterWrite, key)
			for _, reader := range c.readers {
				if reader != n {
					meet(reader, n, WriteAfterRead, key)
				}
			}
			*c = untouched
			c.writer = n
		})
	}
	return slices.Clip(found)
}
