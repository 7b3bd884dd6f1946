//go:build !purego

#include "textflag.h"

// Products of part of one panel with several rows of inputs, two rows at a time: each load of weights serves both. Sums are
// taken from memory and go back there.
//
// DI sums of this row, SI weights of the part, R8 their current place, DX inputs of this row, R9 their current place, R11 bytes
// from a row of inputs to the next, CX groups, R10 groups left, BX rows left.

#define LOAD(at, a, b, c, d) \
	VMOVDQU at+0(DI), a;  \
	VMOVDQU at+32(DI), b; \
	VMOVDQU at+64(DI), c; \
	VMOVDQU at+96(DI), d

#define STORE(at, a, b, c, d) \
	VMOVDQU a, at+0(DI);  \
	VMOVDQU b, at+32(DI); \
	VMOVDQU c, at+64(DI); \
	VMOVDQU d, at+96(DI)

// BOTH16 multiplies one vector of weights with the pairs of inputs of both rows, Y8 and Y9.
#define BOTH16(w, first, second) \
	VMOVDQU  w(R8), Y10;           \
	VPMADDWD Y10, Y8, Y11;         \
	VPMADDWD Y10, Y9, Y12;         \
	VPADDD   Y11, first, first;    \
	VPADDD   Y12, second, second

#define ONE16(w, sum) \
	VPMADDWD w(SI), Y8, Y11; \
	VPADDD   Y11, sum, sum

// func product16AVX2(sums []int32, w, x []int16, stride, groups, rows int)
TEXT ·product16AVX2(SB), NOSPLIT, $0-96
	MOVQ sums_base+0(FP), DI
	MOVQ w_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ stride+72(FP), R11
	MOVQ groups+80(FP), CX
	MOVQ rows+88(FP), BX
	SHLQ $1, R11
	SUBQ $2, BX
	JLT  last

rows:
	LOAD(0, Y0, Y1, Y2, Y3)
	LOAD(128, Y4, Y5, Y6, Y7)
	MOVQ SI, R8
	MOVQ DX, R9
	MOVQ CX, R10

pair:
	VPBROADCASTD (R9), Y8
	VPBROADCASTD (R9)(R11*1), Y9
	BOTH16(0, Y0, Y4)
	BOTH16(32, Y1, Y5)
	BOTH16(64, Y2, Y6)
	BOTH16(96, Y3, Y7)
	ADDQ         $128, R8
	ADDQ         $4, R9
	DECQ         R10
	JNZ          pair
	STORE(0, Y0, Y1, Y2, Y3)
	STORE(128, Y4, Y5, Y6, Y7)
	ADDQ         $256, DI
	LEAQ         (DX)(R11*2), DX
	SUBQ         $2, BX
	JGE          rows

last:
	ADDQ $2, BX
	JZ   done
	LOAD(0, Y0, Y1, Y2, Y3)

single:
	VPBROADCASTD (DX), Y8
	ONE16(0, Y0)
	ONE16(32, Y1)
	ONE16(64, Y2)
	ONE16(96, Y3)
	ADDQ         $128, SI
	ADDQ         $4, DX
	DECQ         CX
	JNZ          single
	STORE(0, Y0, Y1, Y2, Y3)

done:
	VZEROUPPER
	RET

// BOTH8 is BOTH16 for the groups of four inputs in Y8 and Y9, with |x| in Y10 and Y11: see dot8AVX2.
#define BOTH8(w, first, second) \
	VMOVDQU    w(R8), Y12;          \
	VPSIGNB    Y8, Y12, Y13;        \
	VPSIGNB    Y9, Y12, Y14;        \
	VPMADDUBSW Y13, Y10, Y13;       \
	VPMADDUBSW Y14, Y11, Y14;       \
	VPMADDWD   Y15, Y13, Y13;       \
	VPMADDWD   Y15, Y14, Y14;       \
	VPADDD     Y13, first, first;   \
	VPADDD     Y14, second, second

#define ONE8(w, sum) \
	VMOVDQU    w(SI), Y12;    \
	VPSIGNB    Y8, Y12, Y12;  \
	VPMADDUBSW Y12, Y10, Y12; \
	VPMADDWD   Y15, Y12, Y12; \
	VPADDD     Y12, sum, sum

// func product8AVX2(sums []int32, w, x []int8, stride, groups, rows int)
TEXT ·product8AVX2(SB), NOSPLIT, $0-96
	MOVQ     sums_base+0(FP), DI
	MOVQ     w_base+24(FP), SI
	MOVQ     x_base+48(FP), DX
	MOVQ     stride+72(FP), R11
	MOVQ     groups+80(FP), CX
	MOVQ     rows+88(FP), BX
	VPCMPEQW Y15, Y15, Y15
	VPSRLW   $15, Y15, Y15
	SUBQ     $2, BX
	JLT      last

rows:
	LOAD(0, Y0, Y1, Y2, Y3)
	LOAD(128, Y4, Y5, Y6, Y7)
	MOVQ SI, R8
	MOVQ DX, R9
	MOVQ CX, R10

group:
	VPBROADCASTD (R9), Y8
	VPBROADCASTD (R9)(R11*1), Y9
	VPABSB       Y8, Y10
	VPABSB       Y9, Y11
	BOTH8(0, Y0, Y4)
	BOTH8(32, Y1, Y5)
	BOTH8(64, Y2, Y6)
	BOTH8(96, Y3, Y7)
	ADDQ         $128, R8
	ADDQ         $4, R9
	DECQ         R10
	JNZ          group
	STORE(0, Y0, Y1, Y2, Y3)
	STORE(128, Y4, Y5, Y6, Y7)
	ADDQ         $256, DI
	LEAQ         (DX)(R11*2), DX
	SUBQ         $2, BX
	JGE          rows

last:
	ADDQ $2, BX
	JZ   done
	LOAD(0, Y0, Y1, Y2, Y3)

single:
	VPBROADCASTD (DX), Y8
	VPABSB       Y8, Y10
	ONE8(0, Y0)
	ONE8(32, Y1)
	ONE8(64, Y2)
	ONE8(96, Y3)
	ADDQ         $128, SI
	ADDQ         $4, DX
	DECQ         CX
	JNZ          single
	STORE(0, Y0, Y1, Y2, Y3)

done:
	VZEROUPPER
	RET
