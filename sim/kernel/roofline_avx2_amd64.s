//go:build !purego

#include "textflag.h"

// MULTIPLY is a multiply and an add that depend on nothing but their own sum.
#define MULTIPLY(product, sum) \
	VPMADDWD Y14, Y15, product; \
	VPADDD   product, sum, sum

// func peakAVX2(rounds int) int
//
// A round is eight vectors of sixteen products.
TEXT ·peakAVX2(SB), NOSPLIT, $0-16
	MOVQ  rounds+0(FP), CX
	MOVQ  CX, AX
	SHLQ  $7, AX
	MOVQ  AX, ret+8(FP)
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	VPXOR Y14, Y14, Y14
	VPXOR Y15, Y15, Y15

round:
	MULTIPLY(Y4, Y0)
	MULTIPLY(Y5, Y1)
	MULTIPLY(Y6, Y2)
	MULTIPLY(Y7, Y3)
	MULTIPLY(Y8, Y0)
	MULTIPLY(Y9, Y1)
	MULTIPLY(Y10, Y2)
	MULTIPLY(Y11, Y3)
	DECQ CX
	JNZ  round
	VZEROUPPER
	RET

// func readAVX2(p []int16)
TEXT ·readAVX2(SB), NOSPLIT, $0-24
	MOVQ p_base+0(FP), SI
	MOVQ p_len+8(FP), CX
	SHRQ $7, CX // four lines of 64 bytes

	PCALIGN $32

lines:
	VPOR (SI), Y0, Y0
	VPOR 32(SI), Y1, Y1
	VPOR 64(SI), Y2, Y2
	VPOR 96(SI), Y3, Y3
	VPOR 128(SI), Y4, Y4
	VPOR 160(SI), Y5, Y5
	VPOR 192(SI), Y6, Y6
	VPOR 224(SI), Y7, Y7
	ADDQ $256, SI
	DECQ CX
	JNZ  lines
	VZEROUPPER
	RET
