//go:build !purego

package kernel

// neon is the routine set for arm64, of which every processor has Advanced SIMD. The tables, for which it has no gathers, are
// looked up by the generic routines. They are exact for every weight and input, so that the narrow and the general form are the same.
var neon = &routines{
	name: "neon",
	dot8: dot8NEON, dot8Lowest: dot8NEON, dot8Any: dot8NEON,
	dot16: dot16NEON, dot16Wide: dot16WideNEON,
	product8: product8NEON, product16: product16NEON,
	finish: finishNEON, cut8: cut8NEON, magnitude: magnitudeNEON,
	lstm: lstmGeneric, gru: gruGeneric,
	peak: peakNEON, read: readNEON,
}

// available is the routine sets that run here, best first.
func available() []*routines { return []*routines{neon, generic} }

func dot8NEON(sums []int32, w, x []int8, _ []int32, groups, panels int) {
	clear(sums[:panels*panelRows])
	for p := range panels {
		addPanel8NEON(sums[p*panelRows:], w[p*groups*panelRows*4:], x, groups)
	}
}

func dot16NEON(sums []int32, w, x []int16, groups, panels int) {
	clear(sums[:panels*panelRows])
	for p := range panels {
		addPanel16NEON(sums[p*panelRows:], w[p*groups*panelRows*2:], x, groups)
	}
}

func dot16WideNEON(sums []int32, w, x []int16, groups, _, _ int) {
	widePanel16NEON(sums, w, x, groups)
}

func product8NEON(sums []int32, w, x []int8, stride, groups, rows int) {
	for n := range rows {
		addPanel8NEON(sums[n*panelRows:], w, x[n*stride:], groups)
	}
}

func product16NEON(sums []int32, w, x []int16, stride, groups, rows int) {
	for n := range rows {
		addPanel16NEON(sums[n*panelRows:], w, x[n*stride:], groups)
	}
}

// addPanel8NEON and addPanel16NEON add the products of one panel with one row of inputs to its 32 sums; widePanel16NEON gives
// the products' sums, clamped to 32 bits. There is at least one group.
//
//go:noescape
func addPanel8NEON(sums []int32, w, x []int8, groups int)

//go:noescape
func addPanel16NEON(sums []int32, w, x []int16, groups int)

//go:noescape
func widePanel16NEON(sums []int32, w, x []int16, groups int)

//go:noescape
func finishNEON(out []int16, stride int, sums []int32, shift []int32, bias []int16, n, step int)

//go:noescape
func cut8NEON(dst []int8, x []int16, shift int)

//go:noescape
func magnitudeNEON(x []int16) int

//go:noescape
func peakNEON(rounds int) int

//go:noescape
func readNEON(p []int16)
