//go:build !purego

#include "textflag.h"

// Sums of whole panels for one row of 8-bit inputs. A panel's weights lie as [four inputs][4 vectors][8 rows][4].
//
// SI weights, R9 inputs of this panel, DX inputs, CX groups, R8 panels left, R10 groups left, DI sums.

// VECTOR adds the products of the four inputs in Y4 (|x| in Y5) with 32 bytes of weights. VPMADDUBSW wants one side unsigned:
// |x|, with the sign of x moved to the weights. Its sums of two are at most 2·128·127 = 32512, so they do not saturate; that,
// and the change of sign, is why no weight may be -128. Y15 is sixteen times 1.
#define VECTOR(w, tmp, sum) \
	VMOVDQU    w(SI), tmp;     \
	VPSIGNB    Y4, tmp, tmp;   \
	VPMADDUBSW tmp, Y5, tmp;   \
	VPMADDWD   Y15, tmp, tmp;  \
	VPADDD     tmp, sum, sum

#define GROUP(w, x) \
	VPBROADCASTD x(R9), Y4;  \
	VPABSB       Y4, Y5;     \
	VECTOR(w+0, Y6, Y0);     \
	VECTOR(w+32, Y7, Y1);    \
	VECTOR(w+64, Y8, Y2);    \
	VECTOR(w+96, Y9, Y3)

// func dot8AVX2(sums []int32, w, x []int8, offset []int32, groups, panels int)
TEXT ·dot8AVX2(SB), NOSPLIT, $0-112
	MOVQ     sums_base+0(FP), DI
	MOVQ     w_base+24(FP), SI
	MOVQ     x_base+48(FP), DX
	MOVQ     groups+96(FP), CX
	MOVQ     panels+104(FP), R8
	VPCMPEQW Y15, Y15, Y15
	VPSRLW   $15, Y15, Y15

panel:
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	MOVQ  DX, R9
	MOVQ  CX, R10
	SUBQ  $2, R10
	JLT   rest

two:
	GROUP(0, 0)
	GROUP(128, 4)
	ADDQ $256, SI
	ADDQ $8, R9
	SUBQ $2, R10
	JGE  two

rest:
	ADDQ $2, R10
	JZ   done
	GROUP(0, 0)
	ADDQ $128, SI

done:
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	VMOVDQU Y2, 64(DI)
	VMOVDQU Y3, 96(DI)
	ADDQ    $128, DI
	DECQ    R8
	JNZ     panel
	VZEROUPPER
	RET

// MIRRORED is VECTOR with the sides exchanged: |w| is unsigned, and x takes the sign of w. So w may be -128, and x may not.
#define MIRRORED(w, tmp, mag, sum) \
	VMOVDQU    w(SI), mag;    \
	VPSIGNB    mag, Y4, tmp;  \
	VPABSB     mag, mag;      \
	VPMADDUBSW tmp, mag, tmp; \
	VPMADDWD   Y15, tmp, tmp; \
	VPADDD     tmp, sum, sum

// func dot8LowestAVX2(sums []int32, w, x []int8, offset []int32, groups, panels int)
TEXT ·dot8LowestAVX2(SB), NOSPLIT, $0-112
	MOVQ     sums_base+0(FP), DI
	MOVQ     w_base+24(FP), SI
	MOVQ     x_base+48(FP), DX
	MOVQ     groups+96(FP), CX
	MOVQ     panels+104(FP), R8
	VPCMPEQW Y15, Y15, Y15
	VPSRLW   $15, Y15, Y15

panel:
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	MOVQ  DX, R9
	MOVQ  CX, R10

group:
	VPBROADCASTD (R9), Y4
	MIRRORED(0, Y6, Y7, Y0)
	MIRRORED(32, Y8, Y9, Y1)
	MIRRORED(64, Y10, Y11, Y2)
	MIRRORED(96, Y12, Y13, Y3)
	ADDQ         $128, SI
	ADDQ         $4, R9
	DECQ         R10
	JNZ          group
	VMOVDQU      Y0, (DI)
	VMOVDQU      Y1, 32(DI)
	VMOVDQU      Y2, 64(DI)
	VMOVDQU      Y3, 96(DI)
	ADDQ         $128, DI
	DECQ         R8
	JNZ          panel
	VZEROUPPER
	RET

// WIDENED adds the products of the four inputs, four times over as 16-bit integers in Y4, with 32 bytes of weights widened to
// 16 bits: two sums a row, rows 0 to 3 in low and 4 to 7 in high.
#define WIDENED(w, low, high) \
	VPMOVSXBW w(SI), Y5;      \
	VPMOVSXBW w+16(SI), Y6;   \
	VPMADDWD  Y5, Y4, Y5;     \
	VPMADDWD  Y6, Y4, Y6;     \
	VPADDD    Y5, low, low;   \
	VPADDD    Y6, high, high

// JOIN adds the two sums of each row and brings the rows in order.
#define JOIN(low, high, at) \
	VPHADDD high, low, low; \
	VPERMQ  $0xD8, low, low; \
	VMOVDQU low, at(DI);    \
	VPXOR   low, low, low;  \
	VPXOR   high, high, high

// func dot8AnyAVX2(sums []int32, w, x []int8, offset []int32, groups, panels int)
TEXT ·dot8AnyAVX2(SB), NOSPLIT, $0-112
	MOVQ  sums_base+0(FP), DI
	MOVQ  w_base+24(FP), SI
	MOVQ  x_base+48(FP), DX
	MOVQ  groups+96(FP), CX
	MOVQ  panels+104(FP), R8
	VPXOR Y8, Y8, Y8
	VPXOR Y9, Y9, Y9
	VPXOR Y10, Y10, Y10
	VPXOR Y11, Y11, Y11
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13
	VPXOR Y14, Y14, Y14
	VPXOR Y15, Y15, Y15

panel:
	MOVQ DX, R9
	MOVQ CX, R10

group:
	VPBROADCASTD (R9), X4
	VPMOVSXBW    X4, Y4
	WIDENED(0, Y8, Y9)
	WIDENED(32, Y10, Y11)
	WIDENED(64, Y12, Y13)
	WIDENED(96, Y14, Y15)
	ADDQ         $128, SI
	ADDQ         $4, R9
	DECQ         R10
	JNZ          group
	JOIN(Y8, Y9, 0)
	JOIN(Y10, Y11, 32)
	JOIN(Y12, Y13, 64)
	JOIN(Y14, Y15, 96)
	ADDQ         $128, DI
	DECQ         R8
	JNZ          panel
	VZEROUPPER
	RET
