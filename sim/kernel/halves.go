package kernel

// Inputs whose sums need 64 bits are taken as 256·hi + lo, with lo a signed byte and hi from -128 to 128. Sums of w·hi and of w·lo fit 32
// bits for many inputs, so that the routines for narrow sums form them, and the two are put together in the end.

// halvesLimit is what a row's L1 norm must not exceed for all its inputs at once: then fold's h + l / 256, with |h| and |l| at most 128 times
// the norm, has 32 bits. For the inputs that product takes at once it always has.
const halvesLimit = 1<<24 - 1<<17

// halves is one or more rows of inputs taken apart.
type halves struct {
	hi, lo []int16 // as operand.x16
	room   *halvesRoom
}

// halvesRoom is what a worker forms sums in: of up to so many rows of inputs, or panels.
type halvesRoom struct {
	parts []int32 // [2][row][32]: of w·hi and of w·lo
	total []int32 // [2][row][32]: the sums modulo 2^32, and divided by 65536, rounded down a fold at a time
}

func newHalvesRoom(rows int) *halvesRoom {
	return &halvesRoom{parts: aligned[int32](2 * rows * panelRows), total: aligned[int32](2 * rows * panelRows)}
}

// of gives the first rows of both.
func (h *halvesRoom) of(rows int) (hi, lo, total []int32) {
	n := rows * panelRows
	return h.parts[:n], h.parts[n : 2*n], h.total[:2*n]
}

// mayBeWide says that some 16-bit inputs need sums of 64 bits, and that the routines take them apart.
func (m *matrix) mayBeWide(r *routines) bool { return !m.eight && m.narrow < 1<<15 && r.split != nil }

// takeApart fills the halves of x, of any length.
func (r *routines) takeApart(hi, lo, x []int16) {
	whole := len(x) &^ (blockUnits - 1)
	r.split(hi[:whole], lo[:whole], x[:whole])
	splitGeneric(hi[whole:], lo[whole:], x[whole:])
}

// dotHalves forms the sums of panels for one row of inputs; no row of the matrix may exceed halvesLimit.
func (m *matrix) dotHalves(r *routines, sums []int32, x *halves, from, to int) {
	const atOnce = 4 // panels, whose weights are still near when they are read for the second time
	size := m.groups * panelRows * 2
	for ; from < to; from += atOnce {
		n := min(atOnce, to-from)
		hi, lo, total := x.room.of(n)
		w := m.w16[from*size:]
		r.dot16(hi, w, x.hi, m.groups, n)
		r.dot16(lo, w, x.lo, m.groups, n)
		clear(total)
		r.fold(total, hi, lo)
		r.settle(sums, total)
		sums = sums[n*panelRows:]
	}
}

// productHalves forms the sums of one panel for several rows of inputs.
func (m *matrix) productHalves(r *routines, sums []int32, x *halves, stride, rows, panel int) {
	hi, lo, total := x.room.of(rows)
	clear(total)
	clear(hi)
	clear(lo)
	fits := m.panelNorm(panel) <= halvesLimit
	for from := 0; from < m.groups; from += groupsAtOnce {
		n := min(groupsAtOnce, m.groups-from)
		w := m.w16[(panel*m.groups+from)*panelRows*2:]
		r.product16(hi, w, x.hi[from*2:], stride, n, rows)
		r.product16(lo, w, x.lo[from*2:], stride, n, rows)
		if !fits {
			r.fold(total, hi, lo)
			clear(hi)
			clear(lo)
		}
	}
	if fits {
		r.fold(total, hi, lo)
	}
	r.settle(sums, total)
}

// panelNorm is the largest Σ|w| of the panel's rows.
func (m *matrix) panelNorm(panel int) int64 {
	return max(m.norm[4*panel], m.norm[4*panel+1], m.norm[4*panel+2], m.norm[4*panel+3])
}

func splitGeneric(hi, lo, x []int16) {
	for k, v := range x {
		lo[k] = int16(int8(v))
		hi[k] = int16((int32(v) - int32(lo[k])) >> 8)
	}
}

// foldGeneric adds 256·hi + lo to a total: modulo 2^32 to its first half, and divided by 65536, rounded down, to its second.
func foldGeneric(total, hi, lo []int32) {
	n := len(hi)
	for k, h := range hi {
		total[k] += h<<8 + lo[k]
		total[n+k] += (h + lo[k]>>8) >> 8
	}
}

// settleGeneric gives totals clamped to 32 bits. What the roundings have left is in the first half, less what the second stands for; it is
// below 65536 a fold, of which there are fewer than 32768.
func settleGeneric(sums, total []int32) {
	n := len(total) / 2
	for k, low := range total[:n] {
		high := total[n+k]
		high += int32(uint32(low-high<<16) >> 16)
		switch {
		case high > 1<<15-1:
			sums[k] = 1<<31 - 1
		case high < -1<<15:
			sums[k] = -1 << 31
		default:
			sums[k] = low
		}
	}
}
