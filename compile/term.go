package compile

import "rnnsim/internal/fixed"

// blockValues is how many int16 values a block has: as many as the smaller transfer unit of the targets.
const (
	blockValues = 16
	blockBytes  = 2 * blockValues
)

// constant is the values of a block that the weight blob holds.
type constant [blockValues]int16

// operation is how a term is made from others.
type operation uint8

const (
	opUnknown  operation = iota // memory that nothing has written; index tells places apart
	opConstant                  // index: the constant
	opInput                     // x of this step: index is the block of the frame, a the lane
	opState                     // the state before this step: index is the class of places that hold it
	opProduct                   // index: rows, a: vector; sat((Σ row·vector) >> shift)
	opAdd                       // sat((a + b) >> shift)
	opSubtract                  // sat((a - b) >> shift)
	opMultiply                  // sat((a · b) >> shift)
	opRescale                   // sat(a >> shift); a negative shift is to the left
	opSigmoid                   // the table at fix position shift
	opTanh
)

var operationNames = [...]string{"unknown", "constant", "x", "state", "product", "add", "sub", "mul", "rescale", "sigmoid", "tanh"}

func (o operation) String() string { return operationNames[o] }

// term is an expression for the 16 values of a block. Equal terms have equal numbers, so that expressions are compared at once.
type term struct {
	op    operation
	shift int32
	a, b  termID
	index int32
}

type termID int32

// zeroTerm is the constant of 16 zeros.
const zeroTerm termID = 0

// terms interns expressions. Its methods simplify by identities that hold for all int16 values, so that two computations get one
// term where they differ by no more than such an identity.
type terms struct {
	list      []term
	ids       map[term]termID
	constants []constant
	constIDs  map[constant]int32
	rows      []rows
	rowIDs    map[string]int32
	vectors   [][]termID
	vectorIDs map[string]int32
}

// rows is the weights of a product: a row for each of 16 results, each as long as the vector.
type rows struct {
	values [blockValues][]int16
}

func newTerms() *terms {
	t := &terms{ids: map[term]termID{}, constIDs: map[constant]int32{}, rowIDs: map[string]int32{}, vectorIDs: map[string]int32{}}
	t.constant(constant{})
	return t
}

func (t *terms) intern(e term) termID {
	if id, ok := t.ids[e]; ok {
		return id
	}
	id := termID(len(t.list))
	t.list, t.ids[e] = append(t.list, e), id
	return id
}

func (t *terms) constant(c constant) termID {
	index, ok := t.constIDs[c]
	if !ok {
		index = int32(len(t.constants))
		t.constants, t.constIDs[c] = append(t.constants, c), index
	}
	return t.intern(term{op: opConstant, index: index})
}

// values gives the values of a term that is a constant.
func (t *terms) values(id termID) (constant, bool) {
	if e := t.list[id]; e.op == opConstant {
		return t.constants[e.index], true
	}
	return constant{}, false
}

func (t *terms) input(lane, block int) termID {
	return t.intern(term{op: opInput, a: termID(lane), index: int32(block)})
}

func (t *terms) state(class int) termID { return t.intern(term{op: opState, index: int32(class)}) }

func (t *terms) unknown(place int) termID {
	return t.intern(term{op: opUnknown, index: int32(place)})
}

// elementwise makes an addition, a subtraction or a product of blocks.
func (t *terms) elementwise(op operation, a, b termID, shift int) termID {
	x, constA := t.values(a)
	y, constB := t.values(b)
	if constA && constB {
		return t.fold(func(i int) int64 { return evaluate(op, int64(x[i]), int64(y[i])) }, shift)
	}
	switch op {
	case opMultiply:
		if a == zeroTerm || b == zeroTerm {
			return zeroTerm
		}
		if exponent, ok := powerOfTwo(y, constB); ok {
			return t.rescale(a, shift-exponent)
		}
		if exponent, ok := powerOfTwo(x, constA); ok {
			return t.rescale(b, shift-exponent)
		}
	case opAdd:
		if a == zeroTerm {
			return t.rescale(b, shift)
		}
		if b == zeroTerm {
			return t.rescale(a, shift)
		}
	case opSubtract:
		if b == zeroTerm {
			return t.rescale(a, shift)
		}
	}
	if op != opSubtract && a > b {
		a, b = b, a
	}
	return t.intern(term{op: op, shift: int32(shift), a: a, b: b})
}

func evaluate(op operation, a, b int64) int64 {
	switch op {
	case opAdd:
		return a + b
	case opSubtract:
		return a - b
	}
	return a * b
}

// powerOfTwo tells whether all values of a constant are one power of two.
func powerOfTwo(c constant, is bool) (exponent int, ok bool) {
	if !is || c[0] <= 0 || c[0]&(c[0]-1) != 0 {
		return 0, false
	}
	for _, v := range c {
		if v != c[0] {
			return 0, false
		}
	}
	for c[0]>>exponent != 1 {
		exponent++
	}
	return exponent, true
}

func (t *terms) rescale(a termID, shift int) termID {
	if shift == 0 {
		return a
	}
	if x, ok := t.values(a); ok {
		return t.fold(func(i int) int64 { return int64(x[i]) }, shift)
	}
	if e := t.list[a]; e.op == opRescale && e.shift > 0 && shift > 0 {
		return t.rescale(e.a, int(e.shift)+shift) // floors compose
	}
	return t.intern(term{op: opRescale, shift: int32(shift), a: a})
}

func (t *terms) fold(value func(i int) int64, shift int) termID {
	var c constant
	for i := range c {
		v, _ := fixed.Saturate(fixed.ShiftRight(value(i), shift), 16)
		c[i] = int16(v)
	}
	return t.constant(c)
}

// activation makes a look-up in a table, at the fix position of the input. Both tables are left as they are but for tanh(0) = 0,
// so that a gate that happens to be constant is still seen to be a gate.
func (t *terms) activation(op operation, a termID, position int) termID {
	if op == opTanh && a == zeroTerm {
		return zeroTerm
	}
	return t.intern(term{op: op, shift: int32(position), a: a})
}
