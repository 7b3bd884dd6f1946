package machine

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"rnnsim/sim/isa"
)

// kept is what a program saves at an address of the weight blob, to load it again.
type kept struct {
	name    string
	segment string
	word    int
}

// node is a label without the range of values: "c_next" of "c_next [0:100]".
func node(label string) string {
	name, _, _ := strings.Cut(label, " [")
	return name
}

// findKept notes what every SAVE to the weight blob keeps there.
func (l *listing) findKept() {
	l.kept = map[int][]kept{}
	for i := range l.machine.program.cells {
		cell := &l.machine.program.cells[i]
		for k, s := range []isa.Segment{cell.init, cell.loop} {
			for n, word := range s.Words {
				if i, ok := word.(*isa.Save); ok && i.Type == 0 {
					offset := i.Address % isa.ChannelSize
					l.kept[offset] = append(l.kept[offset], kept{l.saved(s, l.labelsOf(cell)[k], n, i), s.Name, n})
				}
			}
		}
	}
}

// keeps names what a SAVE puts into the weight blob.
func (l *listing) keeps(segment string, word int, i *isa.Save) string {
	offset := i.Address % isa.ChannelSize
	place, _ := l.machine.program.target.Transfer(i.Bank, l.machine.Lanes())
	for _, k := range l.kept[offset] {
		if k.segment == segment && k.word == word {
			return fmt.Sprintf("%s of lane %d, to %#x of the weight blob", k.name, place.Lane, offset)
		}
	}
	return ""
}

// labelsOf are the labels of a cell's init and loop.
func (l *listing) labelsOf(cell *cell) [2]map[int]string {
	for i := range l.machine.program.cells {
		if &l.machine.program.cells[i] == cell {
			return l.machine.probes[i].labels
		}
	}
	return [2]map[int]string{}
}

// saved names what a SAVE reads: the node of the last word before it that wrote there.
func (l *listing) saved(s isa.Segment, labels map[int]string, n int, i *isa.Save) string {
	t := l.machine.program.target
	place, _ := t.Transfer(i.Bank, l.machine.Lanes())
	if place.Kind != isa.ElementwiseBank {
		return "what is handed on"
	}
	from := i.BankAddress * t.TransferUnit
	for before := n - 1; before >= 0; before-- {
		bank, at, units, ok := writes(s.Words[before])
		if ok && bank == place.Index && at*isa.ElementwiseUnit <= from && from < (at+units)*isa.ElementwiseUnit {
			if name := node(labels[before]); name != "" {
				return name
			}
			break
		}
	}
	return "scratch"
}

// writes tells where an elementwise word puts its result, in units of 32 values.
func writes(word isa.Instruction) (bank, at, units int, ok bool) {
	switch i := word.(type) {
	case *isa.Add:
		return i.ResultBank, i.ResultAddress, i.Length, true
	case *isa.Activation:
		return i.ResultBank, i.ResultAddress, i.Length, true
	case *isa.Multiply:
		return i.ResultBank, i.ResultAddress, i.Length, true
	}
	return 0, 0, 0, false
}

// part names what a LOAD takes out of the weight blob.
func (l *listing) part(cell *cell, segment string, word int, i *isa.Load) string {
	t := l.machine.program.target
	offset, size := i.Address%isa.ChannelSize, i.Length*t.TransferUnit
	place, _ := t.Transfer(i.Bank, l.machine.Lanes())
	if saves := l.kept[offset]; len(saves) > 0 {
		name, when := saves[0].name, " of the step before"
		if slices.ContainsFunc(saves, func(k kept) bool { return k.segment == segment && k.word < word }) {
			when = ""
		}
		return fmt.Sprintf("%s%s of lane %d, from %#x of the weight blob", name, when, place.Lane, offset)
	}
	if l.blob != nil {
		for i := range l.blob.Regions {
			r := &l.blob.Regions[i]
			switch {
			case offset < r.Offset || offset >= r.Offset+r.Size || r.Label == "":
			case size == r.Size:
				return r.Label
			default:
				return fmt.Sprintf("%s, bytes %d to %d", r.Label, offset-r.Offset, offset-r.Offset+size-1)
			}
		}
	}
	data := l.machine.program.blob[offset:][:size]
	if len(bytes.Trim(data, "\x00")) == 0 && place.Kind != isa.WeightBank {
		return fmt.Sprintf("zeros, from %#x of the weight blob", offset)
	}
	if name := l.readAs(cell, place, i); name != "" {
		return fmt.Sprintf("%s, from %#x of the weight blob", name, offset)
	}
	return fmt.Sprintf("bytes %d to %d of the weight blob", offset, offset+size-1)
}

// readAs names a parameter by the words of the loop that read it: products their weights, sums their biases.
func (l *listing) readAs(cell *cell, place isa.Place, load *isa.Load) string {
	t := l.machine.program.target
	from, to := load.BankAddress*t.TransferUnit, (load.BankAddress+load.Length)*t.TransferUnit
	reads := func(at, units, unit int) bool { return at*unit < to && from < (at+units)*unit }
	labels := l.labelsOf(cell)[1]
	for n, word := range cell.loop.Words {
		label := node(labels[n])
		switch i := word.(type) {
		case *isa.MatMul:
			if name, _, ok := strings.Cut(label, " *"); ok && place.Kind == isa.WeightBank && reads(i.WeightAddress, i.WeightSize, isa.WeightUnit) {
				return "weight" + strings.TrimPrefix(name, "w")
			}
		case *isa.Add:
			a := i.ABank == place.Index && reads(i.AAddress, i.Length, isa.ElementwiseUnit)
			b := i.BBank == place.Index && reads(i.BAddress, i.Length, isa.ElementwiseUnit)
			if _, name, ok := strings.Cut(label, " + "); ok && place.Kind == isa.ElementwiseBank && (a || b) {
				return name
			}
		}
	}
	return ""
}
