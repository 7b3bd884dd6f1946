package coverage

import (
	"fmt"
	"math/big"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/internal/fixed"
)

// twin finds the bins of a frame again, in rational numbers and from the meaning of each bin.
type twin struct {
	hit map[string]bool
	at  string // graph/node/
}

func (w *twin) mark(condition bool, bin string) {
	if condition {
		w.hit[w.at+bin] = true
	}
}

func rational(q int16, position int) *big.Rat {
	r := new(big.Rat).SetInt64(int64(q))
	return r.Mul(r, power(-position))
}

func power(n int) *big.Rat {
	p := new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(max(n, -n))))
	if n < 0 {
		return p.Inv(p)
	}
	return p
}

func floor(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) } // Euclidean, and the denominator is positive

func (w *twin) quantize(prefix string, wide *big.Rat, f fixed.Format) *big.Rat {
	scaled := new(big.Rat).Mul(wide, power(f.Position))
	w.mark(scaled.IsInt(), prefix+"floor without a remainder")
	w.mark(!scaled.IsInt() && wide.Sign() > 0, prefix+"floor of a positive value with a remainder")
	w.mark(!scaled.IsInt() && wide.Sign() < 0, prefix+"floor of a negative value with a remainder")
	q := floor(scaled)
	low, high := big.NewInt(f.Min()), big.NewInt(f.Max())
	w.mark(q.Cmp(low) == 0, prefix+"the low end itself")
	w.mark(q.Cmp(high) == 0, prefix+"the high end itself")
	if q.Cmp(low) < 0 {
		w.mark(true, prefix+"saturation at the low end")
		q = low
	}
	if q.Cmp(high) > 0 {
		w.mark(true, prefix+"saturation at the high end")
		q = high
	}
	return new(big.Rat).Mul(new(big.Rat).SetInt(q), power(-f.Position))
}

func (w *twin) signs(a, b *big.Rat) {
	name := map[int]string{1: "+", -1: "-"}
	w.mark(a.Sign() != 0 && b.Sign() != 0, "product "+name[a.Sign()]+" "+name[b.Sign()])
}

func (w *twin) node(info *golden.NodeInfo, values map[string][]int16) {
	operand := func(read, i int) *big.Rat {
		r := info.Reads[read]
		v := r.Param
		if v == nil {
			v = values[r.Name]
		}
		return rational(v[i%len(v)], r.Format.Position)
	}
	for unit := range info.Width {
		switch info.Op {
		case "add":
			w.quantize("", new(big.Rat).Add(operand(0, unit), operand(1, unit)), info.Format)
		case "sub":
			w.quantize("", new(big.Rat).Sub(operand(0, unit), operand(1, unit)), info.Format)
		case "mul":
			w.signs(operand(0, unit), operand(1, unit))
			w.quantize("", new(big.Rat).Mul(operand(0, unit), operand(1, unit)), info.Format)
		case "fix":
			w.quantize("", operand(0, unit), info.Format)
		case "matmul":
			w.matmul(info, unit, operand)
		case "sigmoid", "tanh":
			table := map[string]*fixed.Table{"sigmoid": fixed.Sigmoid, "tanh": fixed.Tanh}[info.Op]
			index := floor(new(big.Rat).Mul(operand(0, unit), power(table.IndexPosition))).Int64() + 1024
			entry := table.Below
			switch {
			case index < 0:
				w.mark(true, "left of the table")
			case index > 2047:
				w.mark(true, "right of the table")
				entry = table.Above
			default:
				w.mark(true, fmt.Sprintf("entries %d to %d", index/128*128, index/128*128+127))
				entry = table.Entries[index]
			}
			w.quantize("", rational(entry, 15), info.Format)
		}
	}
}

func (w *twin) matmul(info *golden.NodeInfo, unit int, operand func(int, int) *big.Rat) {
	m := info.Matmul
	columns := len(m.Weights) / info.Width
	sum := new(big.Rat)
	for column, weight := range m.Weights[unit*columns:][:columns] {
		a, b := operand(0, column), rational(weight, m.WeightFormat.Position)
		w.signs(a, b)
		sum.Add(sum, new(big.Rat).Mul(a, b))
	}
	product := w.quantize("product: ", sum, info.Format)
	if m.Bias == nil {
		return
	}
	bias := rational(m.Bias[unit], m.BiasFormat.Position)
	total := new(big.Rat).Add(product, bias)
	w.mark(product.Sign() < 0 && total.Sign() >= 0, "bias lifts a negative product to 0 or above")
	w.mark(product.Sign() >= 0 && total.Sign() < 0, "bias brings a product of 0 or above below 0")
	scaled := func(r *big.Rat) *big.Rat { return new(big.Rat).Mul(r, power(info.Format.Position)) }
	apart := new(big.Int).Add(floor(scaled(sum)), floor(scaled(bias)))
	w.mark(floor(scaled(new(big.Rat).Add(sum, bias))).Cmp(apart) != 0, "dropped bits of product and bias carry")
	w.quantize("bias: ", total, info.Format)
}

// entries finds the bins of the inputs: x of the stimulus or of the layer below, h and c of the step before.
func (w *twin) entries(header dump.Header, frames []*dump.Frame, stimuli []dump.Sequence, grid fixed.Format) {
	enter := func(cell dump.Cell, input string, position int, values []int16) {
		for _, n := range cell.Nodes {
			if n.Name == input {
				w.at = cell.Graph + "/" + input + "/"
				for _, v := range values {
					w.quantize("", rational(v, position), fixed.Format{Bits: n.Bits, Position: n.Position})
				}
			}
		}
	}
	last := map[[2]int]int{} // steps of each cell and sequence
	for _, f := range frames {
		key := [2]int{f.Cell, f.Sequence}
		last[key] = max(last[key], f.Step)
	}
	for _, f := range frames {
		cell := header.Cells[f.Cell]
		for i, n := range cell.Nodes {
			state := map[string]string{"h_next": "input_1", "c_next": "input_2"}[n.Name]
			if state != "" && f.Step < last[[2]int{f.Cell, f.Sequence}] {
				enter(cell, state, n.Position, f.Fixed[i])
			}
			for _, above := range header.Cells {
				if n.Name == "h_next" && above.Layer == cell.Layer+1 {
					enter(above, "input_0", n.Position, f.Fixed[i])
				}
			}
		}
	}
	for _, cell := range header.Cells {
		for _, s := range stimuli {
			if cell.Layer == header.Cells[0].Layer {
				enter(cell, "input_0", grid.Position, s.Fixed)
			}
		}
	}
}

func (w *twin) frame(exact *golden.Exact, header dump.Header, f *dump.Frame) error {
	described := header.Cells[f.Cell]
	values := map[string][]int16{}
	for i, n := range described.Nodes {
		values[n.Name] = f.Fixed[i]
	}
	for _, n := range described.Nodes {
		info, err := exact.Describe(f.Cell, n.Name)
		if err != nil {
			return err
		}
		w.at = described.Graph + "/" + n.Name + "/"
		w.node(info, values)
	}
	return nil
}
