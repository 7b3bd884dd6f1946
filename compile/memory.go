package compile

import (
	"fmt"
	"maps"
	"slices"

	"rnnsim/sim/isa"
)

// space is a kind of memory.
type space uint8

const (
	weightSpace space = iota
	vectorSpace
	elementwiseSpace
	ddrSpace
	frameSpace // frames of h that were saved and not yet loaded again
)

// place is where a block lies. bank is a bank, the memory channel, or the number of the frame from the oldest on; block counts 32
// bytes from its begin.
type place struct {
	space space
	lane  int
	bank  int
	block int
}

// String names the place as the disassembly does.
func (p place) String() string {
	at := fmt.Sprintf("byte %d", p.block*blockBytes)
	switch p.space {
	case weightSpace:
		return fmt.Sprintf("%s of bank w%d", at, p.bank)
	case vectorSpace:
		return fmt.Sprintf("%s of bank v%d", at, p.lane)
	case elementwiseSpace:
		return fmt.Sprintf("%s of bank e%d.%d", at, p.lane, p.bank)
	case ddrSpace:
		return fmt.Sprintf("ddr_addr %#x", p.bank*isa.ChannelSize+p.block*blockBytes)
	}
	return fmt.Sprintf("%s of the h that lane %d saved", at, p.lane)
}

// held is what a place holds, and for a constant the byte of the blob that it was loaded from, else -1.
type held struct {
	term   termID
	origin int32
}

// memory is what all places hold. Places of DDR that are not in it hold the weight blob.
type memory struct {
	places map[place]held
	queue  map[place]held // those of frameSpace
	// frames is how many frames of h each lane has saved and not loaded.
	frames []int
}

func newMemory(lanes int) *memory {
	return &memory{places: map[place]held{}, queue: map[place]held{}, frames: make([]int, lanes)}
}

func (m *memory) clone() *memory {
	return &memory{places: maps.Clone(m.places), queue: maps.Clone(m.queue), frames: slices.Clone(m.frames)}
}

func (m *memory) get(p place) (held, bool) {
	if p.space == frameSpace {
		h, ok := m.queue[p]
		return h, ok
	}
	h, ok := m.places[p]
	return h, ok
}

func (m *memory) set(p place, h held) {
	if p.space == frameSpace {
		m.queue[p] = h
		return
	}
	m.places[p] = h
}

// dropFrame takes the oldest frame of a lane away.
func (m *memory) dropFrame(lane int) {
	m.frames[lane]--
	moved := map[place]held{}
	for p, h := range m.queue {
		if p.lane == lane {
			p.bank--
		}
		if p.bank >= 0 {
			moved[p] = h
		}
	}
	m.queue = moved
}

func comparePlaces(a, b place) int {
	for _, d := range []int{int(a.space) - int(b.space), a.lane - b.lane, a.bank - b.bank, a.block - b.block} {
		if d != 0 {
			return d
		}
	}
	return 0
}
