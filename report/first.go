package report

import (
	"fmt"
	"math"
	"strconv"

	"rnnsim/verify"
)

// first is the first divergence of a check in its context.
type first struct {
	ID    string
	Check *check
	*verify.Divergence
	Sides      []side
	Neighbours []neighbour
	Operands   []operand
	Chart      *chartView
	Terms      []verify.Term
	Products   bool // the terms are products
	TermsLeft  int
	More       []more
	MoreLeft   int64
}

// side is one value in its forms.
type side struct{ Name, Decimal, Hex, Real, Note string }

// neighbour is a value beside the divergence, on both sides.
type neighbour struct {
	Index      int
	Here       bool // it is the value of the address
	Differs    bool
	Got, Want  string
	GotHex     string
	WantHex    string
	GotReal    string
	WantReal   string
	Difference string
}

// operand is a node that the diverging one read.
type operand struct {
	Place     string
	Got, Want side
	Verdict   string
	Differs   bool
}

// more is a divergence that follows the first.
type more struct {
	Address, Got, Want, Delta string
	Different, Width          int
}

// mostTerms is how many terms of a sum are shown.
const mostTerms = 64

func newFirst(c *check, d *data) first {
	found := c.Comparison.First
	f := first{ID: c.ID + "-first", Check: c, Divergence: found}
	f.Sides = []side{sideOf("got", found.Got, found.GotSaturations), sideOf("want", found.Want, found.WantSaturations)}
	f.Neighbours = neighboursOf(found)
	for i := range found.Inputs {
		f.Operands = append(f.Operands, operandOf(&found.Inputs[i]))
	}
	if found.Course != nil {
		f.Chart = courseChart(f.ID+"-course", found, d)
	}
	if x := c.Explanation; x != nil {
		f.Terms = x.Terms[:min(len(x.Terms), mostTerms)]
		f.TermsLeft = len(x.Terms) - len(f.Terms)
		for i := range f.Terms {
			f.Products = f.Products || f.Terms[i].B != nil
		}
	}
	for i := range c.Comparison.More {
		m := &c.Comparison.More[i]
		f.More = append(f.More, more{m.Address.String(), decimal(m.Got), decimal(m.Want), signed(m.Delta), m.Different, m.Width})
	}
	f.MoreLeft = max(0, c.Comparison.Divergences-int64(len(f.More))-1)
	return f
}

func sideOf(name string, v verify.Value, saturations int) side {
	s := side{Name: name, Decimal: decimal(v), Hex: v.Hex, Real: realText(v.Real)}
	switch {
	case v.AtLimit && saturations > 0:
		s.Note = fmt.Sprintf("at the format's limit; %d values of the node were clamped at this step", saturations)
	case v.AtLimit:
		s.Note = "at the format's limit"
	case saturations > 0:
		s.Note = fmt.Sprintf("%d values of the node were clamped at this step", saturations)
	}
	return s
}

func neighboursOf(d *verify.Divergence) []neighbour {
	bits, position, fixed := format(d.Format)
	var list []neighbour
	for i := range max(len(d.Neighbours.Got), len(d.Neighbours.Want)) {
		n := neighbour{Index: d.Neighbours.First + i}
		n.Here = n.Index == d.Address.Index
		var got, want float64
		if i < len(d.Neighbours.Got) {
			got = d.Neighbours.Got[i]
			n.Got, n.GotHex, n.GotReal = forms(got, bits, position, fixed && onGrid(d.Got, position))
		}
		if i < len(d.Neighbours.Want) {
			want = d.Neighbours.Want[i]
			n.Want, n.WantHex, n.WantReal = forms(want, bits, position, fixed && onGrid(d.Want, position))
		}
		n.Differs = n.Got != n.Want
		if n.Differs && n.GotHex != "" && n.WantHex != "" {
			n.Difference = signed(got - want)
		}
		list = append(list, n)
	}
	return list
}

// onGrid says that a side's integers are at the position; where the sides' positions differ, one of them is not.
func onGrid(v verify.Value, position int) bool {
	return !v.Float && math.Ldexp(float64(v.Int), -position) == v.Real
}

// forms writes a value as the trace holds it, and where it is on the grid of the format, in hex and as a real number.
func forms(v float64, bits, position int, fixed bool) (text, hex, real string) {
	if !fixed || v != math.Trunc(v) || math.Abs(v) > 1<<53 {
		return realText(v), "", ""
	}
	pattern := uint64(int64(v)) & (math.MaxUint64 >> (64 - bits))
	return strconv.FormatInt(int64(v), 10), fmt.Sprintf("0x%0*x", (bits+3)/4, pattern), realText(math.Ldexp(v, -position))
}

func operandOf(o *verify.Operand) operand {
	shown := operand{
		Place: fmt.Sprintf("%s[%d]", o.Node, o.Index), Got: sideOf("got", o.Got, 0), Want: sideOf("want", o.Want, 0),
		Verdict: "all the same on both sides", Differs: o.Different > 0,
	}
	if shown.Differs {
		shown.Verdict = fmt.Sprintf("%d of %d differ", o.Different, o.Width)
	}
	return shown
}
