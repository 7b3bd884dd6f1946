//go:build !purego

#include "textflag.h"

// The widening sums of dot16_avx2_amd64.s in 512-bit registers: Z0, Z1 hold the sums modulo 2^32 and Z2, Z3 those of the
// products' upper halves, each for two vectors of a panel. The registers are AVX-512's, the instructions need no VNNI.
//
// DI sums, SI weights, DX inputs, R9 inputs of this panel, CX pairs, R10 pairs left, R8 panels left.

// Z8 is 32767, Z9 -32768, Z10 the largest and Z14 the smallest int32, Z15 65536.
#define CONSTANTS \
	VPTERNLOGD $0xFF, Z10, Z10, Z10; \
	VPSRLD     $17, Z10, Z8;         \
	VPSLLD     $15, Z10, Z9;         \
	VPSLLD     $31, Z10, Z14;        \
	VPSRLD     $31, Z10, Z15;        \
	VPSLLD     $16, Z15, Z15;        \
	VPSRLD     $1, Z10, Z10

#define PRODUCTS \
	VPBROADCASTD (R9), Z7;         \
	VPMADDWD     (SI), Z7, Z4;     \
	VPMADDWD     64(SI), Z7, Z5;   \
	VPADDD       Z4, Z0, Z0;       \
	VPADDD       Z5, Z1, Z1;       \
	ADDQ         $128, SI;         \
	ADDQ         $4, R9

// MARKED adds 65536 to the upper half of a product that came out as -2^31 and stands for 2^31.
#define MARKED(product, high) \
	VPCMPEQD Z14, product, K1;  \
	VPADDD   Z15, high, K1, high

#define HIGH(product, high) \
	VPSRAD $16, product, Z6; \
	VPADDD Z6, high, high

#define CLAMP(sum, high) \
	VPSLLD    $16, high, Z12;    \
	VPSUBD    Z12, sum, Z12;     \
	VPSRLD    $16, Z12, Z12;     \
	VPADDD    high, Z12, Z12;    \
	VPCMPGTD  Z8, Z12, K1;       \
	VPCMPGTD  Z12, Z9, K2;       \
	VMOVDQA32 Z10, K1, sum;      \
	VMOVDQA32 Z14, K2, sum

#define BEGIN \
	VPXORD Z0, Z0, Z0; \
	VPXORD Z1, Z1, Z1; \
	VPXORD Z2, Z2, Z2; \
	VPXORD Z3, Z3, Z3; \
	MOVQ   DX, R9;     \
	MOVQ   CX, R10

#define END \
	CLAMP(Z0, Z2);         \
	CLAMP(Z1, Z3);         \
	VMOVDQU32 Z0, (DI);    \
	VMOVDQU32 Z1, 64(DI);  \
	ADDQ      $128, DI

// func dot16WideAVX512(sums []int32, w, x []int16, groups, panels int)
TEXT ·dot16WideAVX512(SB), NOSPLIT, $0-88
	MOVQ sums_base+0(FP), DI
	MOVQ w_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ groups+72(FP), CX
	MOVQ panels+80(FP), R8
	CONSTANTS

panel:
	BEGIN

pair:
	PRODUCTS
	HIGH(Z4, Z2)
	HIGH(Z5, Z3)
	DECQ R10
	JNZ  pair
	END
	DECQ R8
	JNZ  panel
	VZEROUPPER
	RET

// func dot16WideLowestAVX512(sums []int32, w, x []int16, groups, panels int)
TEXT ·dot16WideLowestAVX512(SB), NOSPLIT, $0-88
	MOVQ sums_base+0(FP), DI
	MOVQ w_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ groups+72(FP), CX
	MOVQ panels+80(FP), R8
	CONSTANTS

panel:
	BEGIN

pair:
	PRODUCTS
	MARKED(Z4, Z2)
	MARKED(Z5, Z3)
	HIGH(Z4, Z2)
	HIGH(Z5, Z3)
	DECQ R10
	JNZ  pair
	END
	DECQ R8
	JNZ  panel
	VZEROUPPER
	RET
