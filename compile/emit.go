package compile

import (
	"rnnsim/sim/isa"
)

// loadVector loads a vector of the blob into an elementwise vector or the h of the vector banks: from one place for all lanes, or
// from one behind the other.
func (p *plan) loadVector(to *resource, offset int, perLane bool, reads ...access) {
	bytes := p.units * isa.ElementwiseUnit
	for n := range p.core.Batch {
		at := offset
		if perLane {
			at += n * bytes
		}
		word := func() isa.Instruction {
			i := &isa.Load{Length: p.transferUnits(), Address: p.vectorAddress(at)}
			i.Bank, i.BankAddress = p.transferPlace(to, n)
			return i
		}
		from := make([]access, 0, 1)
		for _, r := range reads {
			from = append(from, lane(r.resource, n))
		}
		p.add(&action{unit: isa.LoadUnit, reads: from, writes: []access{lane(to, n)}, word: word}, bytes)
	}
}

// vectorAddress is where vectors and scratch of the blob lie in memory.
func (p *plan) vectorAddress(offset int) int {
	return p.core.VectorChannel*isa.ChannelSize + p.base + offset
}

// transferPlace is how LOAD and SAVE call a place.
func (p *plan) transferPlace(r *resource, lane int) (bank, address int) {
	if r.space == vectorSpace {
		_, address = r.at(0)
		return p.target.TransferBank(isa.Place{Kind: isa.VectorBank, Lane: lane}), address
	}
	index, address := r.at(0)
	return p.target.TransferBank(isa.Place{Kind: isa.ElementwiseBank, Lane: lane, Index: index}), address * isa.ElementwiseUnit / p.target.TransferUnit
}

// saveVector saves an elementwise vector to a vector of each lane in the blob.
func (p *plan) saveVector(from, to *resource) {
	bytes := p.units * isa.ElementwiseUnit
	for n := range p.core.Batch {
		word := func() isa.Instruction {
			i := &isa.Save{Length: p.transferUnits(), Address: p.vectorAddress(to.offset + n*bytes)}
			i.Bank, i.BankAddress = p.transferPlace(from, n)
			return i
		}
		p.add(&action{unit: isa.SaveUnit, reads: []access{lane(from, n)}, writes: []access{lane(to, n)}, word: word}, bytes)
	}
}

// saveOutput saves h as the next frame of each lane, when what else it has to wait for is done.
func (p *plan) saveOutput(after ...access) []*action {
	var all []*action
	for n := range p.core.Batch {
		word := func() isa.Instruction {
			i := &isa.Save{Length: p.out.units * isa.ElementwiseUnit / p.target.TransferUnit}
			i.Bank, i.BankAddress = p.transferPlace(p.outFrame, n)
			i.SetRegister(isa.Register{Lane: n, Number: isa.RegisterState, Op: isa.StepUp, Step: p.out.units * isa.ElementwiseUnit})
			return i
		}
		all = append(all, p.add(&action{unit: isa.SaveUnit, reads: append(after, lane(p.outFrame, n)), writes: []access{lane(p.frame, n)}, word: word},
			p.out.units*isa.ElementwiseUnit))
	}
	return all
}

// loadInput loads x of each lane.
func (p *plan) loadInput() {
	op := isa.StepUp
	if p.reversed {
		op = isa.StepDown
	}
	for n := range p.core.Batch {
		word := func() isa.Instruction {
			i := &isa.Load{Length: p.xFrame.size}
			i.SetRegister(isa.Register{Lane: n, Number: isa.RegisterFirst, Op: op, Step: p.in.step()})
			return i
		}
		p.add(&action{unit: isa.LoadUnit, writes: []access{lane(p.xFrame, n)}, word: word}, p.xFrame.size*p.target.TransferUnit)
	}
}

// loadState loads the h that was saved last of each lane.
func (p *plan) loadState() {
	for n := range p.core.Batch {
		word := func() isa.Instruction {
			i := &isa.Load{Length: p.hFrame.size}
			i.SetRegister(isa.Register{Lane: n, Number: isa.RegisterState, Op: isa.StepUp, Step: p.out.units * isa.ElementwiseUnit})
			return i
		}
		p.add(&action{unit: isa.LoadUnit, reads: []access{lane(p.frame, n)}, writes: []access{lane(p.hFrame, n)}, word: word},
			p.out.units*isa.ElementwiseUnit)
	}
}

// loadWeights loads a matrix: each bank's rows lie together in the blob.
func (p *plan) loadWeights(matrix *resource) {
	bytes := matrix.size * isa.WeightUnit
	for bank := range isa.WeightBanks {
		channel := p.core.WeightChannels[bank%len(p.core.WeightChannels)]
		p.add(&action{
			unit: isa.LoadUnit, writes: []access{lane(matrix, bank)},
			word: func() isa.Instruction {
				return &isa.Load{
					Bank: p.target.TransferBank(isa.Place{Kind: isa.WeightBank, Index: bank}), BankAddress: matrix.address * isa.WeightUnit / p.target.TransferUnit,
					Length: bytes / p.target.TransferUnit, Address: channel*isa.ChannelSize + p.base + matrix.offset + bank*bytes,
				}
			},
		}, bytes)
	}
}

// product multiplies a matrix with x or h, 32 or 64 rows a word.
func (p *plan) product(label string, vector *resource, shift int) *resource {
	matrix := p.weights[label]
	result := p.vector(label + " product")
	result.product, result.paired = true, p.target.RowsPerBank == 2
	words := p.units / p.target.RowsPerBank
	size := matrix.size / words
	p.checkShift("the product with "+label, shift, 8)
	for n := range words {
		p.add(&action{
			unit:  isa.MatMulUnit,
			reads: []access{whole(vector), span(matrix, -1, n*size, (n+1)*size)}, writes: []access{span(result, -1, n*p.target.RowsPerBank, (n+1)*p.target.RowsPerBank)},
			word: func() isa.Instruction {
				_, address := vector.at(0)
				return &isa.MatMul{
					VectorLength: size, VectorBank: 1, VectorAddress: address, WeightAddress: matrix.address + n*size, WeightSize: size,
					ResultBank: result.bank, ResultAddress: result.address + n, Shift: shift,
				}
			},
		}, size)
	}
	return result
}

// checkShift holds a shift against the bits of its field.
func (p *plan) checkShift(what string, shift, bits int) {
	if lowest, highest := -1<<(bits-1), 1<<(bits-1)-1; shift < lowest || shift > highest {
		p.fail("%s would have to be shifted right by %d bits; the instruction shifts by %d to %d: move the fix positions closer together", what, shift, lowest, highest)
	}
}
