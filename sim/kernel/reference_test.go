package kernel

import (
	"math"
	"math/big"

	"rnnsim/internal/fixed"
)

// The reference computes one value at a time with arbitrary precision, straight from the node list of the specification. It
// shares nothing with the code under test but the parameters and the tables' entries.

// refValue is an integer at a fix position.
type refValue struct {
	q        int64
	position int
}

// refRound is floor(v · 2^-from · 2^to), clamped to bits.
func refRound(v *big.Int, from, to, bits int) refValue {
	out := new(big.Int).Set(v)
	if to >= from {
		out.Lsh(out, uint(to-from))
	} else {
		out.Rsh(out, uint(from-to)) // big.Int shifts negative numbers arithmetically
	}
	lo, hi := big.NewInt(-1<<(bits-1)), big.NewInt(1<<(bits-1)-1)
	if out.Cmp(lo) < 0 {
		out = lo
	}
	if out.Cmp(hi) > 0 {
		out = hi
	}
	return refValue{out.Int64(), to}
}

func refMul(a, b refValue, to int) refValue {
	return refRound(new(big.Int).Mul(big.NewInt(a.q), big.NewInt(b.q)), a.position+b.position, to, 16)
}

func refAdd(a, b refValue, sign int64, to int) refValue {
	p := max(a.position, b.position)
	x := new(big.Int).Lsh(big.NewInt(a.q), uint(p-a.position))
	y := new(big.Int).Lsh(big.NewInt(sign*b.q), uint(p-b.position))
	return refRound(x.Add(x, y), p, to, 16)
}

// refTable is the lookup at the real value, as the specification words it.
func refTable(t *fixed.Table, limit float64, v refValue) refValue {
	real := math.Ldexp(float64(v.q), -v.position)
	out := int16(math.MaxInt16)
	switch {
	case real < -limit:
		out = map[string]int16{"sigmoid": 0, "tanh": math.MinInt16}[t.Name]
	case real < limit:
		out = t.Entries[1024+int(math.Floor(real*1024/limit))]
	}
	return refValue{int64(out), 15}
}

func refSigmoid(v refValue) refValue { return refTable(fixed.Sigmoid, 8, v) }
func refTanh(v refValue) refValue    { return refTable(fixed.Tanh, 4, v) }

// refLinear is one unit of one linear; x is already cut to the linear's input format.
func refLinear(l *Linear, x []refValue, unit int) refValue {
	sum := new(big.Int)
	for k, v := range x {
		w := big.NewInt(int64(l.Weights[unit*len(x)+k]))
		sum.Add(sum, w.Mul(w, big.NewInt(v.q)))
	}
	out := refRound(sum, l.Input.Position+l.WeightFormat.Position, l.Output, 16)
	if l.Bias != nil {
		out = refAdd(out, refValue{int64(l.Bias[unit]), l.BiasPosition}, 1, l.Output)
	}
	return out
}

func refTensor(q []int16, position int) []refValue {
	out := make([]refValue, len(q))
	for k, v := range q {
		out[k] = refValue{int64(v), position}
	}
	return out
}

func refCut(x []refValue, to fixed.Format) []refValue {
	out := make([]refValue, len(x))
	for k, v := range x {
		out[k] = refRound(big.NewInt(v.q), v.position, to.Position, to.Bits)
	}
	return out
}

// refLinears runs the linears on one tensor and returns the tensor as they leave it.
func refLinears(linears []Linear, x []refValue, hidden int, inPlace bool) (out [][]refValue, left []refValue) {
	for n := range linears {
		cut := refCut(x, linears[n].Input)
		row := make([]refValue, hidden)
		for u := range row {
			row[u] = refLinear(&linears[n], cut, u)
		}
		out = append(out, row)
		if inPlace {
			x = cut
		}
	}
	return out, x
}

// refLSTM runs a sequence and replaces its state; the result is [steps][node][unit].
func refLSTM(p *LSTMParams, s *Sequence) [][][]int16 {
	var trace [][][]int16
	for t := range len(s.X) / p.Inputs {
		wx, _ := refLinears(p.InputLinear[:], refTensor(s.X[t*p.Inputs:(t+1)*p.Inputs], p.Input0), p.Hidden, p.CutInPlace)
		wh, _ := refLinears(p.StateLinear[:], refTensor(s.H, p.Input1), p.Hidden, p.CutInPlace)
		rows := newRows(len(lstmNodes), p.Hidden)
		for u := range p.Hidden {
			var y, gate [4]refValue
			for g := range 4 {
				y[g] = refAdd(wx[g][u], wh[g][u], 1, p.Y[g])
				gate[g] = refSigmoid(y[g])
			}
			gate[2] = refTanh(y[2])
			itCct := refMul(gate[0], gate[2], p.ItCct)
			ftC := refMul(gate[1], refValue{int64(s.C[u]), p.Input2}, p.FtC)
			c := refAdd(itCct, ftC, 1, p.CNext)
			cTemp := refTanh(c)
			h := refMul(gate[3], cTemp, p.HNext)
			s.C[u] = int16(refRound(big.NewInt(c.q), c.position, p.Input2, 16).q)
			s.H[u] = int16(refRound(big.NewInt(h.q), h.position, p.Input1, 16).q)
			for n, v := range []refValue{
				wx[0][u], wh[0][u], y[0], wx[1][u], wh[1][u], y[1], wx[2][u], wh[2][u], y[2], wx[3][u], wh[3][u], y[3],
				gate[0], gate[1], gate[2], gate[3], itCct, ftC, c, cTemp, h,
			} {
				rows[n][u] = int16(v.q)
			}
		}
		trace = append(trace, rows)
	}
	return trace
}

// refGRU is refLSTM for a GRU.
func refGRU(p *GRUParams, s *Sequence) [][][]int16 {
	var trace [][][]int16
	for t := range len(s.X) / p.Inputs {
		wx, _ := refLinears(p.InputLinear[:], refTensor(s.X[t*p.Inputs:(t+1)*p.Inputs], p.Input0), p.Hidden, p.CutInPlace)
		wh, state := refLinears(p.StateLinear[:], refTensor(s.H, p.Input1), p.Hidden, p.CutInPlace)
		rows := newRows(len(gruNodes), p.Hidden)
		for u := range p.Hidden {
			yi, yf := refAdd(wx[0][u], wh[0][u], 1, p.Y[0]), refAdd(wx[1][u], wh[1][u], 1, p.Y[1])
			it, ft := refSigmoid(yi), refSigmoid(yf)
			itH := refMul(it, wh[2][u], p.ItH)
			yg := refAdd(wx[2][u], itH, 1, p.Y[2])
			cct := refTanh(yg)
			ftCct := refMul(ft, cct, p.FtCct)
			sub := refAdd(cct, ftCct, -1, p.CctSub)
			ftH := refMul(ft, state[u], p.FtH)
			h := refAdd(sub, ftH, 1, p.HNext)
			s.H[u] = int16(refRound(big.NewInt(h.q), h.position, p.Input1, 16).q)
			for n, v := range []refValue{
				wx[0][u], wh[0][u], yi, wx[1][u], wh[1][u], yf, it, ft, wx[2][u], wh[2][u], itH, yg, cct, ftCct, sub, ftH, h,
			} {
				rows[n][u] = int16(v.q)
			}
		}
		trace = append(trace, rows)
	}
	return trace
}

func newRows(nodes, hidden int) [][]int16 {
	rows := make([][]int16, nodes)
	for n := range rows {
		rows[n] = make([]int16, hidden)
	}
	return rows
}
