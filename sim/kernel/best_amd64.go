//go:build amd64 && !purego

package kernel

import "golang.org/x/sys/cpu"

// avx2 is the routine set for processors with AVX2.
var avx2 = &routines{
	name: "avx2",
	dot8: dot8AVX2, dot8Lowest: dot8LowestAVX2, dot8Any: dot8AnyAVX2,
	dot16: dot16AVX2, dot16Wide: dot16WideAVX2,
	product8: product8AVX2, product16: product16AVX2,
	finish: finishAVX2, cut8: cut8AVX2, magnitude: magnitudeAVX2,
	lstm: lstmAVX2, gru: gruAVX2,
	peak: peakAVX2, read: readAVX2,
}

// vnni is the routine set for processors that also have AVX-512 with its dot product instructions. They are exact for every
// 8-bit weight, -128 included.
var vnni = &routines{
	name: "avx512vnni", offsetInputs: true,
	dot8: dot8VNNI, dot8Lowest: dot8VNNI, dot8Any: dot8VNNI,
	dot16: dot16VNNI, dot16Wide: dot16WideAVX512,
	split: splitAVX2, fold: foldAVX2, settle: settleAVX2,
	product8: product8VNNI, product16: product16VNNI,
	finish: finishAVX2, cut8: cut8OffsetAVX2, magnitude: magnitudeAVX2,
	lstm: lstmAVX2, gru: gruAVX2,
	peak: peakAVX2, read: readAVX2,
}

// available is the routine sets that run here, best first.
func available() []*routines {
	sets := []*routines{generic}
	if cpu.X86.HasAVX2 {
		sets = append([]*routines{avx2}, sets...)
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VNNI {
		sets = append([]*routines{vnni}, sets...)
	}
	return sets
}

//go:noescape
func dot8VNNI(sums []int32, w, x []int8, offset []int32, groups, panels int)

//go:noescape
func dot16VNNI(sums []int32, w, x []int16, groups, panels int)

//go:noescape
func product8VNNI(sums []int32, w, x []int8, stride, groups, rows int)

//go:noescape
func product16VNNI(sums []int32, w, x []int16, stride, groups, rows int)

//go:noescape
func cut8OffsetAVX2(dst []int8, x []int16, shift int)

//go:noescape
func dot8AVX2(sums []int32, w, x []int8, offset []int32, groups, panels int)

//go:noescape
func dot8LowestAVX2(sums []int32, w, x []int8, offset []int32, groups, panels int)

//go:noescape
func dot8AnyAVX2(sums []int32, w, x []int8, offset []int32, groups, panels int)

//go:noescape
func dot16AVX2(sums []int32, w, x []int16, groups, panels int)

//go:noescape
func dot16WideAVX2(sums []int32, w, x []int16, groups, segment, segments int)

//go:noescape
func product8AVX2(sums []int32, w, x []int8, stride, groups, rows int)

//go:noescape
func product16AVX2(sums []int32, w, x []int16, stride, groups, rows int)

//go:noescape
func finishAVX2(out []int16, stride int, sums []int32, shift []int32, bias []int16, n, step int)

//go:noescape
func cut8AVX2(dst []int8, x []int16, shift int)

//go:noescape
func magnitudeAVX2(x []int16) int

//go:noescape
func lstmAVX2(a *lstmArgs)

//go:noescape
func gruAVX2(a *gruArgs)

//go:noescape
func peakAVX2(rounds int) int

//go:noescape
func readAVX2(p []int16)

//go:noescape
func dot16WideAVX512(sums []int32, w, x []int16, groups, segment, segments int)

//go:noescape
func splitAVX2(hi, lo, x []int16)

//go:noescape
func foldAVX2(total, hi, lo []int32)

//go:noescape
func settleAVX2(sums, total []int32)
