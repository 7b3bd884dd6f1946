package verify

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"rnnsim/fault"
	"rnnsim/internal/fixed"
)

// mostFindings is how many ways to the same wrong value are told; more than that tell nothing.
const mostFindings = 6

// judge says where the difference comes from.
func (e *explainer) judge() {
	r := &e.result
	if r.Got == nil {
		e.findf("the trace does not hold this node; what follows from its operands is shown")
		return
	}
	if r.Follows != nil && r.Got.Int != r.Follows.Int {
		e.findf("the value does not follow from its operands: it is %d, they give %d (%+d LSB)", r.Got.Int, r.Follows.Int, r.Got.Int-r.Follows.Int)
		e.catalogue()
		e.oneTerm()
		return
	}
	if r.Follows != nil {
		e.findf("the value follows from its operands")
	}
	if r.Want != nil && r.Want.Int != r.Got.Int {
		e.differingOperands()
	}
}

func (e *explainer) findf(format string, args ...any) {
	e.result.Findings = append(e.result.Findings, fmt.Sprintf(format, args...))
}

// catalogue finds the faults of this node under which its operands give the value.
func (e *explainer) catalogue() {
	var found []string
	for _, f := range e.base.Catalogue() {
		path := e.base.With(f)
		if !path.Touches(e.cell)[e.place] || f.Kind == "weight-bit" || f.Kind == "bias-bit" {
			continue
		}
		follower := path.Follow(e.cell, false)
		if e.got.before != nil {
			follower.Resume(fault.Initial{}, e.address.Step-1)
			follower.Frame(fault.Entry{}, e.got.before, nil)
		} else {
			follower.Resume(fault.Initial{}, e.address.Step)
		}
		follower.Frame(fault.Entry{}, e.got.now, func(node int, computed []int16) {
			if node == e.place && int64(computed[e.address.Index]) == e.result.Got.Int {
				found = append(found, f.Text)
			}
		})
	}
	for _, text := range found[:min(len(found), mostFindings)] {
		e.findf("it is what comes out where %s", text)
	}
	if more := len(found) - mostFindings; more > 0 {
		e.findf("and %d more faults of the catalogue give it; diagnose tells which gives all values", more)
	}
}

// oneTerm finds single products and single bits of weights that make up the difference.
func (e *explainer) oneTerm() {
	m := e.info.Matmul
	if m == nil || e.result.Got.AtLimit {
		return
	}
	low, high, ok := e.reach()
	if !ok {
		return
	}
	var sum int64
	for i := range e.result.Terms {
		sum += e.result.Terms[i].Product.Int
	}
	within := func(delta int64) bool { return sum+delta >= low && sum+delta <= high }
	var found []string
	for i := range e.result.Terms {
		t := &e.result.Terms[i]
		x, w, product := t.A.Int, t.B.Int, t.Product.Int
		switch {
		case product == 0:
		case within(-product):
			found = append(found, fmt.Sprintf("it is the sum without %s × %s", t.Name, t.BName))
		case within(product):
			found = append(found, fmt.Sprintf("it is the sum with %s × %s twice", t.Name, t.BName))
		case within(-2 * product):
			found = append(found, fmt.Sprintf("it is the sum with the sign of %s × %s wrong", t.Name, t.BName))
		}
		for bit := range m.WeightFormat.Bits {
			flipped := (w ^ 1<<bit) << (64 - m.WeightFormat.Bits) >> (64 - m.WeightFormat.Bits)
			if x != 0 && within(x*(flipped-w)) {
				found = append(found, fmt.Sprintf("it is the sum with bit %d of %s flipped", bit, t.BName))
			}
		}
	}
	if len(found) > mostFindings {
		e.findf("%d single products or bits of weights could make up the difference; too many to tell one", len(found))
		return
	}
	for _, text := range found {
		e.findf("%s", text)
	}
}

// reach gives the accumulators that lead to the value that was got.
func (e *explainer) reach() (low, high int64, ok bool) {
	m := e.info.Matmul
	position := e.info.Reads[0].Format.Position + m.WeightFormat.Position
	shift := position - e.info.Format.Position
	value := e.result.Got.Int
	if m.Bias != nil {
		if m.BiasFormat.Position != e.info.Format.Position {
			return 0, 0, false
		}
		value -= int64(m.Bias[e.address.Index])
	}
	if _, beyond := fixed.Saturate(value, e.info.Format.Bits); beyond || shift < 0 || shift+bits.Len16(1<<15) > 60 {
		return 0, 0, false
	}
	return value << shift, value<<shift + 1<<shift - 1, true
}

// differingOperands says which operands both sides have different, and what that makes.
func (e *explainer) differingOperands() {
	type part struct {
		text  string
		share int64
	}
	var parts []part
	for i := range e.result.Terms {
		t := &e.result.Terms[i]
		if t.Want == nil {
			continue
		}
		p := part{text: fmt.Sprintf("%s is %d, %d on the wanted side", t.Name, t.A.Int, t.Want.Int), share: t.A.Int - t.Want.Int}
		if t.B != nil {
			p.share *= t.B.Int
			p.text += fmt.Sprintf(": %+d in the accumulator", p.share)
		}
		parts = append(parts, p)
	}
	if len(parts) == 0 {
		e.findf("both sides have the same operands: it is the wanted side that does not follow from them")
		return
	}
	slices.SortStableFunc(parts, func(a, b part) int { return -cmp.Compare(max(a.share, -a.share), max(b.share, -b.share)) })
	for _, p := range parts[:min(len(parts), mostFindings)] {
		e.findf("%s", p.text)
	}
	if more := len(parts) - mostFindings; more > 0 {
		e.findf("and %s more differ", plural(int64(more), "operand"))
	}
}
