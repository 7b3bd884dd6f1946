package machine

import (
	"math/bits"

	"rnnsim/internal/fixed"
	"rnnsim/sim/isa"
)

// granuleValues is the number of values of a granule.
const granuleValues = granule / 2

// symbolic runs the words of a cell on terms instead of values, for one lane.
type symbolic struct {
	program     *program
	cell        *cell
	lane        int
	terms       terms
	regs        *registers
	elementwise map[int]*term // granules, by position in laneBanks.elementwise
	vector      map[int]*term
	weights     map[int]*term // of bank 0, which stands for all
	memory      map[int]*term // by address
	// carried are the places whose content an earlier step computed and this one reads.
	carried map[carriedPlace]bool
	// written gets every vector that a word computes.
	written func(w writtenVector)
	// saved is what went out through the register of h.
	saved []*term
}

// carriedPlace is a granule of a bank or of memory.
type carriedPlace struct {
	memory bool
	kind   isa.BankKind
	at     int // position in the bank's values, or address
}

// writtenVector is a vector of 32 values that a word computes: where from, where to.
type writtenVector struct {
	word         int
	at           int // in laneBanks.elementwise
	a, b         int // operands there, of elementwise words; the vector's begin, of MMUL
	value        *term
	isElementary bool // an elementwise word
}

func newSymbolic(p *program, c *cell, lane int, t terms) *symbolic {
	return &symbolic{
		program: p, cell: c, lane: lane, terms: t, regs: p.resetRegisters(c, symbolicSteps),
		elementwise: map[int]*term{}, vector: map[int]*term{}, weights: map[int]*term{}, memory: map[int]*term{},
		carried: map[carriedPlace]bool{},
	}
}

// symbolicSteps is how many steps the registers are set for; they are only used for a few.
const symbolicSteps = 4

// read gives a granule, which may be unknown.
func (s *symbolic) read(bank map[int]*term, place carriedPlace) *term {
	t := bank[place.at]
	if t == nil {
		t = s.terms.of(termUnknown, nil, nil, place.at, int(place.kind)+1)
		bank[place.at] = t
	}
	if t.leaf().kind == termState {
		s.carried[place] = true
	}
	return t
}

// fromMemory gives a granule of memory.
func (s *symbolic) fromMemory(address int) *term {
	base := s.program.core.LaneBases[s.lane] + s.cell.in
	switch offset := address % isa.ChannelSize; {
	case s.memory[address] != nil:
	case address >= base && address < base+isa.AreaSize:
		s.memory[address] = s.terms.of(termX, nil, nil, (address-base)%s.cell.LoadX.Aligned, 0)
	case offset < len(s.program.blob):
		s.memory[address] = s.terms.of(termConstant, nil, nil, offset, 0)
	}
	return s.read(s.memory, carriedPlace{memory: true, at: address})
}

// vectorAt gives 32 values of an elementwise bank.
func (s *symbolic) vectorAt(at int) *term {
	granuleAt := func(at int) *term {
		return s.read(s.elementwise, carriedPlace{kind: isa.ElementwiseBank, at: at})
	}
	return s.terms.join(granuleAt(at), granuleAt(at+granuleValues))
}

func (s *symbolic) write(w writtenVector) {
	for half := range 2 {
		s.elementwise[w.at+half*granuleValues] = s.terms.half(w.value, half)
	}
	if s.written != nil {
		s.written(w)
	}
}

func (s *symbolic) run(ops []operation, elementwise int) {
	for n, op := range ops {
		switch op := op.(type) {
		case *load:
			s.load(op, elementwise)
		case *save:
			s.save(op, elementwise)
		case *product:
			s.product(n, op)
		case *sum:
			kind := termAdd
			if op.minus {
				kind = termSub
			}
			s.pairs(n, kind, op.a, op.b, op.result, op.n, op.shift)
		case *multiplication:
			s.pairs(n, termMul, op.a, op.b, op.result, op.n, op.shift)
		case *lookup:
			kind := termSigmoid
			if op.table.source == fixed.Tanh {
				kind = termTanh
			}
			for i := 0; i < op.n; i += isa.ElementwiseWidth {
				value := s.terms.of(kind, s.vectorAt(op.input+i), nil, 0, op.shift+op.table.source.IndexPosition)
				s.write(writtenVector{word: n, at: op.result + i, a: op.input + i, value: value, isElementary: true})
			}
		}
	}
}

