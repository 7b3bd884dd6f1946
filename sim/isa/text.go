package isa

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The text form is an instruction a line:
//
//	load bank=w3 bank_addr=0 len=4 ddr_addr=0x30000400 by=mmul
//	load lane=0 reg=1 op=1 step=256 len=4 on=save by=mmul
//	mmul vec_addr=0 vec_len=1 w_addr=5 w_size=1 res_bank=3 res_addr=0 trunc=12 on=load ; a remark
//
// A mnemonic, then fields by the names of the documentation, then the masks. Fields that all known models hold at one value are
// left out at that value; so are empty masks, and op and type where they follow from the rest. LOAD and SAVE name banks as Place
// does when there is a target, and by number otherwise. What follows a semicolon is a remark. A line may begin with the word's
// place and a colon, which is not read. ".segment NAME" begins a segment.

// Format gives the text of an instruction. The target, which may be nil, is for the names of banks.
func Format(i Instruction, t *Target) string {
	var b strings.Builder
	b.WriteString(i.Unit().String())
	shown := func(name, value string) { fmt.Fprintf(&b, " %s=%s", name, value) }
	indirect := formatRegister(i, shown)
	for _, f := range i.fields() {
		switch {
		case f.fixed && *f.value == f.only, f.name == "type" && (indirect || *f.value == 0):
		case indirect && (f.name == "ddr_addr" || f.name == "bank" && i.Unit() == LoadUnit):
		case f.name == "ddr_addr":
			shown(f.name, fmt.Sprintf("%#x", *f.value))
		case f.name == "bank":
			shown(f.name, bankName(*f.value, t))
		default:
			shown(f.name, strconv.Itoa(*f.value))
		}
	}
	d := i.Dependencies()
	if d.On != 0 {
		shown("on", d.On.String())
	}
	if d.By != 0 {
		shown("by", d.By.String())
	}
	return b.String()
}

// formatRegister shows the register of a LOAD or SAVE of type 1; one that contradicts itself is left to its plain fields.
func formatRegister(i Instruction, shown func(name, value string)) bool {
	var r Register
	var err error
	switch i := i.(type) {
	case *Load:
		if i.Type != 1 {
			return false
		}
		r, err = i.Register()
	case *Save:
		if i.Type != 1 {
			return false
		}
		r, err = i.Register()
	default:
		return false
	}
	if err != nil {
		return false
	}
	for _, p := range []struct {
		name  string
		value int
	}{{"lane", r.Lane}, {"reg", r.Number}, {"op", r.Op}, {"step", r.Step}} {
		shown(p.name, strconv.Itoa(p.value))
	}
	return true
}

// bankName names a bank of the LOAD and SAVE numbering. Every lane that a bank number can have is named, whatever the batch.
func bankName(bank int, t *Target) string {
	if t != nil {
		if p, err := t.Transfer(bank, t.mostLanes()); err == nil {
			return p.String()
		}
	}
	return strconv.Itoa(bank)
}

func (t *Target) mostLanes() int {
	most := 0
	for _, c := range t.Cores {
		most = max(most, c.Batch)
	}
	return most
}

// WriteText writes the segment as text that Assemble reads. The target may be nil.
func (s Segment) WriteText(w io.Writer, t *Target) error {
	if _, err := fmt.Fprintf(w, ".segment %s\n", s.Name); err != nil {
		return err
	}
	for n, i := range s.Words {
		if _, err := fmt.Fprintf(w, "%d: %s\n", n, Format(i, t)); err != nil {
			return err
		}
	}
	return nil
}
