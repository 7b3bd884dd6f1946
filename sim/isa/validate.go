package isa

import "slices"

// Validate holds an instruction against a target with the given number of lanes: every value in its range, fields that have one
// value in all known files at that value (what others would do is not known), banks that exist, ranges inside the banks, and the
// bank rules of the compute instructions. No known file breaks the rules; that breaking them harms is inferred [I].
// Errors are a *FieldError.
func Validate(i Instruction, t *Target, batch int) error {
	if _, err := Encode(i); err != nil {
		return err
	}
	for _, f := range i.fields() {
		if f.fixed && *f.value != f.only {
			return wrong(f.name, "%d; all known models have %d, and what another value does is not known", *f.value, f.only)
		}
	}
	switch i := i.(type) {
	case *Load:
		return i.validate(t, batch)
	case *Save:
		return i.validate(t, batch)
	case *MatMul:
		return i.validate(t)
	case *Add:
		return i.validate(t)
	case *Activation:
		return i.validate(t)
	case *Multiply:
		return i.validate(t)
	}
	return nil
}

func (l *Load) validate(t *Target, batch int) error {
	if l.Type != 1 {
		return validateTransfer(t, batch, l.Type, l.Bank, l.BankAddress, l.Length)
	}
	r, err := l.Register()
	if err != nil {
		return err
	}
	if l.BankAddress != 0 {
		return wrong("bank_addr", "a destination step of %d; all known models have 0, and what another does is not known", l.BankAddress)
	}
	return r.check(batch)
}

func (s *Save) validate(t *Target, batch int) error {
	kind := s.Type
	if kind == 1 {
		kind = 0 // the bank is the word's own all the same
	}
	if err := validateTransfer(t, batch, kind, s.Bank, s.BankAddress, s.Length); err != nil || s.Type == 0 {
		return err
	}
	r, err := s.Register()
	if err != nil {
		return err
	}
	return r.check(batch)
}

func validateTransfer(t *Target, batch, kind, bank, address, length int) error {
	if kind != 0 {
		return wrong("type", "%d is not known; 0 (direct) and 1 (through registers) are", kind)
	}
	p, err := t.Transfer(bank, batch)
	if err != nil {
		return &FieldError{Field: "bank", Err: err}
	}
	return inside("bank_addr", p.String(), address, length, t.TransferUnit, t.Capacity(p.Kind))
}

// inside holds a range of a bank, in units of some bytes, against the bank's capacity.
func inside(field, bank string, address, length, unit, capacity int) error {
	if end := (address + length) * unit; end > capacity {
		return wrong(field, "%d units of %d bytes from %d on end at byte %d of bank %s, which has %d", length, unit, address, end, bank, capacity)
	}
	return nil
}

func (m *MatMul) validate(t *Target) error {
	if m.WeightSize != m.VectorLength {
		return wrong("w_size", "%d differs from vec_len %d; they are equal in all known models", m.WeightSize, m.VectorLength)
	}
	if !slices.Contains(t.ResultBanks, m.ResultBank) {
		return wrong("res_bank", "%d; products go to one of the banks %d on %s", m.ResultBank, t.ResultBanks, t.Name)
	}
	if err := inside("vec_addr", "v", m.VectorAddress, m.VectorLength, t.VectorUnit, t.VectorCapacity); err != nil {
		return err
	}
	if err := inside("w_addr", "w", m.WeightAddress, m.WeightSize, WeightUnit, t.WeightCapacity); err != nil {
		return err
	}
	return inside("res_addr", "e", m.ResultAddress, 1, ElementwiseUnit, t.ElementwiseCapacity)
}

// operand is a range of an elementwise bank.
type operand struct {
	name          string // of the fields: a, b, in, res
	bank, address int
}

// validateElementwise checks the ranges; and that a result which shares values with an operand lies at the same place. What a
// result would be that overtakes its operand is not known [?].
func validateElementwise(t *Target, length int, result operand, operands ...operand) error {
	first, last := t.ElementwiseBanks()
	for _, o := range append(operands, result) {
		if o.bank < first || o.bank > last {
			return wrong(o.name+"_bank", "bank %d does not exist on %s; elementwise banks are %d to %d", o.bank, t.Name, first, last)
		}
		if err := inside(o.name+"_addr", "e", o.address, length, ElementwiseUnit, t.ElementwiseCapacity); err != nil {
			return err
		}
	}
	for _, o := range operands {
		if apart := o.address - result.address; o.bank == result.bank && apart != 0 && apart < length && -apart < length {
			return wrong("res_addr", "%d: %d units overlap with the operand at %s_addr %d of the same bank", result.address, length, o.name, o.address)
		}
	}
	return nil
}

// validatePair checks the rule of two operands: different banks of one group.
func validatePair(t *Target, a, b int) error {
	if a == b {
		return wrong("b_bank", "%d; both operands lie in this bank, which gives one a time", b)
	}
	if ga, gb := mustGroup(t, a), mustGroup(t, b); ga != gb {
		return wrong("b_bank", "%d; the operands lie in different groups on %s, whose groups are %d", b, t.Name, t.Groups)
	}
	return nil
}

func mustGroup(t *Target, bank int) int {
	g, _ := t.group(bank) // every elementwise bank is in a group
	return g
}

func (a *Add) validate(t *Target) error {
	if a.Sign > 1 {
		return wrong("sign", "%d is not known; 0 (a + b) and 1 (a - b) are", a.Sign)
	}
	err := validateElementwise(t, a.Length, operand{"res", a.ResultBank, a.ResultAddress},
		operand{"a", a.ABank, a.AAddress}, operand{"b", a.BBank, a.BAddress})
	if err == nil {
		err = validatePair(t, a.ABank, a.BBank)
	}
	switch {
	case err != nil:
		return err
	case t.Idle != 0 && a.CBank != t.Idle:
		return wrong("c_bank", "%d; on %s it is always %d", a.CBank, t.Name, t.Idle)
	case t.Idle == 0 && (!slices.Contains(t.Groups[mustGroup(t, a.ABank)], a.CBank) || a.CBank == a.ABank || a.CBank == a.BBank):
		return wrong("c_bank", "%d; it must be an idle bank of the operands' group %d", a.CBank, t.Groups[mustGroup(t, a.ABank)])
	}
	return nil
}

func (a *Activation) validate(t *Target) error {
	if a.Kind > 1 {
		return wrong("kind", "%d is not known; 0 (sigmoid) and 1 (tanh) are", a.Kind)
	}
	err := validateElementwise(t, a.Length, operand{"res", a.ResultBank, a.ResultAddress}, operand{"in", a.InputBank, a.InputAddress})
	if err == nil && a.InputBank == a.ResultBank && a.InputAddress == a.ResultAddress {
		err = wrong("res_addr", "%d; the result may lie in the input's bank at another address only", a.ResultAddress)
	}
	return err
}

func (m *Multiply) validate(t *Target) error {
	err := validateElementwise(t, m.Length, operand{"res", m.ResultBank, m.ResultAddress},
		operand{"a", m.ABank, m.AAddress}, operand{"b", m.BBank, m.BAddress})
	if err == nil {
		err = validatePair(t, m.ABank, m.BBank)
	}
	return err
}
