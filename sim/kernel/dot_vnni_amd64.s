//go:build !purego

#include "textflag.h"

// Sums of whole panels for one row of inputs, with the dot product instructions of AVX-512 VNNI. Two vectors of a panel are one
// 512-bit register of weights, so a group of inputs takes two instructions a panel. Eight sums at a time hide the latency of
// the additions: of one panel and four groups, which reads the weights in their order and is the faster way where the L2
// cache holds them; or, of panels over 16 kB, of four panels and one group, four streams from the L3 cache.
//
// DI sums, SI weights of the first panel and R11, R12, R13 of the next three, DX inputs, R9 inputs of this turn, CX groups, R10
// groups left, R8 panels left, R14 start values, AX bytes of a panel's weights.

// SIXTEEN and EIGHT add the products of two inputs of 16 bits, and four of 8 bits, in x with the weights at w. VPDPBUSD wants
// its inputs unsigned: they come as x + 128, and the sums start from -128·Σw.
#define SIXTEEN(w, x, sum) VPDPWSSD w, x, sum
#define EIGHT(w, x, sum) VPDPBUSD w, x, sum

#define ZEROALL \
	VPXORD Z0, Z0, Z0; \
	VPXORD Z1, Z1, Z1; \
	VPXORD Z2, Z2, Z2; \
	VPXORD Z3, Z3, Z3; \
	VPXORD Z4, Z4, Z4; \
	VPXORD Z5, Z5, Z5; \
	VPXORD Z6, Z6, Z6; \
	VPXORD Z7, Z7, Z7

#define LOADALL \
	VMOVDQU32 (R14), Z0;    \
	VMOVDQU32 64(R14), Z1;  \
	VMOVDQU32 128(R14), Z2; \
	VMOVDQU32 192(R14), Z3; \
	VMOVDQU32 256(R14), Z4; \
	VMOVDQU32 320(R14), Z5; \
	VMOVDQU32 384(R14), Z6; \
	VMOVDQU32 448(R14), Z7; \
	ADDQ      $512, R14

#define STOREALL \
	VMOVDQU32 Z0, (DI);    \
	VMOVDQU32 Z1, 64(DI);  \
	VMOVDQU32 Z2, 128(DI); \
	VMOVDQU32 Z3, 192(DI); \
	VMOVDQU32 Z4, 256(DI); \
	VMOVDQU32 Z5, 320(DI); \
	VMOVDQU32 Z6, 384(DI); \
	VMOVDQU32 Z7, 448(DI); \
	ADDQ      $512, DI

// FOURPANELS multiplies one group with four panels.
#define FOURPANELS(multiply) \
	VPBROADCASTD (R9), Z8;       \
	multiply((SI), Z8, Z0);      \
	multiply(64(SI), Z8, Z1);    \
	multiply((R11), Z8, Z2);     \
	multiply(64(R11), Z8, Z3);   \
	multiply((R12), Z8, Z4);     \
	multiply(64(R12), Z8, Z5);   \
	multiply((R13), Z8, Z6);     \
	multiply(64(R13), Z8, Z7);   \
	ADDQ $128, SI;               \
	ADDQ $128, R11;              \
	ADDQ $128, R12;              \
	ADDQ $128, R13;              \
	ADDQ $4, R9

// FOURGROUPS multiplies four groups with one panel.
#define FOURGROUPS(multiply) \
	VPBROADCASTD (R9), Z8;       \
	VPBROADCASTD 4(R9), Z9;      \
	VPBROADCASTD 8(R9), Z10;     \
	VPBROADCASTD 12(R9), Z11;    \
	multiply((SI), Z8, Z0);      \
	multiply(64(SI), Z8, Z1);    \
	multiply(128(SI), Z9, Z2);   \
	multiply(192(SI), Z9, Z3);   \
	multiply(256(SI), Z10, Z4);  \
	multiply(320(SI), Z10, Z5);  \
	multiply(384(SI), Z11, Z6);  \
	multiply(448(SI), Z11, Z7);  \
	ADDQ $512, SI;               \
	ADDQ $16, R9

