package machine

import "rnnsim/internal/fixed"

// termKind is what a term stands for.
type termKind uint8

const (
	termZero     termKind = iota
	termX                 // a granule of x of the step
	termConstant          // a granule of the weight blob
	termState             // something that an earlier step computed
	termUnknown           // what was there before the program
	termHalf              // a granule of a vector of 32 values
	termJoined            // a vector of two granules, or a longer row of granules
	termProduct
	termAdd
	termSub
	termMul
	termSigmoid
	termTanh
	termRescale // a vector shifted to another position, by what shift says
)

// term is what a program's word computes, as an expression over x, the weight blob and what earlier steps left. Equal terms are the
// same pointer. Terms stand for vectors of 32 values, or for granules of 16 where the comments say so.
type term struct {
	kind  termKind
	a, b  *term
	place int // where a leaf lies, or which half, row or weights
	shift int
}

// terms makes every term once.
type terms map[term]*term

func (t terms) of(kind termKind, a, b *term, place, shift int) *term {
	key := term{kind, a, b, place, shift}
	if t[key] == nil {
		t[key] = &key
	}
	return t[key]
}

// half is one granule of a vector.
func (t terms) half(of *term, half int) *term {
	if of.kind == termZero {
		return of
	}
	return t.of(termHalf, of, nil, half, 0)
}

// join is a vector of two granules.
func (t terms) join(first, second *term) *term {
	switch {
	case first.kind == termHalf && second.kind == termHalf && first.a == second.a && first.place == 0 && second.place == 1:
		return first.a
	case first.kind == termZero && second.kind == termZero:
		return first
	}
	return t.of(termJoined, first, second, 0, 0)
}

// row is a row of granules, as a product reads it.
func (t terms) row(granules []*term) *term {
	row := granules[len(granules)-1]
	for i := len(granules) - 2; i >= 0; i-- {
		if granules[i].kind == termZero && row.kind == termZero {
			continue
		}
		row = t.of(termJoined, granules[i], row, 1, 0)
	}
	return row
}

// leaf is the first leaf of a term that is a row or a vector of them, or one that was rescaled.
func (t *term) leaf() *term {
	for t.kind == termJoined || t.kind == termHalf || t.kind == termRescale {
		t = t.a
	}
	return t
}

// core is a term before it was rescaled.
func (t *term) core() *term {
	for t.kind == termRescale {
		t = t.a
	}
	return t
}

// position gives the fix position of a term that an activation reads or yields, or that a product of such terms is; known is false
// of others.
func (t *term) position() (p int, known bool) {
	switch t.kind {
	case termSigmoid, termTanh:
		return fixed.TablePosition, true
	case termRescale:
		p, known = t.a.position()
		return p - t.shift, known
	case termMul:
		a, knownA := t.a.position()
		b, knownB := t.b.position()
		return a + b - t.shift, knownA && knownB
	}
	return 0, false
}

// firstStep gives a term for the first step, in which all state is zero: what is then zero, or left as it is, falls away. Zeros of the
// blob are known by isZero.
func (t terms) firstStep(of *term, isZero func(place int) bool, memo map[*term]*term) *term {
	if done, ok := memo[of]; ok {
		return done
	}
	zero := t.of(termZero, nil, nil, 0, 0)
	if of.kind == termState {
		return zero
	}
	var a, b *term
	if of.a != nil {
		a = t.firstStep(of.a, isZero, memo)
	}
	if of.b != nil {
		b = t.firstStep(of.b, isZero, memo)
	}
	result := of
	switch {
	case of.kind == termConstant && isZero(of.place):
		result = zero
	case a == nil:
	case of.kind == termHalf:
		result = t.half(a, of.place)
	case of.kind == termJoined && a == zero && b == zero:
		result = zero
	case of.kind == termJoined && of.place == 0:
		result = t.join(a, b)
	case (of.kind == termProduct || of.kind == termRescale) && a == zero, of.kind == termMul && (a == zero || b == zero):
		result = zero
	case (of.kind == termAdd || of.kind == termSub) && b == zero && of.shift == 0:
		result = a
	case of.kind == termAdd && a == zero && of.shift == 0:
		result = b
	default:
		result = t.of(of.kind, a, b, of.place, of.shift)
	}
	memo[of] = result
	return result
}
