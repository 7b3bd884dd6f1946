package kernel

// Shape of a panel, the unit in which the routines read weights. A vector is one gate of eight neighbouring units, one
// vector register of sums; a panel is four vectors. In an LSTM a panel holds the four gates of eight units, so that a unit's
// sums appear together; a GRU's three gates run on from panel to panel.
const (
	blockUnits   = 8
	panelVectors = 4
	panelRows    = panelVectors * blockUnits
)

// maxInputs bounds the columns of a packed matrix: the halves that the widening routines sum stay inside 32 bits.
const maxInputs = 1<<16 - 2

// matrix is the weights of one tensor's linears, packed into panels: vector v holds gate v % gates of the units
// 8·(v / gates) and on. Rows beyond the last unit are zero.
type matrix struct {
	inputs  int
	vectors int // gates · blocks of units
	panels  int
	eight   bool // 8-bit weights, 8-bit inputs
	groups  int  // pairs of inputs (16-bit) or groups of four (8-bit)

	w16 []int16 // [panel][group][32][2]
	w8  []int8  // [panel][group][32][4]

	shift []int32 // [panel][4]: from the products' position to the output's
	bias  []int16 // [panel][32]

	offset []int32 // [panel][32]: -128·Σw, what an input taken as x + 128 adds too much (8-bit)
	lowest []bool  // by panel: a weight is -128 (8-bit)
	extent []int   // by panel: the largest |w|
	norm   []int64 // [panel][4]: largest Σ|w| of the vector's rows
	limit  []int   // by panel: the largest |x| for which 32-bit sums are exact

	anyLowest bool
	narrow    int   // the largest |x| for which every panel has 32-bit sums
	largest   int64 // of norm
}

// newMatrix packs the linears that read one tensor, one a gate.
func newMatrix(linears []Linear, inputs, hidden int) *matrix {
	gates := len(linears)
	m := &matrix{inputs: inputs, narrow: 1 << 15, vectors: gates * (roundUp(hidden, blockUnits) / blockUnits)}
	m.panels = roundUp(m.vectors, panelVectors) / panelVectors
	m.eight = true
	for g := range linears {
		m.eight = m.eight && linears[g].WeightFormat.Bits <= 8 && linears[g].Input.Bits <= 8
	}
	width := 2
	if m.eight {
		width = 4
	}
	m.groups = roundUp(inputs, width) / width
	if m.eight {
		m.w8 = aligned[int8](m.panels * m.groups * panelRows * width)
	} else {
		m.w16 = aligned[int16](m.panels * m.groups * panelRows * width)
	}
	rows := m.panels * panelRows
	m.shift, m.norm = make([]int32, m.panels*panelVectors), make([]int64, m.panels*panelVectors)
	m.bias, m.offset = aligned[int16](rows), aligned[int32](rows)
	m.lowest, m.extent, m.limit = make([]bool, m.panels), make([]int, m.panels), make([]int, m.panels)
	for v := range m.vectors {
		l := &linears[v%gates]
		m.shift[v] = int32(l.Input.Position + l.WeightFormat.Position - l.Output)
		for u := v / gates * blockUnits; u < min((v/gates+1)*blockUnits, hidden); u++ {
			row := v*blockUnits + u%blockUnits
			if l.Bias != nil {
				m.bias[row] = l.Bias[u]
			}
			m.pack(row, width, l.Weights[u*inputs:(u+1)*inputs])
		}
	}
	for panel := range m.limit {
		m.limit[panel] = int((1<<31 - 1) / max(m.panelNorm(panel), 1))
		m.narrow, m.largest = min(m.narrow, m.limit[panel]), max(m.largest, m.panelNorm(panel))
		m.anyLowest = m.anyLowest || m.lowest[panel]
	}
	return m
}

