package isa

import "fmt"

// BankKind is what a bank is for.
type BankKind uint8

// The kinds of banks.
const (
	WeightBank BankKind = iota
	VectorBank
	ElementwiseBank
)

// Place is a bank: one of the 32 weight banks, which all lanes share; the vector bank of a lane; or an elementwise bank of a lane,
// whose index is the number by which compute instructions call it.
type Place struct {
	Kind        BankKind
	Lane, Index int
}

// String gives the bank's name: w0 to w31, v0 (of lane 0), e0.3 (of lane 0, bank 3 of the compute instructions).
func (p Place) String() string {
	switch p.Kind {
	case WeightBank:
		return fmt.Sprintf("w%d", p.Index)
	case VectorBank:
		return fmt.Sprintf("v%d", p.Lane)
	}
	return fmt.Sprintf("e%d.%d", p.Lane, p.Index)
}

// Transfer gives the bank that LOAD and SAVE call by a number.
func (t *Target) Transfer(bank, batch int) (Place, error) {
	if bank >= 0 && bank < WeightBanks {
		return Place{Kind: WeightBank, Index: bank}, nil
	}
	for lane := range batch {
		if p := (Place{Kind: VectorBank, Lane: lane}); t.transferBank(p) == bank {
			return p, nil
		}
		first := t.transferBank(Place{Kind: ElementwiseBank, Lane: lane, Index: firstElementwise})
		if at := bank - first; at >= 0 && at < t.elementwiseBanks {
			return Place{Kind: ElementwiseBank, Lane: lane, Index: firstElementwise + at}, nil
		}
	}
	return Place{}, fmt.Errorf("bank %d does not exist on %s with batch %d", bank, t.Name, batch)
}

// TransferBank is the inverse of Transfer.
func (t *Target) TransferBank(p Place) int { return t.transferBank(p) }

// ElementwiseBanks are the first and the last elementwise bank that compute instructions can read and write.
func (t *Target) ElementwiseBanks() (first, last int) {
	return firstElementwise, firstElementwise + t.elementwiseBanks - 1
}

// Capacity is the size of a bank in bytes [S].
func (t *Target) Capacity(kind BankKind) int {
	switch kind {
	case WeightBank:
		return t.WeightCapacity
	case VectorBank:
		return t.VectorCapacity
	}
	return t.ElementwiseCapacity
}

// group gives the index of the group that a bank belongs to.
func (t *Target) group(bank int) (int, bool) {
	for i, banks := range t.Groups {
		for _, b := range banks {
			if b == bank {
				return i, true
			}
		}
	}
	return 0, false
}
