//go:build !purego

#include "textflag.h"

// Sums of one panel for one row of 16-bit inputs, in 64 bits. A segment of so many pairs of inputs, which the caller knows
// to fit, is summed in 32 bits: Y8…Y11. It then goes to two sums a row: Y0…Y3 is the sum modulo 2^32, Y4…Y7 that of the
// segments' upper halves (floor of them over 65536). The lower halves sum to Y0 - (Y4 << 16), which is not negative and, for up
// to 32767 segments, below 2^31; so the true sum, whatever its size, is (Y4 << 16) plus that.
//
// A pair's products can sum to 2^31, of two times -32768 · -32768, and to no less than 65536 - 2^31. Every segment therefore
// starts from -65536, in Y15, which keeps both ends inside 32 bits; the sums start from what that takes away altogether.
//
// SI weights, R9 inputs of this panel, DX inputs, CX pairs, R10 pairs left, R11 pairs a segment, R12 pairs left
// in this segment, R13 segments, DI sums.

// ADD multiplies the pair of inputs in Y12 with a vector of weights, and adds to a segment.
#define ADD(w, segment) \
	VPMADDWD w(SI), Y12, Y13;     \
	VPADDD   Y13, segment, segment

// FOLD adds a segment to the two sums of its rows.
#define FOLD(segment, sum, high) \
	VPADDD segment, sum, sum;     \
	VPSRAD $16, segment, segment; \
	VPADDD segment, high, high

// CLAMP makes sum the true sum clamped to 32 bits, from its value modulo 2^32 and its high sum. With A = true sum >> 16, it
// fits where A is a 16-bit integer. Y8 is 32767, Y9 -32768, Y10 the largest and Y14 the smallest int32.
#define CLAMP(sum, high) \
	VPSLLD    $16, high, Y12;     \
	VPSUBD    Y12, sum, Y12;      \
	VPSRLD    $16, Y12, Y12;      \
	VPADDD    high, Y12, Y12;     \
	VPCMPGTD  Y8, Y12, Y13;       \
	VPBLENDVB Y13, Y10, sum, sum; \
	VPCMPGTD  Y12, Y9, Y13;       \
	VPBLENDVB Y13, Y14, sum, sum

#define BEGIN \
	VMOVD        R13, X4;     \
	VPBROADCASTD X4, Y4;      \
	VPSLLD       $16, Y4, Y0; \
	VMOVDQA      Y0, Y1;      \
	VMOVDQA      Y0, Y2;      \
	VMOVDQA      Y0, Y3;      \
	VMOVDQA      Y4, Y5;      \
	VMOVDQA      Y4, Y6;      \
	VMOVDQA      Y4, Y7;      \
	MOVQ         DX, R9;      \
	MOVQ         CX, R10

#define END \
	VPCMPEQD Y10, Y10, Y10; \
	VPSRLD   $17, Y10, Y8;  \
	VPSLLD   $15, Y10, Y9;  \
	VPSRLD   $1, Y10, Y10;  \
	CLAMP(Y0, Y4);          \
	CLAMP(Y1, Y5);          \
	CLAMP(Y2, Y6);          \
	CLAMP(Y3, Y7);          \
	VMOVDQU Y0, (DI);       \
	VMOVDQU Y1, 32(DI);     \
	VMOVDQU Y2, 64(DI);     \
	VMOVDQU Y3, 96(DI)

// func dot16WideAVX2(sums []int32, w, x []int16, groups, segment, segments int)
TEXT ·dot16WideAVX2(SB), NOSPLIT, $0-96
	MOVQ     sums_base+0(FP), DI
	MOVQ     w_base+24(FP), SI
	MOVQ     x_base+48(FP), DX
	MOVQ     groups+72(FP), CX
	MOVQ     segment+80(FP), R11
	MOVQ     segments+88(FP), R13
	VPCMPEQD Y14, Y14, Y14
	VPSLLD   $16, Y14, Y15
	VPSLLD   $31, Y14, Y14
	BEGIN

segment:
	VMOVDQA Y15, Y8
	VMOVDQA Y15, Y9
	VMOVDQA Y15, Y10
	VMOVDQA Y15, Y11
	MOVQ    R11, R12
	CMPQ    R12, R10
	CMOVQGT R10, R12
	SUBQ    R12, R10

pair:
	VPBROADCASTD (R9), Y12
	ADD(0, Y8)
	ADD(32, Y9)
	ADD(64, Y10)
	ADD(96, Y11)
	ADDQ         $128, SI
	ADDQ         $4, R9
	DECQ         R12
	JNZ          pair
	FOLD(Y8, Y0, Y4)
	FOLD(Y9, Y1, Y5)
	FOLD(Y10, Y2, Y6)
	FOLD(Y11, Y3, Y7)
	TESTQ        R10, R10
	JNZ          segment
	END
	VZEROUPPER
	RET
