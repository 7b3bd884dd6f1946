package compile

import (
	"cmp"
	"fmt"
	"slices"

	"rnnsim/sim/isa"
)

// chooseBanks gives every elementwise vector its bank: products in the banks that products go to, operands of one instruction in
// different banks of one group. Of the banks that will do it takes the one with the least in it.
func (p *plan) chooseBanks() error {
	c := bankChoice{plan: p, assigned: map[*resource]bool{}, filled: map[int]int{}, budget: 1 << 14}
	if !c.assign(len(p.vectors)) {
		return fmt.Errorf("graph %q: no choice of elementwise banks keeps to the rules of %s", p.name, p.target.Name)
	}
	return nil
}

// bankChoice is a choice of banks that is being made.
type bankChoice struct {
	*plan
	assigned map[*resource]bool
	filled   map[int]int // units in each bank
	budget   int
}

// assign chooses the bank of the vector that has the fewest left to choose from, goes on with the rest, and takes the choice back
// where that fails.
func (c *bankChoice) assign(left int) bool {
	if left == 0 {
		return true
	}
	if c.budget--; c.budget < 0 {
		return false
	}
	var r *resource
	var choices []int
	for _, v := range c.vectors {
		if c.assigned[v] {
			continue
		}
		if open := c.open(v); r == nil || len(open) < len(choices) {
			r, choices = v, open
		}
	}
	slices.SortStableFunc(choices, func(a, b int) int { return cmp.Compare(c.filled[a], c.filled[b]) })
	for _, bank := range choices {
		r.bank, c.assigned[r] = bank, true
		c.filled[bank] += r.size
		if c.assign(left - 1) {
			return true
		}
		c.filled[bank] -= r.size
		delete(c.assigned, r)
	}
	return false
}

// open gives the banks that a vector can still have.
func (c *bankChoice) open(r *resource) []int {
	return slices.DeleteFunc(c.bankChoices(r), func(bank int) bool { return !c.agrees(r, bank, c.assigned) })
}

func (p *plan) bankChoices(r *resource) []int {
	if r.product {
		return slices.Clone(p.target.ResultBanks)
	}
	first, last := p.target.ElementwiseBanks()
	var banks []int
	for bank := first; bank <= last; bank++ {
		banks = append(banks, bank)
	}
	return banks
}

// agrees tells whether a bank keeps to the rules, given the partners that have theirs.
func (p *plan) agrees(r *resource, bank int, assigned map[*resource]bool) bool {
	for _, partner := range r.partners {
		if !assigned[partner] {
			continue
		}
		for _, mine := range r.banks(bank) {
			for _, its := range partner.banks(partner.bank) {
				if mine == its || p.group(mine) != p.group(its) {
					return false
				}
			}
		}
	}
	return true
}

func (p *plan) group(bank int) int {
	return slices.IndexFunc(p.target.Groups, func(group []int) bool { return slices.Contains(group, bank) })
}

// lifetime is when a vector holds something that is still needed, in the order of a segment.
type lifetime struct {
	*resource
	from, to int
}

// lifetimes gives those of the vectors that a segment uses and that do not outlive it.
func lifetimes(list []*action) []lifetime {
	index := map[*resource]int{}
	var all []lifetime
	for at, a := range list {
		for _, x := range slices.Concat(a.reads, a.writes) {
			if x.space != elementwiseSpace || x.kept {
				continue
			}
			n, known := index[x.resource]
			if !known {
				n = len(all)
				index[x.resource] = n
				all = append(all, lifetime{x.resource, at, at})
			}
			all[n].to = at
		}
	}
	return all
}

// allocate gives every elementwise vector its address. Vectors of a step share a place only where a bank has no other room left: a
// shared place makes an instruction wait for those that still read it.
func (p *plan) allocate(segments ...[]*action) error {
	if err := p.chooseBanks(); err != nil {
		return err
	}
	capacity := p.target.ElementwiseCapacity / isa.ElementwiseUnit
	var kept []lifetime
	for _, r := range p.vectors {
		if !r.kept {
			continue
		}
		if err := p.place(lifetime{r, 0, 1 << 30}, kept, capacity); err != nil {
			return err
		}
		kept = append(kept, lifetime{r, 0, 1 << 30})
	}
	for _, list := range segments {
		placed := slices.Clone(kept)
		for _, l := range lifetimes(list) {
			if err := p.place(l, placed, capacity); err != nil {
				return err
			}
			placed = append(placed, l)
		}
	}
	return nil
}

// place finds the lowest address that is free of all vectors, or else of all that live at the same time.
func (p *plan) place(l lifetime, placed []lifetime, capacity int) error {
	size, needed := l.unitsPerBank(), 0
	for _, reuse := range []bool{false, true} {
		address := 0
		for moved := true; moved; {
			moved = false
			for _, other := range placed {
				apart := reuse && (other.to < l.from || l.to < other.from)
				if apart || !sharesBank(l.resource, other.resource) || address+size <= other.address || other.address+other.unitsPerBank() <= address {
					continue
				}
				address, moved = other.address+other.unitsPerBank(), true
			}
		}
		if needed = address + size; needed <= capacity {
			l.address = address
			return nil
		}
	}
	return fmt.Errorf("graph %q: with %d units the vectors of a step need %d bytes of elementwise bank %d, which has %d on %s (%d too few): fewer units are needed",
		p.name, p.hidden, needed*isa.ElementwiseUnit, l.bank, p.target.ElementwiseCapacity, p.target.Name, needed*isa.ElementwiseUnit-p.target.ElementwiseCapacity)
}

func sharesBank(a, b *resource) bool {
	for _, x := range a.banks(a.bank) {
		if slices.Contains(b.banks(b.bank), x) {
			return true
		}
	}
	return false
}
