package isa

// Register is what a LOAD or SAVE of type 1 goes through: registers of a lane that hold an address and step after each use. A LOAD
// reads at load_src_reg and writes at load_dst_reg, a SAVE writes at save_dst_reg.
type Register struct {
	Lane   int
	Number int // RegisterFirst for x, RegisterState for h
	Op     int // 1: addresses grow. 0: they fall, for a sequence that is run from its end [I]
	Step   int // of the address in memory, in bytes
}

// Ops of a register.
const (
	StepDown = 0
	StepUp   = 1
)

// Address is the form that the register has in ddr_addr.
func (r Register) Address() int { return r.Lane<<20 | r.Number<<18 | r.Op<<16 | r.Step }

// Bank is the form that the register has in the bank field of a LOAD.
func (r Register) Bank() int { return r.Lane<<4 | r.Number<<2 | r.Op }

func registerAt(address int) (Register, error) {
	r := Register{Lane: address >> 20 & 15, Number: address >> 18 & 3, Op: address >> 16 & 3, Step: address & 0xffff}
	if r.Address() != address {
		return r, wrong("ddr_addr", "%#x has bits above those of lane, register, op and step", address)
	}
	return r, nil
}

// check holds the register against what exists.
func (r Register) check(batch int) error {
	switch {
	case r.Lane >= batch:
		return wrong("ddr_addr", "lane %d does not exist with batch %d", r.Lane, batch)
	case r.Number > RegisterState:
		return wrong("ddr_addr", "register %d does not exist; 0 (x) and 1 (h) do", r.Number)
	case r.Op > StepUp:
		return wrong("ddr_addr", "op %d is not known; 0 (down) and 1 (up) are", r.Op)
	}
	return nil
}

// Register gives the register of a LOAD of type 1. Errors are a *FieldError: bank and ddr_addr, which both hold it, differ, or
// ddr_addr has other bits.
func (l *Load) Register() (Register, error) {
	r, err := registerAt(l.Address)
	if err == nil && r.Bank() != l.Bank {
		err = wrong("bank", "%#02x says another lane, register or op than ddr_addr %#x", l.Bank, l.Address)
	}
	return r, err
}

// SetRegister makes the LOAD one of type 1.
func (l *Load) SetRegister(r Register) { l.Type, l.Bank, l.Address = 1, r.Bank(), r.Address() }

// Register gives the register of a SAVE of type 1. Errors are a *FieldError.
func (s *Save) Register() (Register, error) { return registerAt(s.Address) }

// SetRegister makes the SAVE one of type 1.
func (s *Save) SetRegister(r Register) { s.Type, s.Address = 1, r.Address() }
