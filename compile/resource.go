package compile

import (
	"rnnsim/sim/isa"
)

// resource is something that instructions read and write, before it has an address: a vector of values in each lane's elementwise
// banks, a matrix in the weight banks, x or h in the vector banks, a vector of each lane in DDR, the frame of h.
type resource struct {
	name  string
	space space
	// size of an instance, in the units of its space: 32 values (elementwise), weight words, transfer units (the others).
	size int
	// paired says that blocks of 32 values lie in turns in a bank and in the next one, as products on the U50 do.
	paired bool
	// product restricts the bank to those that products go to.
	product bool
	// kept says that the values live from step to step, so that the place serves nothing else.
	kept bool
	// partners are the vectors that an instruction reads together with this one.
	partners []*resource

	bank    int // elementwise bank; the first of the pair
	address int // in units, from the begin of the bank, of the vector bank, or of the weight bank
	offset  int // in bytes of the blob, of lane 0; lanes follow one another

	// parent is the resource that this one is a part of, from unit begin on; nil for most.
	parent *resource
	begin  int
}

// part is a range of a resource.
func (r *resource) part(begin, size int) *resource {
	return &resource{name: r.name, space: r.space, size: size, parent: r, begin: begin}
}

func (r *resource) root() *resource {
	if r.parent != nil {
		return r.parent
	}
	return r
}

// access is a range of a resource in one instance, a lane or a weight bank; instance -1 is all of them.
type access struct {
	*resource
	instance int
	from, to int
}

// span is a range of a resource, or of the one that it is a part of.
func span(r *resource, instance, from, to int) access {
	return access{r.root(), instance, r.begin + from, r.begin + to}
}

func whole(r *resource) access { return span(r, -1, 0, r.size) }

func lane(r *resource, n int) access { return span(r, n, 0, r.size) }

// overlaps tells whether two accesses meet, if resources do not share places.
func (a access) overlaps(b access) bool {
	return a.resource == b.resource && (a.instance < 0 || b.instance < 0 || a.instance == b.instance) && a.from < b.to && b.from < a.to
}

// meets is overlaps once elementwise vectors have their places, which some may share.
func (a access) meets(b access) bool {
	if a.space != elementwiseSpace || b.space != elementwiseSpace {
		return a.overlaps(b)
	}
	if a.instance >= 0 && b.instance >= 0 && a.instance != b.instance {
		return false
	}
	for _, x := range a.spans() {
		for _, y := range b.spans() {
			if x.bank == y.bank && x.from < y.to && y.from < x.to {
				return true
			}
		}
	}
	return false
}

// bankSpan is units From to To-1 of an elementwise bank.
type bankSpan struct{ bank, from, to int }

// spans are the places of an access to an elementwise vector.
func (a access) spans() []bankSpan {
	if !a.paired {
		return []bankSpan{{a.bank, a.address + a.from, a.address + a.to}}
	}
	var list []bankSpan
	for unit := a.from; unit < a.to; unit++ {
		list = append(list, bankSpan{a.bank + unit%2, a.address + unit/2, a.address + unit/2 + 1})
	}
	return list
}

// unitsPerBank is how many units an elementwise vector takes of each of its banks.
func (r *resource) unitsPerBank() int {
	if r.paired {
		return (r.size + 1) / 2
	}
	return r.size
}

// banks are the elementwise banks that a vector takes if it begins in the given one.
func (r *resource) banks(first int) []int {
	if r.paired {
		return []int{first, first + 1}
	}
	return []int{first}
}

// at gives the bank and the address of a unit.
func (r *resource) at(unit int) (bank, address int) {
	if r.parent != nil {
		return r.parent.at(r.begin + unit)
	}
	if r.paired {
		return r.bank + unit%2, r.address + unit/2
	}
	return r.bank, r.address + unit
}

// action is an instruction that has its operands, but no place in the program yet.
type action struct {
	unit          isa.Unit
	reads, writes []access
	// busy is how long the unit cannot issue the next instruction; latency how long after that the result is there.
	busy, latency int
	word          func() isa.Instruction // once all resources have addresses
	first         bool                   // everything of the segment comes after it
	last          bool                   // everything but SAVE comes before it

	start    int // of the schedule
	priority int // the longest way to the end of the segment, in cycles
}
