package compile

import (
	"encoding/binary"
	"errors"
	"fmt"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// mostWork bounds the blocks that one pass over a segment may touch. The largest program that fits the banks touches a tenth.
const mostWork = 1 << 22

// site is the word that first made a term.
type site struct {
	segment string
	number  int
	word    isa.Instruction
}

// machine follows the instructions of a cell with terms instead of values.
type machine struct {
	*terms
	target *isa.Target
	core   *isa.Core
	blob   []byte
	cell   *xmodel.CompiledCell

	*memory
	touched map[place]bool // the places that this segment has written
	// numbers tell the terms of unwritten places apart; unread lists the places by number.
	numbers map[place]int
	unread  []place
	// overwritten is the places of DDR that cells before this one have written, and then those that this one writes.
	overwritten   map[place]bool
	savedPosition int // fix position of the h that this cell saves
	segment       string
	word          isa.Instruction
	number        int
	work          int

	made map[termID]site
	// weightAt and biasAt give, for the first product and the first sum with a constant that gave a term, the bytes of the blob
	// that were read.
	weightAt map[termID]rowPlaces
	biasAt   map[termID]int32

	// nodeOf names the nodes of the cell graph whose expressions terms are.
	nodeOf map[termID]string

	inputs []int        // how often each lane loaded x in this segment
	loads  []int        // how often each lane loaded h
	saved  [][][]termID // the frames that each lane saved
}

// run executes a segment. Errors are an *isa.WordError.
func (m *machine) run(s isa.Segment) error {
	m.segment, m.work, m.touched = s.Name, 0, map[place]bool{}
	m.made, m.weightAt, m.biasAt = map[termID]site{}, map[termID]rowPlaces{}, map[termID]int32{}
	m.inputs, m.loads = make([]int, m.core.Batch), make([]int, m.core.Batch)
	m.saved = make([][][]termID, m.core.Batch)
	for n, word := range s.Words {
		m.number, m.word = n, word
		err := m.execute(word)
		if err == nil && m.work > mostWork {
			err = errors.New("the segment moves more data than any program that fits the banks")
		}
		if err != nil {
			return &isa.WordError{Segment: s.Name, Word: n, Err: err}
		}
	}
	return nil
}

func (m *machine) execute(word isa.Instruction) error {
	switch i := word.(type) {
	case *isa.Load:
		return m.load(i)
	case *isa.Save:
		return m.save(i)
	case *isa.MatMul:
		return m.matmul(i)
	case *isa.Add:
		op := opAdd
		if i.Sign == 1 {
			op = opSubtract
		}
		m.combine(op, i.Length, i.Shift, operand{i.ABank, i.AAddress}, operand{i.BBank, i.BAddress}, operand{i.ResultBank, i.ResultAddress})
	case *isa.Multiply:
		m.combine(opMultiply, i.Length, i.Shift, operand{i.ABank, i.AAddress}, operand{i.BBank, i.BAddress}, operand{i.ResultBank, i.ResultAddress})
	case *isa.Activation:
		m.activate(i)
	}
	return nil
}

// fieldError is an error in a field of the word.
func fieldError(field, format string, args ...any) error {
	return &isa.FieldError{Field: field, Err: fmt.Errorf(format, args...)}
}

// read gives what a place holds.
func (m *machine) read(p place) held {
	m.work++
	if h, ok := m.get(p); ok {
		return h
	}
	if p.space == ddrSpace && !m.overwritten[p] {
		var c constant
		for i := range c {
			c[i] = int16(binary.LittleEndian.Uint16(m.blob[p.block*blockBytes+2*i:]))
		}
		return held{m.constant(c), int32(p.block * blockBytes)}
	}
	return held{m.unwritten(p), -1}
}

// unwritten is what a place holds that nothing has written.
func (m *machine) unwritten(p place) termID {
	number, ok := m.numbers[p]
	if !ok {
		number = len(m.unread)
		m.numbers[p], m.unread = number, append(m.unread, p)
	}
	return m.unknown(number)
}

// put sets a place to what another held.
func (m *machine) put(p place, h held) {
	m.work++
	m.touched[p] = true
	m.set(p, h)
}

// write sets a place to a term that the present word made.
func (m *machine) write(p place, id termID) {
	m.put(p, held{id, -1})
	if _, known := m.made[id]; !known {
		m.made[id] = site{m.segment, m.number, m.word}
	}
}

// operand is where an elementwise vector begins, in units of 32 values.
type operand struct{ bank, address int }

func (m *machine) elementwiseAt(lane int, o operand, block int) place {
	return place{elementwiseSpace, lane, o.bank, o.address*isa.ElementwiseWidth/blockValues + block}
}

func (m *machine) combine(op operation, length, shift int, a, b, result operand) {
	for lane := range m.core.Batch {
		for n := range length * isa.ElementwiseWidth / blockValues {
			x, y := m.read(m.elementwiseAt(lane, a, n)), m.read(m.elementwiseAt(lane, b, n))
			id := m.elementwise(op, x.term, y.term, shift)
			m.noteConstant(id, x, y)
			m.write(m.elementwiseAt(lane, result, n), id)
		}
	}
}

// noteConstant keeps where the constant of a sum came from.
func (m *machine) noteConstant(id termID, operands ...held) {
	if _, known := m.biasAt[id]; known {
		return
	}
	for _, h := range operands {
		if h.origin >= 0 {
			m.biasAt[id] = h.origin
		}
	}
}

func (m *machine) activate(i *isa.Activation) {
	op := opSigmoid
	if i.Kind == 1 {
		op = opTanh
	}
	for lane := range m.core.Batch {
		for n := range i.Length * isa.ElementwiseWidth / blockValues {
			x := m.read(m.elementwiseAt(lane, operand{i.InputBank, i.InputAddress}, n))
			m.write(m.elementwiseAt(lane, operand{i.ResultBank, i.ResultAddress}, n), m.activation(op, x.term, i.Shift))
		}
	}
}
