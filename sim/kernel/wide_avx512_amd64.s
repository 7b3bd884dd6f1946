//go:build !purego

#include "textflag.h"

// The widening sums of wide_avx2_amd64.s in 512-bit registers: Z4, Z5 hold a segment, Z0, Z1 the sums modulo 2^32 and Z2, Z3
// those of the upper halves, each for two vectors of the panel. The instructions need no VNNI.
//
// DI sums, SI weights, DX inputs, CX pairs left, R11 pairs a segment, R12 pairs left in this segment, R13 segments.

// Z8 is 32767, Z9 -32768, Z10 the largest and Z14 the smallest int32, Z15 -65536.
#define CONSTANTS \
	VPTERNLOGD $0xFF, Z10, Z10, Z10; \
	VPSRLD     $17, Z10, Z8;         \
	VPSLLD     $15, Z10, Z9;         \
	VPSLLD     $31, Z10, Z14;        \
	VPSLLD     $16, Z10, Z15;        \
	VPSRLD     $1, Z10, Z10

#define FOLD(segment, sum, high) \
	VPADDD segment, sum, sum; \
	VPSRAD $16, segment, Z6;  \
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

// func dot16WideAVX512(sums []int32, w, x []int16, groups, segment, segments int)
TEXT ·dot16WideAVX512(SB), NOSPLIT, $0-96
	MOVQ         sums_base+0(FP), DI
	MOVQ         w_base+24(FP), SI
	MOVQ         x_base+48(FP), DX
	MOVQ         groups+72(FP), CX
	MOVQ         segment+80(FP), R11
	MOVQ         segments+88(FP), R13
	CONSTANTS
	VPBROADCASTD R13, Z2
	VMOVDQA32    Z2, Z3
	VPSLLD       $16, Z2, Z0
	VMOVDQA32    Z0, Z1
	CMPQ         R11, $1
	JEQ          single

segment:
	VMOVDQA32 Z15, Z4
	VMOVDQA32 Z15, Z5
	MOVQ      R11, R12
	CMPQ      R12, CX
	CMOVQGT   CX, R12
	SUBQ      R12, CX

pair:
	VPBROADCASTD (DX), Z7
	VPMADDWD     (SI), Z7, Z12
	VPMADDWD     64(SI), Z7, Z13
	VPADDD       Z12, Z4, Z4
	VPADDD       Z13, Z5, Z5
	ADDQ         $128, SI
	ADDQ         $4, DX
	DECQ         R12
	JNZ          pair
	FOLD(Z4, Z0, Z2)
	FOLD(Z5, Z1, Z3)
	TESTQ        CX, CX
	JNZ          segment

clamp:
	CLAMP(Z0, Z2)
	CLAMP(Z1, Z3)
	VMOVDQU32    Z0, (DI)
	VMOVDQU32    Z1, 64(DI)
	VZEROUPPER
	RET

// Segments of one pair need no loop of their own.
single:
	VPBROADCASTD (DX), Z7
	VPMADDWD     (SI), Z7, Z12
	VPMADDWD     64(SI), Z7, Z13
	VPADDD       Z15, Z12, Z4
	VPADDD       Z15, Z13, Z5
	FOLD(Z4, Z0, Z2)
	FOLD(Z5, Z1, Z3)
	ADDQ         $128, SI
	ADDQ         $4, DX
	DECQ         CX
	JNZ          single
	JMP          clamp
