//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The elementwise part of a GRU, eight units a turn, in 32-bit lanes.
//
// AX arguments, BX what follows from the position, CX blocks left, SI products with h, DI products with x, R8 the old state,
// R9 h, R10 trace or 0, R12 sigmoid and R13 tanh table at the entry of 0, R11, R14 free.
// Y14 is 65535, Y12 32767, Y13 -32768: see lstmAVX2.

#define LOOKUP(table, index, out) \
	VPCMPEQD   Y15, Y15, Y15; \
	VPGATHERDD Y15, (table)(index*2), out

// TRACE stores a node that is 16 bits wide already, and goes on to the next.
#define TRACE(x) \
	VMOVDQU x, (R14);  \
	ADDQ    R11, R14

// TRACEWIDE stores two nodes from 32-bit lanes.
#define TRACEWIDE(a, b) \
	VPACKSSDW    b, a, Y0;            \
	VPERMQ       $0xD8, Y0, Y0;       \
	VMOVDQU      X0, (R14);           \
	VEXTRACTI128 $1, Y0, (R14)(R11*1); \
	LEAQ         (R14)(R11*2), R14

// func gruAVX2(a *gruArgs)
TEXT ·gruAVX2(SB), NOSPLIT, $0-8
	MOVQ     a+0(FP), AX
	MOVQ     gruArgs_at(AX), BX
	MOVQ     gruArgs_n(AX), CX
	MOVQ     gruArgs_wx(AX), DI
	MOVQ     gruArgs_wh(AX), SI
	MOVQ     gruArgs_old(AX), R8
	MOVQ     gruArgs_h(AX), R9
	MOVQ     gruArgs_trace(AX), R10
	MOVQ     gruArgs_traceStride(AX), R11
	SHLQ     $1, R11
	MOVQ     positionArgs_sigmoid(BX), R12
	MOVQ     positionArgs_tanh(BX), R13
	VPCMPEQD Y14, Y14, Y14
	VPSRLD   $17, Y14, Y12
	VPSLLD   $15, Y14, Y13
	VPSRLD   $16, Y14, Y14

block:
	// Y3 is it, Y4 ft.
	VMOVDQU      (DI), Y0
	VPADDSW      (SI), Y0, Y0
	VPMOVSXWD    X0, Y1
	VEXTRACTI128 $1, Y0, X2
	VPMOVSXWD    X2, Y2
	VPSRAD       positionArgs_sigmoidIndex(BX), Y1, Y1
	VPSRAD       positionArgs_sigmoidIndex(BX), Y2, Y2
	LOOKUP(R12, Y1, Y3)
	LOOKUP(R12, Y2, Y4)
	VPAND        Y14, Y3, Y3
	VPAND        Y14, Y4, Y4

	// Y6 is it times the product with h, Y7 y_g, Y9 cct.
	VPMOVSXWD 32(SI), Y5
	VPMADDWD  Y5, Y3, Y6
	VPSRAD    $15, Y6, Y6
	VPMOVSXWD 32(DI), Y7
	VPADDD    Y6, Y7, Y7
	VPMINSD   Y12, Y7, Y7
	VPMAXSD   Y13, Y7, Y7
	VPSRAD    positionArgs_tanhIndex(BX), Y7, Y8
	LOOKUP(R13, Y8, Y9)
	VPSLLD    $16, Y9, Y9
	VPSRAD    $16, Y9, Y9

	// Y10 is ft*cct, Y11 cct-ft*cct, Y5 ft*input_1, Y8 h_next.
	VPMADDWD  Y9, Y4, Y10
	VPSRAD    positionArgs_product(BX), Y10, Y10
	VPSRAD    positionArgs_fraction(BX), Y9, Y11
	VPSUBD    Y10, Y11, Y11
	VPMOVSXWD (R8), Y5
	VPMADDWD  Y5, Y4, Y5
	VPSRAD    $15, Y5, Y5
	VPADDD    Y5, Y11, Y8
	VPACKSSDW Y8, Y8, Y8
	VPERMQ    $0x08, Y8, Y8
	VMOVDQU   X8, (R9)
	TESTQ     R10, R10
	JNZ       trace

next:
	ADDQ $48, DI
	ADDQ $48, SI
	ADDQ $16, R8
	ADDQ $16, R9
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET

trace:
	MOVQ    R10, R14
	VMOVDQU (DI), X0
	VMOVDQU (SI), X1
	VPADDSW X1, X0, X2
	TRACE(X0)
	TRACE(X1)
	TRACE(X2)
	VMOVDQU 16(DI), X0
	VMOVDQU 16(SI), X1
	VPADDSW X1, X0, X2
	TRACE(X0)
	TRACE(X1)
	TRACE(X2)
	TRACEWIDE(Y3, Y4)
	VMOVDQU 32(DI), X0
	VMOVDQU 32(SI), X1
	TRACE(X0)
	TRACE(X1)
	TRACEWIDE(Y6, Y7)
	TRACEWIDE(Y9, Y10)
	TRACEWIDE(Y11, Y5)
	VMOVDQU X8, (R14)
	ADDQ    $16, R10
	JMP     next
