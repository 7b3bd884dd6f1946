package kernel

import "fmt"

// Plan says how a cell is run, and by what numbers that was decided.
type Plan struct {
	// Kernel is the routine set: "avx512vnni", "avx2" or "generic" for the fused path, "general" for plain 64-bit arithmetic.
	Kernel string
	// Reason says why a cell takes the general path; it is empty for the fused path.
	Reason string
	// Proofs has one entry for each block of rows of the fused path, first of the product with x, then of that with h.
	Proofs []Proof
}

// Proof is the argument for the width of the sums of one block of rows: of one gate, at most eight units. A sum of products is
// exact in 32 bits where norm · largest |input| < 2^31.
type Proof struct {
	Linear     string // "w_ii", "w_hf", …
	From, To   int    // units From … To-1
	WeightBits int
	Norm       int64 // the largest Σ|w| of a row of the block
	// Bound is what |input| can reach: 2^(bits-1) for any integer of the input's width, 2^p for the h of an LSTM at position p,
	// because |o · tanh(c)| ≤ 1.
	Bound int64
	// Limit is the largest |input| for which the block's panel runs with 32-bit sums.
	Limit int64
	// Path is "int8" (8-bit weights kept in 8 bits), "int8 with -128" (the same, slower: a weight of the panel is -128),
	// "int16" (16-bit weights, 32-bit sums), or "measured" (as int16 in stretches of timesteps whose largest |input| is at
	// most Limit, else 64-bit sums).
	Path string
}

// String gives the proof as one line.
func (p Proof) String() string {
	relation := "<"
	if p.Norm*p.Bound >= 1<<31 {
		relation = ">="
	}
	return fmt.Sprintf("%s[%d:%d] %d bit: norm %d × |input| %d = %d %s 2^31: %s",
		p.Linear, p.From, p.To, p.WeightBits, p.Norm, p.Bound, p.Norm*p.Bound, relation, p.Path)
}

func newPlan(f *fused, reason string) Plan {
	if f == nil {
		return Plan{Kernel: "general", Reason: reason}
	}
	proofs := f.input.proofs("i", f.gates, f.hidden, 1<<15)
	return Plan{Kernel: f.r.name, Proofs: append(proofs, f.state.proofs("h", f.gates, f.hidden, f.stateBound)...)}
}

// proofs lists the vectors of a matrix whose 16-bit inputs can reach bound.
func (m *matrix) proofs(tensor string, gates, hidden, bound int) []Proof {
	bits := 16
	if m.eight {
		bits, bound = 8, 1<<7
	}
	proofs := make([]Proof, 0, m.vectors)
	for v := range m.vectors {
		from, panel := v/gates*blockUnits, v/panelVectors
		p := Proof{
			Linear: "w_" + tensor + gateNames[v%gates:v%gates+1], From: from, To: min(from+blockUnits, hidden), WeightBits: bits,
			Norm: m.norm[v], Bound: int64(bound), Limit: int64(min(m.limit[panel], 1<<15)),
		}
		switch m.path(panel, bound) {
		case pathInt8:
			p.Path = "int8"
		case pathInt8Lowest:
			p.Path = "int8 with -128"
		case pathInt16:
			p.Path = "int16"
		default:
			p.Path = "measured"
		}
		proofs = append(proofs, p)
	}
	return proofs
}
