//go:build !purego

#include "textflag.h"

// Sums of whole panels for one row of 16-bit inputs. A panel's weights lie as [pair of inputs][4 vectors][8 rows][2], so that
// one VPMADDWD with the broadcast pair of inputs adds two products to each of eight rows' sums.
//
// SI weights, R9 inputs of this panel, DX inputs, CX pairs, R8 panels left, R10 pairs left, DI sums.

// PAIR multiplies the pair of inputs at R9+2·x with the 128 bytes of weights at SI+w: Y8…Y11 are the products.
#define PAIR(w, x) \
	VPBROADCASTD x(R9), Y12;         \
	VPMADDWD     w+0(SI), Y12, Y8;   \
	VPMADDWD     w+32(SI), Y12, Y9;  \
	VPMADDWD     w+64(SI), Y12, Y10; \
	VPMADDWD     w+96(SI), Y12, Y11

// ADD adds the products to the sums in Y0…Y3, modulo 2^32.
#define ADD \
	VPADDD Y8, Y0, Y0;  \
	VPADDD Y9, Y1, Y1;  \
	VPADDD Y10, Y2, Y2; \
	VPADDD Y11, Y3, Y3

#define ZERO \
	VPXOR Y0, Y0, Y0; \
	VPXOR Y1, Y1, Y1; \
	VPXOR Y2, Y2, Y2; \
	VPXOR Y3, Y3, Y3

#define STORE \
	VMOVDQU Y0, (DI);   \
	VMOVDQU Y1, 32(DI); \
	VMOVDQU Y2, 64(DI); \
	VMOVDQU Y3, 96(DI); \
	ADDQ    $128, DI

// func dot16AVX2(sums []int32, w, x []int16, groups, panels int)
TEXT ·dot16AVX2(SB), NOSPLIT, $0-88
	MOVQ sums_base+0(FP), DI
	MOVQ w_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ groups+72(FP), CX
	MOVQ panels+80(FP), R8

panel:
	ZERO
	MOVQ DX, R9
	MOVQ CX, R10
	SUBQ $4, R10
	JLT  rest

four:
	PAIR(0, 0)
	ADD
	PAIR(128, 4)
	ADD
	PAIR(256, 8)
	ADD
	PAIR(384, 12)
	ADD
	ADDQ $512, SI
	ADDQ $16, R9
	SUBQ $4, R10
	JGE  four

rest:
	ADDQ $4, R10
	JZ   done

one:
	PAIR(0, 0)
	ADD
	ADDQ $128, SI
	ADDQ $4, R9
	DECQ R10
	JNZ  one

done:
	STORE
	DECQ R8
	JNZ  panel
	VZEROUPPER
	RET

// The widening forms keep a second sum a row, of each product pair's upper half (floor of it over 65536), in Y4…Y7. The lower
// halves then sum to Y0 - (Y4 << 16), which is not negative and, for up to 32767 pairs, below 2^31; so the true sum, whatever
// its size, is (Y4 << 16) plus that.

#define ADDHIGH(product, high) \
	VPSRAD $16, product, Y13; \
	VPADDD Y13, high, high

// A pair sum of 2^31, the only one that leaves int32, comes out as -2^31, which no other pair gives. ADDMARKED adds the 65536
// that the upper half lacks then. Y14 is -2^31.
#define ADDMARKED(product, high) \
	VPCMPEQD Y14, product, Y13; \
	VPSLLD   $16, Y13, Y13;     \
	VPSUBD   Y13, high, high;   \
	ADDHIGH(product, high)

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

#define ZEROHIGH \
	VPXOR Y4, Y4, Y4; \
	VPXOR Y5, Y5, Y5; \
	VPXOR Y6, Y6, Y6; \
	VPXOR Y7, Y7, Y7

#define CLAMPALL \
	VPCMPEQD Y10, Y10, Y10; \
	VPSRLD   $17, Y10, Y8;  \
	VPSLLD   $15, Y10, Y9;  \
	VPSRLD   $1, Y10, Y10;  \
	CLAMP(Y0, Y4);          \
	CLAMP(Y1, Y5);          \
	CLAMP(Y2, Y6);          \
	CLAMP(Y3, Y7)

// func dot16WideAVX2(sums []int32, w, x []int16, groups, panels int)
TEXT ·dot16WideAVX2(SB), NOSPLIT, $0-88
	MOVQ     sums_base+0(FP), DI
	MOVQ     w_base+24(FP), SI
	MOVQ     x_base+48(FP), DX
	MOVQ     groups+72(FP), CX
	MOVQ     panels+80(FP), R8
	VPCMPEQD Y14, Y14, Y14
	VPSLLD   $31, Y14, Y14

panel:
	ZERO
	ZEROHIGH
	MOVQ DX, R9
	MOVQ CX, R10

pair:
	PAIR(0, 0)
	ADD
	ADDHIGH(Y8, Y4)
	ADDHIGH(Y9, Y5)
	ADDHIGH(Y10, Y6)
	ADDHIGH(Y11, Y7)
	ADDQ $128, SI
	ADDQ $4, R9
	DECQ R10
	JNZ  pair
	CLAMPALL
	STORE
	DECQ R8
	JNZ  panel
	VZEROUPPER
	RET

// func dot16WideLowestAVX2(sums []int32, w, x []int16, groups, panels int)
TEXT ·dot16WideLowestAVX2(SB), NOSPLIT, $0-88
	MOVQ     sums_base+0(FP), DI
	MOVQ     w_base+24(FP), SI
	MOVQ     x_base+48(FP), DX
	MOVQ     groups+72(FP), CX
	MOVQ     panels+80(FP), R8
	VPCMPEQD Y14, Y14, Y14
	VPSLLD   $31, Y14, Y14

panel:
	ZERO
	ZEROHIGH
	MOVQ DX, R9
	MOVQ CX, R10

pair:
	PAIR(0, 0)
	ADD
	ADDMARKED(Y8, Y4)
	ADDMARKED(Y9, Y5)
	ADDMARKED(Y10, Y6)
	ADDMARKED(Y11, Y7)
	ADDQ $128, SI
	ADDQ $4, R9
	DECQ R10
	JNZ  pair
	CLAMPALL
	STORE
	DECQ R8
	JNZ  panel
	VZEROUPPER
	RET
