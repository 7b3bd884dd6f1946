package isa

import (
	"fmt"
	"strings"
)

// Unit is one of the accelerator's units, and the opcode of the instructions that it executes. Units run in parallel, each of
// them its own instructions in order.
type Unit uint8

// The units, in the order of their bits in opcodes and masks.
const (
	LoadUnit Unit = iota
	SaveUnit
	MatMulUnit
	AddUnit
	ActivationUnit
	MultiplyUnit
	EndUnit
	// Units is the number of units.
	Units
)

var unitNames = [Units]string{"load", "save", "mmul", "add", "actv", "emul", "end"}

// String gives the mnemonic of the unit's instructions.
func (u Unit) String() string {
	if u < Units {
		return unitNames[u]
	}
	return fmt.Sprintf("unit(%d)", uint8(u))
}

// Bit is the mask of this unit alone. It is also the opcode of the unit's instructions: opcodes are one-hot.
func (u Unit) Bit() Mask { return 1 << u }

// Mask is a set of units.
type Mask uint8

// Has tells whether the unit is in the set.
func (m Mask) Has(u Unit) bool { return m&u.Bit() != 0 }

// String gives the mnemonics joined by commas, in the order of the bits; a bit that is no unit's is given in hex.
func (m Mask) String() string {
	var names []string
	for u := range Units {
		if m.Has(u) {
			names = append(names, u.String())
		}
	}
	if rest := m &^ (1<<Units - 1); rest != 0 {
		names = append(names, fmt.Sprintf("%#x", uint8(rest)))
	}
	return strings.Join(names, ",")
}

// Depends is the part that all instructions have: which units' tokens an instruction waits for and consumes before it starts
// (On), and which units get a token from it when it completes (By). A unit's tokens are told apart by who sent them.
type Depends struct{ On, By Mask }

// Dependencies gives access to the masks of any instruction.
func (d *Depends) Dependencies() *Depends { return d }
