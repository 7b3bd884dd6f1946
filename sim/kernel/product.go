package kernel

// groupsAtOnce is how much of a panel is multiplied with all rows of inputs before the next: 16 kB, which stays in the L1
// cache.
const groupsAtOnce = 128

// product forms the sums of one panel for several rows of inputs; sums is [rows][32].
func (m *matrix) product(r *routines, sums []int32, x operand, rows, panel int) {
	kind, _ := m.run(r, panel, panel+1, x.magnitude)
	if kind == pathInt8Lowest {
		dot := m.dotOf(r, x.x8[:(rows-1)*x.stride+m.groups*4])
		w, offset := m.w8[panel*m.groups*panelRows*4:], m.offset[panel*panelRows:]
		for n := range rows {
			dot(sums[n*panelRows:], w, x.x8[n*x.stride:], offset, m.groups, 1)
		}
		return
	}
	if kind == pathWide && rows > 1 && x.halves.hi != nil {
		m.productHalves(r, sums, &x.halves, x.stride, rows, panel)
		return
	}
	if kind != pathInt8 && kind != pathInt16 || rows == 1 {
		for n := range rows {
			m.dot(r, sums[n*panelRows:], x.row(n), panel, panel+1)
		}
		return
	}
	sums = sums[:rows*panelRows]
	if m.eight && r.offsetInputs {
		for n := copy(sums, m.offset[panel*panelRows:][:panelRows]); n < len(sums); n *= 2 {
			copy(sums[n:], sums[:n])
		}
	} else {
		clear(sums)
	}
	for from := 0; from < m.groups; from += groupsAtOnce {
		n, at := min(groupsAtOnce, m.groups-from), (panel*m.groups+from)*panelRows
		if m.eight {
			r.product8(sums, m.w8[at*4:], x.x8[from*4:], x.stride, n, rows)
		} else {
			r.product16(sums, m.w16[at*2:], x.x16[from*2:], x.stride, n, rows)
		}
	}
}
