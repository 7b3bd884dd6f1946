package kernel

// generic is the routine set in plain Go: the twin that every other set is held equal to, and what runs where there is none.
var generic = &routines{
	name: "generic",
	dot8: dot8Generic, dot8Lowest: dot8Generic, dot8Any: dot8Generic,
	dot16: dot16Generic, dot16Wide: dot16WideGeneric,
	product8: product8Generic, product16: product16Generic,
	finish: finishGeneric, cut8: cut8Generic, magnitude: magnitudeGeneric,
	lstm: lstmGeneric, gru: gruGeneric,
	peak: peakGeneric, read: readGeneric,
}

func dot8Generic(sums []int32, w []int8, x []int8, _ []int32, groups, panels int) {
	clear(sums[:panels*panelRows])
	for p := range panels {
		addProduct8(sums[p*panelRows:], w[p*groups*panelRows*4:], x, groups)
	}
}

func dot16Generic(sums []int32, w, x []int16, groups, panels int) {
	clear(sums[:panels*panelRows])
	for p := range panels {
		addProduct16(sums[p*panelRows:], w[p*groups*panelRows*2:], x, groups)
	}
}

func product8Generic(sums []int32, w []int8, x []int8, stride, groups, rows int) {
	for n := range rows {
		addProduct8(sums[n*panelRows:], w, x[n*stride:], groups)
	}
}

func product16Generic(sums []int32, w, x []int16, stride, groups, rows int) {
	for n := range rows {
		addProduct16(sums[n*panelRows:], w, x[n*stride:], groups)
	}
}

func addProduct8(sums []int32, w []int8, x []int8, groups int) {
	sums = sums[:panelRows]
	for k := range groups {
		x0, x1, x2, x3 := int32(x[4*k]), int32(x[4*k+1]), int32(x[4*k+2]), int32(x[4*k+3])
		group := w[k*panelRows*4:][:panelRows*4]
		for r := range sums {
			v := group[4*r:][:4]
			sums[r] += int32(v[0])*x0 + int32(v[1])*x1 + int32(v[2])*x2 + int32(v[3])*x3
		}
	}
}

func addProduct16(sums []int32, w, x []int16, groups int) {
	sums = sums[:panelRows]
	for k := range groups {
		x0, x1 := int32(x[2*k]), int32(x[2*k+1])
		group := w[k*panelRows*2:][:panelRows*2]
		for r := range sums {
			sums[r] += int32(group[2*r])*x0 + int32(group[2*r+1])*x1
		}
	}
}

func dot16WideGeneric(sums []int32, w, x []int16, groups, _, _ int) {
	var wide [panelRows]int64
	for k := range groups {
		x0, x1 := int64(x[2*k]), int64(x[2*k+1])
		group := w[k*panelRows*2:][:panelRows*2]
		for r := range wide {
			wide[r] += int64(group[2*r])*x0 + int64(group[2*r+1])*x1
		}
	}
	for r, v := range wide {
		sums[r] = int32(min(max(v, -1<<31), 1<<31-1))
	}
}

func finishGeneric(out []int16, stride int, sums []int32, shift []int32, bias []int16, n, step int) {
	for k := range n {
		for r := range panelRows {
			v := sat16(int64(sums[k*panelRows+r] >> shift[k*step*panelVectors+r/blockUnits]))
			out[k*stride+r] = sat16(int64(v) + int64(bias[k*step*panelRows+r]))
		}
	}
}

func cut8Generic(dst []int8, x []int16, shift int) {
	for k, v := range x {
		dst[k] = int8(min(max(v>>shift, -1<<7), 1<<7-1))
	}
}

func magnitudeGeneric(x []int16) int {
	largest := 0
	for _, v := range x {
		largest = max(largest, int(v), -int(v))
	}
	return largest
}
