package isa

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// longestLine bounds the lines that Assemble reads.
const longestLine = 1 << 16

// Assemble reads the text of segments: what WriteText writes, and whatever else keeps to the form. The target, which may be nil, is
// for the names of banks. Words are encodable; Validate holds them against a target. Errors name the line and the field.
func Assemble(r io.Reader, t *Target) ([]Segment, error) {
	var segments []Segment
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	number := 0
	for lines.Scan() {
		number++
		words := strings.Fields(uncommented(lines.Text()))
		switch {
		case len(words) == 0:
		case words[0] == ".segment":
			if len(words) != 2 || slices.ContainsFunc(segments, func(s Segment) bool { return s.Name == words[1] }) {
				return nil, fmt.Errorf("line %d: %q: .segment takes a name that no other segment has", number, lines.Text())
			}
			segments = append(segments, Segment{Name: words[1]})
		case len(segments) == 0:
			return nil, fmt.Errorf("line %d: %q: a segment has to begin first: .segment init", number, lines.Text())
		default:
			i, err := ParseText(lines.Text(), t)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
			s := &segments[len(segments)-1]
			s.Words = append(s.Words, i)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", number+1, err)
	}
	return segments, nil
}

func uncommented(line string) string {
	text, _, _ := strings.Cut(line, ";")
	return text
}

// ParseText is the inverse of Format. Errors name the field.
func ParseText(line string, t *Target) (Instruction, error) {
	words := strings.Fields(uncommented(line))
	if len(words) > 0 && strings.HasSuffix(words[0], ":") {
		words = words[1:]
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("%q holds no instruction", line)
	}
	unit := slices.Index(unitNames[:], strings.ToLower(words[0]))
	if unit < 0 {
		return nil, fmt.Errorf("%q is no mnemonic; %s are", words[0], strings.Join(unitNames[:], ", "))
	}
	p := parser{target: t, values: map[string]string{}}
	for _, w := range words[1:] {
		name, value, ok := strings.Cut(w, "=")
		if _, twice := p.values[name]; !ok || twice {
			return nil, fmt.Errorf("%q: each field once, as name=value", w)
		}
		p.values[name] = value
	}
	i := newInstruction(Unit(unit))
	p.parse(i)
	if p.err != nil {
		return nil, p.err
	}
	if _, err := Encode(i); err != nil {
		return nil, err
	}
	return i, nil
}

// parser takes the fields of one line, and keeps the first thing that is wrong.
type parser struct {
	target *Target
	values map[string]string
	err    error
}

func (p *parser) fail(field, format string, args ...any) {
	if p.err == nil {
		p.err = wrong(field, format, args...)
	}
}

// take gives a field's value and marks it as read.
func (p *parser) take(name string) (string, bool) {
	v, ok := p.values[name]
	delete(p.values, name)
	return v, ok
}

func (p *parser) parse(i Instruction) {
	d := i.Dependencies()
	d.On, d.By = p.mask("on"), p.mask("by")
	indirect := p.register(i)
	for _, f := range i.fields() {
		value, given := p.take(f.name)
		isRegister := indirect && (f.name == "type" || f.name == "ddr_addr" || f.name == "bank" && i.Unit() == LoadUnit)
		switch {
		case isRegister && given:
			p.fail(f.name, "%s: it follows from lane, reg, op and step", value)
		case isRegister:
		case !given && f.fixed:
			*f.value = f.only
		case !given && f.name == "type":
		case !given:
			p.fail(f.name, "is missing")
		case f.name == "bank":
			*f.value = p.bank(value)
		default:
			*f.value = p.number(f.name, value)
		}
	}
	if left := slices.Sorted(maps.Keys(p.values)); len(left) > 0 {
		p.fail(left[0], "%s has no such field", i.Unit())
	}
}

// register takes the four values of a register, where there is one.
func (p *parser) register(i Instruction) bool {
	isLoad, isSave := i.Unit() == LoadUnit, i.Unit() == SaveUnit
	if _, ok := p.values["lane"]; !ok || !isLoad && !isSave {
		return false
	}
	var r Register
	for _, f := range []struct {
		name  string
		width int
		value *int
	}{{"lane", 4, &r.Lane}, {"reg", 2, &r.Number}, {"op", 2, &r.Op}, {"step", 16, &r.Step}} {
		value, given := p.take(f.name)
		if !given {
			p.fail(f.name, "is missing beside lane")
		}
		if *f.value = p.number(f.name, value); *f.value < 0 || *f.value >= 1<<f.width {
			p.fail(f.name, "%s is outside 0 to %d", value, 1<<f.width-1)
		}
	}
	switch i := i.(type) {
	case *Load:
		i.SetRegister(r)
	case *Save:
		i.SetRegister(r)
	}
	return true
}

func (p *parser) number(field, value string) int {
	n, err := strconv.ParseInt(value, 0, 64)
	if err != nil {
		p.fail(field, "%q is no number", value)
	}
	return int(n)
}

func (p *parser) mask(field string) Mask {
	value, given := p.take(field)
	var m Mask
	for name := range strings.SplitSeq(value, ",") {
		if !given {
			break
		}
		u := slices.Index(unitNames[:], name)
		if u < 0 {
			p.fail(field, "%q is no unit; %s are", name, strings.Join(unitNames[:], ", "))
			break
		}
		m |= Unit(u).Bit()
	}
	return m
}

// bank reads the name of a bank, or its number.
func (p *parser) bank(value string) int {
	if n, err := strconv.ParseInt(value, 0, 64); err == nil {
		return int(n)
	}
	if p.target != nil {
		for bank := range 256 {
			if place, err := p.target.Transfer(bank, p.target.mostLanes()); err == nil && place.String() == value {
				return bank
			}
		}
	}
	p.fail("bank", "%q is no bank; banks are w0 to w31, v0 (of a lane), e0.2 (of a lane), or numbers", value)
	return 0
}