#define ONEGROUP(multiply) \
	VPBROADCASTD (R9), Z8;    \
	multiply((SI), Z8, Z0);   \
	multiply(64(SI), Z8, Z1); \
	ADDQ $128, SI;            \
	ADDQ $4, R9

// JOIN brings the four partial sums of one panel together, and stores them.
#define JOIN \
	VPADDD    Z2, Z0, Z0;  \
	VPADDD    Z3, Z1, Z1;  \
	VPADDD    Z6, Z4, Z4;  \
	VPADDD    Z7, Z5, Z5;  \
	VPADDD    Z4, Z0, Z0;  \
	VPADDD    Z5, Z1, Z1;  \
	VMOVDQU32 Z0, (DI);    \
	VMOVDQU32 Z1, 64(DI);  \
	ADDQ      $128, DI

// STREAMS points at the weights of four panels.
#define STREAMS \
	LEAQ (SI)(AX*1), R11;  \
	LEAQ (SI)(AX*2), R12;  \
	LEAQ (R11)(AX*2), R13; \
	MOVQ DX, R9;           \
	MOVQ CX, R10

// func dot16VNNI(sums []int32, w, x []int16, groups, panels int)
TEXT ·dot16VNNI(SB), NOSPLIT, $0-88
	MOVQ sums_base+0(FP), DI
	MOVQ w_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ groups+72(FP), CX
	MOVQ panels+80(FP), R8
	MOVQ CX, AX
	SHLQ $7, AX
	CMPQ CX, $128
	JLE  panels1
	SUBQ $4, R8
	JLT  single

four:
	STREAMS
	ZEROALL

group:
	FOURPANELS(SIXTEEN)
	DECQ R10
	JNZ  group
	STOREALL
	MOVQ R13, SI
	SUBQ $4, R8
	JGE  four

single:
	ADDQ $4, R8
	JZ   done

panels1:

panel:
	ZEROALL
	MOVQ DX, R9
	MOVQ CX, R10
	SUBQ $4, R10
	JLT  rest

groups4:
	FOURGROUPS(SIXTEEN)
	SUBQ $4, R10
	JGE  groups4

rest:
	ADDQ $4, R10
	JZ   join

groups1:
	ONEGROUP(SIXTEEN)
	DECQ R10
	JNZ  groups1

join:
	JOIN
	DECQ R8
	JNZ  panel

done:
	VZEROUPPER
	RET

// func dot8VNNI(sums []int32, w, x []int8, offset []int32, groups, panels int)
TEXT ·dot8VNNI(SB), NOSPLIT, $0-112
	MOVQ sums_base+0(FP), DI
	MOVQ w_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ offset_base+72(FP), R14
	MOVQ groups+96(FP), CX
	MOVQ panels+104(FP), R8
	MOVQ CX, AX
	SHLQ $7, AX
	CMPQ CX, $128
	JLE  panels1
	SUBQ $4, R8
	JLT  single

four:
	STREAMS
	LOADALL

group:
	FOURPANELS(EIGHT)
	DECQ R10
	JNZ  group
	STOREALL
	MOVQ R13, SI
	SUBQ $4, R8
	JGE  four

single:
	ADDQ $4, R8
	JZ   done

panels1:

panel:
	ZEROALL
	VMOVDQU32 (R14), Z0
	VMOVDQU32 64(R14), Z1
	ADDQ      $128, R14
	MOVQ      DX, R9
	MOVQ      CX, R10
	SUBQ      $4, R10
	JLT       rest

groups4:
	FOURGROUPS(EIGHT)
	SUBQ $4, R10
	JGE  groups4

rest:
	ADDQ $4, R10
	JZ   join

groups1:
	ONEGROUP(EIGHT)
	DECQ R10
	JNZ  groups1

join:
	JOIN
	DECQ R8
	JNZ  panel

done:
	VZEROUPPER
	RET
