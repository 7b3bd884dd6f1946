package machine

import (
	"math/rand/v2"

	"rnnsim/sim/isa"
)

const pageSize = 4096

// memory is the DDR or HBM memory of one run: pages that come into being when they are touched. A page inside a copy of the weight
// blob begins as the blob; all other memory begins random. Nothing is shared between runs.
type memory struct {
	blob  []byte
	seed  uint64
	pages map[int]*[pageSize]byte
}

func newMemory(blob []byte, seed uint64) *memory {
	return &memory{blob: blob, seed: seed, pages: map[int]*[pageSize]byte{}}
}

// page gives the page with a number, which covers the addresses from number·pageSize on.
func (m *memory) page(number int) *[pageSize]byte {
	if p, ok := m.pages[number]; ok {
		return p
	}
	p := new([pageSize]byte)
	random := rand.New(rand.NewPCG(m.seed, uint64(number)))
	for i := 0; i < pageSize; i += 8 {
		v := random.Uint64()
		for k := range 8 {
			p[i+k] = byte(v >> (8 * k))
		}
	}
	// Other areas of the memory begin behind the room that there is for a blob.
	if offset := number * pageSize % isa.ChannelSize; offset < len(m.blob) {
		copy(p[:], m.blob[offset:])
	}
	m.pages[number] = p
	return p
}

// readValues fills dst with the int16 values at an even address; they lie lowest byte first.
func (m *memory) readValues(dst []int16, address int) {
	for len(dst) > 0 {
		from := m.page(address / pageSize)[address%pageSize:]
		n := min(len(dst), len(from)/2)
		for i := range dst[:n] {
			dst[i] = int16(uint16(from[2*i]) | uint16(from[2*i+1])<<8)
		}
		dst, address = dst[n:], address+2*n
	}
}

func (m *memory) writeValues(address int, src []int16) {
	for len(src) > 0 {
		to := m.page(address / pageSize)[address%pageSize:]
		n := min(len(src), len(to)/2)
		for i, v := range src[:n] {
			to[2*i], to[2*i+1] = byte(v), byte(uint16(v)>>8)
		}
		src, address = src[n:], address+2*n
	}
}

// clone gives a memory of its own with the same contents.
func (m *memory) clone() *memory {
	c := newMemory(m.blob, m.seed)
	for number, p := range m.pages {
		copied := *p
		c.pages[number] = &copied
	}
	return c
}
