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