func (s *symbolic) pairs(word int, kind termKind, a, b, result, n, shift int) {
	for i := 0; i < n; i += isa.ElementwiseWidth {
		value := s.pair(kind, s.vectorAt(a+i), s.vectorAt(b+i), shift)
		s.write(writtenVector{word: word, at: result + i, a: a + i, b: b + i, value: value, isElementary: true})
	}
}

// pair is a sum or product. One with a constant of the blob that does no more than move the position is told as that.
func (s *symbolic) pair(kind termKind, a, b *term, shift int) *term {
	for _, o := range [][2]*term{{a, b}, {b, a}} {
		factor, ok := s.uniform(o[1])
		if !ok || kind == termSub {
			continue
		}
		isPower := factor > 0 && factor&(factor-1) == 0
		switch {
		case kind == termMul && isPower:
			return s.terms.of(termRescale, o[0], nil, 0, shift-bits.TrailingZeros16(uint16(factor)))
		case kind == termAdd && factor == 0 && shift != 0:
			return s.terms.of(termRescale, o[0], nil, 0, shift)
		}
	}
	return s.terms.of(kind, a, b, 0, shift)
}

// uniform gives the value of a vector of the blob that holds one value only.
func (s *symbolic) uniform(t *term) (value int16, ok bool) {
	if t.kind != termJoined || t.a.kind != termConstant || t.b.kind != termConstant {
		return 0, false
	}
	blob := s.program.blob
	for n, half := range []*term{t.a, t.b} {
		if half.place+granule > len(blob) {
			return 0, false
		}
		for i := half.place; i < half.place+granule; i += 2 {
			v := int16(uint16(blob[i]) | uint16(blob[i+1])<<8)
			if n == 0 && i == half.place {
				value = v
			}
			if v != value {
				return 0, false
			}
		}
	}
	return value, true
}

// bank gives the granules that a LOAD or SAVE of this lane moves, and where they begin; nil where they are another lane's, or of
// a weight bank that is not looked at.
func (s *symbolic) bank(p isa.Place, from, elementwise int) (bank map[int]*term, begin int) {
	switch {
	case p.Kind == isa.WeightBank && p.Index == 0:
		return s.weights, from
	case p.Kind == isa.VectorBank && p.Lane == s.lane:
		return s.vector, from
	case p.Kind == isa.ElementwiseBank && p.Lane == s.lane:
		return s.elementwise, p.Index*elementwise + from
	}
	return nil, 0
}

func (s *symbolic) load(op *load, elementwise int) {
	address := op.address
	if op.register != nil {
		address = use(&s.regs.load[op.register.Number][op.register.Lane], *op.register)
	}
	bank, begin := s.bank(op.place, op.from, elementwise)
	for i := 0; i < op.to-op.from && bank != nil; i += granuleValues {
		bank[begin+i] = s.fromMemory(address + 2*i)
	}
}

func (s *symbolic) save(op *save, elementwise int) {
	address := op.address
	if op.register != nil {
		address = use(&s.regs.save[op.register.Lane], *op.register)
	}
	bank, begin := s.bank(op.place, op.from, elementwise)
	var saved []*term
	for i := 0; i < op.to-op.from && bank != nil; i += granuleValues {
		value := s.read(bank, carriedPlace{kind: op.place.Kind, at: begin + i})
		s.memory[address+2*i] = value
		saved = append(saved, value)
	}
	if op.register != nil && op.register.Lane == s.lane {
		s.saved = saved
	}
}

func (s *symbolic) product(word int, op *product) {
	var granules []*term
	for i := 0; i < op.columns; i += granuleValues {
		granules = append(granules, s.read(s.vector, carriedPlace{kind: isa.VectorBank, at: op.vector + i}))
	}
	weights := s.read(s.weights, carriedPlace{kind: isa.WeightBank, at: op.weights})
	row := s.terms.row(granules)
	for k, at := range op.results {
		s.write(writtenVector{word: word, at: at, a: op.vector, value: s.terms.of(termProduct, row, weights, k, op.shift)})
	}
}

// cut makes all that was computed so far, and x, the state of the steps to come.
func (s *symbolic) cut() {
	count := 0
	states := map[*term]*term{}
	for _, bank := range []map[int]*term{s.elementwise, s.vector, s.memory} {
		for at, t := range bank {
			root := t
			if t.kind == termHalf {
				root = t.a
			}
			if root.kind == termConstant || root.kind == termUnknown || root.kind == termZero {
				continue
			}
			if states[root] == nil {
				count++
				states[root] = s.terms.of(termState, root, nil, count, 0)
			}
			if bank[at] = states[root]; t.kind == termHalf {
				bank[at] = s.terms.half(states[root], t.place)
			}
		}
	}
	clear(s.carried)
}
