package verify

import (
	"fmt"

	"rnnsim/golden"
	"rnnsim/internal/fixed"
)

// number describes an integer at a position, in as many hex digits as it needs, 16 bits at least.
func number(v int64, position int) Number {
	bits := 16
	for bits < 64 && (v < -1<<(bits-1) || v > 1<<(bits-1)-1) {
		bits += 16
	}
	pattern := uint64(v)
	if bits < 64 {
		pattern &= 1<<bits - 1
	}
	return Number{Int: v, Position: position, Hex: fmt.Sprintf("0x%0*x", bits/4, pattern), Real: fixed.Real(v, position)}
}

// step adds a line to the explanation.
func (e *explainer) step(name string, v int64, position int, note string) {
	n := number(v, position)
	e.result.Steps = append(e.result.Steps, ExplainedAs{Name: name, Number: &n, Note: note})
}

func (e *explainer) notef(name, format string, args ...any) {
	e.result.Steps = append(e.result.Steps, ExplainedAs{Name: name, Note: fmt.Sprintf(format, args...)})
}

// quantize shows how an integer at a position is brought into the node's format.
func (e *explainer) quantize(v int64, position int) int64 {
	f := e.info.Format
	shift := position - f.Position
	shifted := fixed.ShiftRight(v, shift)
	switch {
	case shift > 0 && shift < 63:
		e.step(fmt.Sprintf("shifted right by %d", shift), shifted, f.Position, fmt.Sprintf("floor; remainder %d of %d", v-shifted<<shift, int64(1)<<shift))
	case shift != 0:
		e.step(fmt.Sprintf("shifted left by %d", -shift), shifted, f.Position, "")
	}
	clamped, saturated := fixed.Saturate(shifted, f.Bits)
	if saturated {
		e.step(fmt.Sprintf("saturated at %d bits", f.Bits), clamped, f.Position, fmt.Sprintf("beyond by %d", shifted-clamped))
	}
	return clamped
}

// steps computes the value step by step from the recorded operands; false says that one is not recorded.
func (e *explainer) steps() (value int64, ok bool, err error) {
	for _, read := range e.info.Reads {
		if read.Param == nil && e.of(e.got.now, read.Name) == nil {
			e.notef("operands", "%s is not recorded", read.Name)
			return 0, false, nil
		}
	}
	switch {
	case e.info.Matmul != nil:
		value, ok = e.matmul(), true
	case e.info.Op == "data":
		value, ok = e.input()
	case e.info.Op == "sigmoid":
		value, ok = e.lookup(fixed.Sigmoid), true
	case e.info.Op == "tanh":
		value, ok = e.lookup(fixed.Tanh), true
	case e.info.Op == "mul":
		a, b := e.operand(0), e.operand(1)
		product := a.Int * b.Int
		e.step("product", product, a.Position+b.Position, "")
		value, ok = e.quantize(product, a.Position+b.Position), true
	case e.info.Op == "add", e.info.Op == "sub":
		value, ok = e.sum(), true
	case e.info.Op == "fix":
		a := e.operand(0)
		value, ok = e.quantize(a.Int, a.Position), true
	default:
		return 0, false, fmt.Errorf("there is no explanation of an op of type %s", e.info.Op)
	}
	return value, ok, nil
}

// operand adds an operand of an elementwise op to the terms.
func (e *explainer) operand(i int) Number {
	read := &e.info.Reads[i]
	index := e.address.Index
	values := read.Param
	if values == nil {
		values = e.of(e.got.now, read.Name)
	}
	if len(values) == 1 {
		index = 0
	}
	n := number(int64(values[index]), read.Format.Position)
	e.result.Terms = append(e.result.Terms, Term{Name: fmt.Sprintf("%s[%d]", read.Name, index), A: n, Want: e.wanted(read, index, n)})
	return n
}

// wanted is what the other trace holds for an operand, nil where it is the same or not known.
func (e *explainer) wanted(read *golden.Read, index int, got Number) *Number {
	if e.want == nil || read.Param != nil {
		return nil
	}
	values := e.of(e.want.now, read.Name)
	if values == nil || int64(values[index]) == got.Int {
		return nil
	}
	n := number(int64(values[index]), read.Format.Position)
	return &n
}