// pack lays out one row of weights and takes its numbers.
func (m *matrix) pack(row, width int, weights []int16) {
	panel, lane := row/panelRows, row%panelRows
	var norm, sum int64
	for k, w := range weights {
		at := ((panel*m.groups+k/width)*panelRows+lane)*width + k%width
		if m.eight {
			m.w8[at] = int8(w)
			m.lowest[panel] = m.lowest[panel] || w == -1<<7
		} else {
			m.w16[at] = w
		}
		m.extent[panel] = max(m.extent[panel], int(w), -int(w))
		norm += max(int64(w), -int64(w))
		sum += int64(w)
	}
	v := row / blockUnits
	m.norm[v] = max(m.norm[v], norm)
	if m.eight {
		m.offset[row] = int32(-128 * sum)
	}
}

// path is how the sums of a panel are formed.
type path int

const (
	pathInt8       path = iota
	pathInt8Lowest      // 8-bit weights of which one is -128
	pathInt16           // 32-bit sums
	pathWide            // 64-bit sums
)

// path chooses for inputs of at most the given magnitude.
func (m *matrix) path(panel, magnitude int) path {
	switch {
	case m.eight && m.lowest[panel]:
		return pathInt8Lowest
	case m.eight:
		return pathInt8
	case magnitude <= m.limit[panel]:
		return pathInt16
	}
	return pathWide
}

// segment is the number of pairs of inputs whose products dot16Wide may add in 32 bits, for inputs of at most the given
// magnitude.
func (m *matrix) segment(panel, magnitude int) int {
	return int(max((1<<31-1<<16)/max(2*int64(m.extent[panel])*int64(magnitude), 1), 1))
}

// run says how the sums of a run of panels are formed that begins at one, and where the run ends.
func (m *matrix) run(r *routines, from, to, magnitude int) (kind path, end int) {
	switch {
	case m.eight && (!m.anyLowest || r.offsetInputs):
		return pathInt8, to
	case !m.eight && magnitude <= m.narrow:
		return pathInt16, to
	}
	kind, end = m.path(from, magnitude), from+1
	for end < to && m.path(end, magnitude) == kind {
		end++
	}
	return kind, end
}

// operand is the inputs of a product: rows of 16-bit or of 8-bit integers, padded to whole groups.
type operand struct {
	x16       []int16
	x8        []int8
	stride    int
	magnitude int    // the largest |x|, or more
	halves    halves // of x16, where some sums need 64 bits; none where dot16Wide forms these
}

func (o operand) row(n int) operand {
	if o.x8 != nil {
		o.x8 = o.x8[n*o.stride:]
	} else {
		o.x16 = o.x16[n*o.stride:]
	}
	if h := &o.halves; h.hi != nil {
		h.hi, h.lo = h.hi[n*o.stride:], h.lo[n*o.stride:]
	}
	return o
}

// dotOf is the routine for panels with the weight -128, by whether -128 is among the inputs too.
func (m *matrix) dotOf(r *routines, x []int8) func(sums []int32, w, x []int8, offset []int32, groups, panels int) {
	if containsLowest(x) {
		return r.dot8Any
	}
	return r.dot8Lowest
}

// dot forms the sums of the panels from…to for one row of inputs; sums is [panel - from][32].
func (m *matrix) dot(r *routines, sums []int32, x operand, from, to int) {
	for from < to {
		kind, end := m.run(r, from, to, x.magnitude)
		n, size := end-from, m.groups*panelRows
		switch kind {
		case pathInt8:
			r.dot8(sums, m.w8[from*size*4:], x.x8, m.offset[from*panelRows:], m.groups, n)
		case pathInt8Lowest:
			dot := m.dotOf(r, x.x8[:m.groups*4])
			dot(sums, m.w8[from*size*4:], x.x8, m.offset[from*panelRows:], m.groups, n)
		case pathInt16:
			r.dot16(sums, m.w16[from*size*2:], x.x16, m.groups, n)
		case pathWide:
			if x.halves.hi != nil && m.largest <= halvesLimit {
				m.dotHalves(r, sums, &x.halves, from, end)
				break
			}
			for panel := from; panel < end; panel++ {
				segment := m.segment(panel, x.magnitude)
				r.dot16Wide(sums[(panel-from)*panelRows:], m.w16[panel*size*2:], x.x16, m.groups, segment, (m.groups+segment-1)/segment)
			}
		}
		sums, from = sums[n*panelRows:], end
	}
}
