//go:build !purego

#include "textflag.h"

// Products of part of one panel with several rows of inputs: eight rows at a time, then four, then one. Sums are taken from
// memory and go back there; see dot_vnni_amd64.s for the arithmetic.
//
// DI sums, SI weights of the part, R8 their current place, DX inputs of the first row, R9 their current place, R12 that of the
// fifth row, R11 bytes from a row of inputs to the next, R13 three times that, CX groups, R10 groups left, BX rows left.

#define LOADFOUR(at, a, b, c, d, e, f, g, h) \
	VMOVDQU32 at+0(DI), a;   \
	VMOVDQU32 at+64(DI), b;  \
	VMOVDQU32 at+128(DI), c; \
	VMOVDQU32 at+192(DI), d; \
	VMOVDQU32 at+256(DI), e; \
	VMOVDQU32 at+320(DI), f; \
	VMOVDQU32 at+384(DI), g; \
	VMOVDQU32 at+448(DI), h

#define STOREFOUR(at, a, b, c, d, e, f, g, h) \
	VMOVDQU32 a, at+0(DI);   \
	VMOVDQU32 b, at+64(DI);  \
	VMOVDQU32 c, at+128(DI); \
	VMOVDQU32 d, at+192(DI); \
	VMOVDQU32 e, at+256(DI); \
	VMOVDQU32 f, at+320(DI); \
	VMOVDQU32 g, at+384(DI); \
	VMOVDQU32 h, at+448(DI)

#define SIXTEEN(x, first, second) \
	VPBROADCASTD x, Z18;           \
	VPDPWSSD     Z16, Z18, first;  \
	VPDPWSSD     Z17, Z18, second

#define EIGHT(x, first, second) \
	VPBROADCASTD x, Z18;           \
	VPDPBUSD     Z16, Z18, first;  \
	VPDPBUSD     Z17, Z18, second

// WEIGHTS also asks for the weights of 128 groups ahead, the next part of the panel, which may lie in the L3 cache.
#define WEIGHTS \
	PREFETCHT1 16384(R8);  \
	PREFETCHT1 16448(R8);  \
	VMOVDQU32 (R8), Z16;   \
	VMOVDQU32 64(R8), Z17; \
	ADDQ      $128, R8

// FIRSTFOUR and NEXTFOUR multiply a group of four rows each.
#define FIRSTFOUR(multiply) \
	multiply((R9), Z0, Z1);          \
	multiply((R9)(R11*1), Z2, Z3);   \
	multiply((R9)(R11*2), Z4, Z5);   \
	multiply((R9)(R13*1), Z6, Z7);   \
	ADDQ $4, R9

#define NEXTFOUR(multiply) \
	multiply((R12), Z8, Z9);          \
	multiply((R12)(R11*1), Z10, Z11); \
	multiply((R12)(R11*2), Z12, Z13); \
	multiply((R12)(R13*1), Z14, Z15); \
	ADDQ $4, R12

// func product16VNNI(sums []int32, w, x []int16, stride, groups, rows int)
TEXT ·product16VNNI(SB), NOSPLIT, $0-96
	MOVQ sums_base+0(FP), DI
	MOVQ w_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ stride+72(FP), R11
	MOVQ groups+80(FP), CX
	MOVQ rows+88(FP), BX
	SHLQ $1, R11
	LEAQ (R11)(R11*2), R13
	SUBQ $8, BX
	JLT  rest

eight:
	LOADFOUR(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	LOADFOUR(512, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15)
	MOVQ SI, R8
	MOVQ DX, R9
	LEAQ (DX)(R11*4), R12
	MOVQ CX, R10

group8:
	WEIGHTS
	FIRSTFOUR(SIXTEEN)
	NEXTFOUR(SIXTEEN)
	DECQ R10
	JNZ  group8
	STOREFOUR(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	STOREFOUR(512, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15)
	ADDQ $1024, DI
	LEAQ (DX)(R11*8), DX
	SUBQ $8, BX
	JGE  eight

rest:
	ADDQ $4, BX
	JLT  few
	LOADFOUR(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	MOVQ SI, R8
	MOVQ DX, R9
	MOVQ CX, R10

group4:
	WEIGHTS
	FIRSTFOUR(SIXTEEN)
	DECQ R10
	JNZ  group4
	STOREFOUR(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	ADDQ $512, DI
	LEAQ (DX)(R11*4), DX
	SUBQ $4, BX

few:
	ADDQ $4, BX
	JZ   done

one:
	VMOVDQU32 (DI), Z0
	VMOVDQU32 64(DI), Z1
	MOVQ      SI, R8
	MOVQ      DX, R9
	MOVQ      CX, R10

group1:
	WEIGHTS
	SIXTEEN((R9), Z0, Z1)
	ADDQ      $4, R9
	DECQ      R10
	JNZ       group1
	VMOVDQU32 Z0, (DI)
	VMOVDQU32 Z1, 64(DI)
	ADDQ      $128, DI
	ADDQ      R11, DX
	DECQ      BX
	JNZ       one

done:
	VZEROUPPER
	RET

// func product8VNNI(sums []int32, w, x []int8, stride, groups, rows int)
TEXT ·product8VNNI(SB), NOSPLIT, $0-96
	MOVQ sums_base+0(FP), DI
	MOVQ w_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ stride+72(FP), R11
	MOVQ groups+80(FP), CX
	MOVQ rows+88(FP), BX
	LEAQ (R11)(R11*2), R13
	SUBQ $8, BX
	JLT  rest

eight:
	LOADFOUR(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	LOADFOUR(512, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15)
	MOVQ SI, R8
	MOVQ DX, R9
	LEAQ (DX)(R11*4), R12
	MOVQ CX, R10

group8:
	WEIGHTS
	FIRSTFOUR(EIGHT)
	NEXTFOUR(EIGHT)
	DECQ R10
	JNZ  group8
	STOREFOUR(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	STOREFOUR(512, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15)
	ADDQ $1024, DI
	LEAQ (DX)(R11*8), DX
	SUBQ $8, BX
	JGE  eight

rest:
	ADDQ $4, BX
	JLT  few
	LOADFOUR(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	MOVQ SI, R8
	MOVQ DX, R9
	MOVQ CX, R10

group4:
	WEIGHTS
	FIRSTFOUR(EIGHT)
	DECQ R10
	JNZ  group4
	STOREFOUR(0, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	ADDQ $512, DI
	LEAQ (DX)(R11*4), DX
	SUBQ $4, BX

few:
	ADDQ $4, BX
	JZ   done

one:
	VMOVDQU32 (DI), Z0
	VMOVDQU32 64(DI), Z1
	MOVQ      SI, R8
	MOVQ      DX, R9
	MOVQ      CX, R10

group1:
	WEIGHTS
	EIGHT((R9), Z0, Z1)
	ADDQ      $4, R9
	DECQ      R10
	JNZ       group1
	VMOVDQU32 Z0, (DI)
	VMOVDQU32 Z1, 64(DI)
	ADDQ      $128, DI
	ADDQ      R11, DX
	DECQ      BX
	JNZ       one

done:
	VZEROUPPER
	RET