func (e *explainer) sum() int64 {
	a, b := e.operand(0), e.operand(1)
	position := max(a.Position, b.Position)
	first, second := fixed.ShiftRight(a.Int, a.Position-position), fixed.ShiftRight(b.Int, b.Position-position)
	for i, n := range []Number{a, b} {
		if n.Position != position {
			e.step(fmt.Sprintf("operand %d aligned", i+1), []int64{first, second}[i], position, "")
		}
	}
	name, total := "sum", first+second
	if e.info.Op == "sub" {
		name, total = "difference", first-second
	}
	e.step(name, total, position, "")
	return e.quantize(total, position)
}

func (e *explainer) lookup(t *fixed.Table) int64 {
	x := e.operand(0)
	shift := x.Position - t.IndexPosition
	offset := fixed.ShiftRight(x.Int, shift)
	entry := int64(t.Lookup(x.Int, x.Position))
	switch {
	case offset >= fixed.TableSize/2:
		e.notef("table index", "%d is beyond the last, %d: the constant for what is larger", offset+fixed.TableSize/2, fixed.TableSize-1)
	case offset < -fixed.TableSize/2:
		e.notef("table index", "%d is before the first, 0: the constant for what is smaller", offset+fixed.TableSize/2)
	default:
		rest := ""
		if shift > 0 {
			rest = fmt.Sprintf(", remainder %d of %d", x.Int-offset<<shift, int64(1)<<shift)
		}
		e.notef("table index", "%d = 1024 + floor(x / 2^%d)%s", offset+fixed.TableSize/2, shift, rest)
	}
	e.step(t.Name+" table", entry, fixed.TablePosition, "")
	return e.quantize(entry, fixed.TablePosition)
}

func (e *explainer) matmul() int64 {
	m, read := e.info.Matmul, &e.info.Reads[0]
	x := e.of(e.got.now, read.Name)
	position := read.Format.Position + m.WeightFormat.Position
	var sum int64
	row := m.Weights[e.address.Index*len(x):][:len(x)]
	for j, w := range row {
		a, b := number(int64(x[j]), read.Format.Position), number(int64(w), m.WeightFormat.Position)
		product := number(a.Int*b.Int, position)
		sum += product.Int
		e.result.Terms = append(e.result.Terms, Term{
			Name: fmt.Sprintf("%s[%d]", read.Name, j), A: a, B: &b, BName: fmt.Sprintf("%s[%d,%d]", e.weight(), e.address.Index, j), Product: &product,
			Want: e.wanted(read, j, a),
		})
	}
	e.step("accumulator", sum, position, fmt.Sprintf("the sum of %s", plural(int64(len(x)), "product")))
	value := e.quantize(sum, position)
	if m.Bias == nil {
		return value
	}
	bias := int64(m.Bias[e.address.Index])
	e.step(fmt.Sprintf("%s[%d]", e.info.Reads[2].Name, e.address.Index), bias, m.BiasFormat.Position, "the bias")
	out := e.info.Format.Position
	finest := max(out, m.BiasFormat.Position)
	total := fixed.ShiftRight(value, out-finest) + fixed.ShiftRight(bias, m.BiasFormat.Position-finest)
	e.step("with the bias", total, finest, "")
	return e.quantize(total, finest)
}

// weight is the name of a matmul's weights.
func (e *explainer) weight() string { return e.info.Reads[1].Name }

// input follows h or c from the step before.
func (e *explainer) input() (int64, bool) {
	h, c := e.base.States(e.cell)
	next := -1
	switch e.place {
	case h:
		next = e.base.Output(e.cell)
	case c:
		next = e.base.Cell(e.cell)
	}
	switch {
	case next < 0:
		e.notef("input", "x as it was offered to the cell: nothing in a frame computes it")
		return 0, false
	case e.address.Step == 0:
		e.notef("input", "the state before the sequence: zero unless it was given one")
		return 0, false
	case e.got.before == nil || e.got.before[next] == nil:
		e.notef("input", "the state of the step before is not recorded")
		return 0, false
	}
	from := e.header.Cells[e.cell].Nodes[next]
	n := number(int64(e.got.before[next][e.address.Index]), from.Position)
	e.result.Terms = append(e.result.Terms, Term{Name: fmt.Sprintf("%s[%d] of step %d", from.Name, e.address.Index, e.address.Step-1), A: n})
	return e.quantize(n.Int, n.Position), true
}
