package kernel

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// span is neighbouring blocks of one linear whose sums are formed alike; of their proofs it has the tightest.
type span struct {
	Proof
	blocks int
}

// spans joins the proofs of neighbouring blocks, linear by linear.
func (p Plan) spans() []span {
	var linears []string
	of := map[string][]span{}
	for _, proof := range p.Proofs {
		spans := of[proof.Linear]
		if spans == nil {
			linears = append(linears, proof.Linear)
		}
		if len(spans) == 0 || spans[len(spans)-1].Path != proof.Path {
			of[proof.Linear] = append(spans, span{proof, 1})
			continue
		}
		s := &spans[len(spans)-1]
		s.To, s.blocks = proof.To, s.blocks+1
		s.Norm, s.Limit = max(s.Norm, proof.Norm), min(s.Limit, proof.Limit)
	}
	var all []span
	for _, linear := range linears {
		all = append(all, of[linear]...)
	}
	return all
}

// sums says how the sums of a path are formed, and why they are exact.
func (s span) sums() string {
	switch s.Path {
	case "int8":
		return "32 bits: 8-bit products cannot fill them"
	case "int8 with -128":
		return "32 bits, by the way that is exact for the weight -128"
	case "int16":
		return "32 bits: proved"
	}
	return fmt.Sprintf("32 bits in stretches whose |input| is at most %d, else 64", s.Limit)
}

// WriteText explains the plan: the routine set, then for each linear by which numbers the width of its sums was decided.
func (p Plan) WriteText(w io.Writer) error {
	if len(p.Proofs) == 0 {
		_, err := fmt.Fprintf(w, "kernel %s: %s\n", p.Kernel, p.Reason)
		return err
	}
	if _, err := fmt.Fprintf(w, "kernel %s, fused: a sum of products is exact in 32 bits where Σ|w| · |input| < 2^31 = %d\n", p.Kernel, int64(1)<<31); err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  linear\tunits\tweights\tΣ|w| of a row\t|input|\tΣ|w| · |input|\tsums")
	for _, s := range p.spans() {
		relation := "<"
		if s.Norm*s.Bound >= 1<<31 {
			relation = "≥"
		}
		fmt.Fprintf(table, "  %s\t%d to %d\t%d bit\tat most %d\tat most %d\t%d %s 2^31\t%s\n",
			s.Linear, s.From, s.To-1, s.WeightBits, s.Norm, s.Bound, s.Norm*s.Bound, relation, s.sums())
	}
	return table.Flush()
}
