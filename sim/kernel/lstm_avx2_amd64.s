//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The elementwise part of an LSTM, eight units a turn, in 32-bit lanes.
//
// AX arguments, BX what follows from the position, CX blocks left, SI sums, DI products with x, R8 c, R9 h, R10 trace or 0,
// R12 sigmoid and R13 tanh table at the entry of 0, DX, R11, R14, R15 free.
// Y14 is 65535: a table entry ANDed with it has a zero upper half, so that VPMADDWD with it multiplies lower halves alone.
// Y12 is 32767, Y13 is -32768.

// LOOKUP gathers 32 bits for each 16-bit entry; the upper half of a lane is the neighbouring entry.
#define LOOKUP(table, index, out) \
	VPCMPEQD   Y15, Y15, Y15; \
	VPGATHERDD Y15, (table)(index*2), out

// PAIRUP packs two vectors of lanes to 16 bits with saturation, and brings them in order: a's units, then b's.
#define PAIRUP(a, b, out) \
	VPACKSSDW b, a, out;     \
	VPERMQ    $0xD8, out, out

// TRACE2 stores the nodes of both halves of y, and goes on to the node after.
#define TRACE2(y, x) \
	VMOVDQU      x, (R14);               \
	VEXTRACTI128 $1, y, (R14)(R11*1);    \
	LEAQ         (R14)(R11*2), R14

// TRACESUMS stores product with x, product with h and their sum of two gates, from memory again.
#define TRACESUMS(at, first, second) \
	VMOVDQU      2*at+0(SI), Y3;                 \
	VMOVDQU      2*at+32(SI), Y4;                \
	VPSRAD       first(AX), Y3, Y3;              \
	VPSRAD       second(AX), Y4, Y4;             \
	PAIRUP(Y3, Y4, Y3);                          \
	VMOVDQU      at(DI), Y4;                     \
	VPADDSW      Y4, Y3, Y5;                     \
	VMOVDQU      X4, (R14);                      \
	VMOVDQU      X3, (R14)(R11*1);               \
	VMOVDQU      X5, (R14)(R11*2);               \
	ADDQ         R15, R14;                       \
	VEXTRACTI128 $1, Y4, (R14);                  \
	VEXTRACTI128 $1, Y3, (R14)(R11*1);           \
	VEXTRACTI128 $1, Y5, (R14)(R11*2);           \
	ADDQ         R15, R14

// func lstmAVX2(a *lstmArgs)
TEXT ·lstmAVX2(SB), NOSPLIT, $0-8
	MOVQ     a+0(FP), AX
	MOVQ     lstmArgs_at(AX), BX
	MOVQ     lstmArgs_n(AX), CX
	MOVQ     lstmArgs_sums(AX), SI
	MOVQ     lstmArgs_wx(AX), DI
	MOVQ     lstmArgs_c(AX), R8
	MOVQ     lstmArgs_h(AX), R9
	MOVQ     lstmArgs_trace(AX), R10
	MOVQ     positionArgs_sigmoid(BX), R12
	MOVQ     positionArgs_tanh(BX), R13
	VPCMPEQD Y14, Y14, Y14
	VPSRLD   $17, Y14, Y12
	VPSLLD   $15, Y14, Y13
	VPSRLD   $16, Y14, Y14

block:
	// Quantize the products with h, add those with x: Y4 is y of i and f, Y5 of g and o, in the order 0-3 0-3 4-7 4-7.
	VMOVDQU    (SI), Y0
	VMOVDQU    32(SI), Y1
	VMOVDQU    64(SI), Y2
	VMOVDQU    96(SI), Y3
	VPSRAD     lstmArgs_shift+0(AX), Y0, Y0
	VPSRAD     lstmArgs_shift+16(AX), Y1, Y1
	VPSRAD     lstmArgs_shift+32(AX), Y2, Y2
	VPSRAD     lstmArgs_shift+48(AX), Y3, Y3
	VPACKSSDW  Y1, Y0, Y4
	VPACKSSDW  Y3, Y2, Y5
	VPERMQ     $0xD8, (DI), Y6
	VPERMQ     $0xD8, 32(DI), Y7
	VPADDSW    Y6, Y4, Y4
	VPADDSW    Y7, Y5, Y5

	// Doubling each 16-bit value widens it with itself in the upper half, from where the shift makes it an index.
	VPUNPCKLWD Y4, Y4, Y0
	VPUNPCKHWD Y4, Y4, Y1
	VPUNPCKLWD Y5, Y5, Y2
	VPUNPCKHWD Y5, Y5, Y3
	VPSRAD     positionArgs_sigmoidHigh(BX), Y0, Y0
	VPSRAD     positionArgs_sigmoidHigh(BX), Y1, Y1
	VPSRAD     positionArgs_tanhHigh(BX), Y2, Y2
	VPSRAD     positionArgs_sigmoidHigh(BX), Y3, Y3
	LOOKUP(R12, Y0, Y6)
	LOOKUP(R13, Y2, Y8)
	LOOKUP(R12, Y1, Y7)
	LOOKUP(R12, Y3, Y9)
	VPAND      Y14, Y6, Y6
	VPAND      Y14, Y7, Y7
	VPAND      Y14, Y9, Y9

	// Y10 is it*cct, Y11 ft*c, Y0 c_next, Y1 c_temp, Y2 h_next.
	VPMADDWD   Y8, Y6, Y10
	VPMADDWD   (R8), Y7, Y11
	VPSRAD     positionArgs_product(BX), Y10, Y10
	VPSRAD     $15, Y11, Y11
	VPADDD     Y10, Y11, Y0
	VPMINSD    Y12, Y0, Y0
	VPMAXSD    Y13, Y0, Y0
	VMOVDQU    Y0, (R8)
	VPSRAD     positionArgs_tanhIndex(BX), Y0, Y3
	LOOKUP(R13, Y3, Y1)
	VPMADDWD   Y1, Y9, Y2
	VPSRAD     positionArgs_product(BX), Y2, Y2
	VPACKSSDW  Y2, Y2, Y3
	VPERMQ     $0x08, Y3, Y3
	VMOVDQU    X3, (R9)
	TESTQ      R10, R10
	JNZ        trace

next:
	ADDQ $128, SI
	MOVQ lstmArgs_wxStride(AX), DX
	LEAQ (DI)(DX*2), DI
	MOVQ lstmArgs_cStride(AX), DX
	LEAQ (R8)(DX*4), R8
	MOVQ lstmArgs_hStride(AX), DX
	LEAQ (R9)(DX*2), R9
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET

trace:
	VMOVDQA Y0, Y15 // c_next, out of the way
	MOVQ    R10, R14
	MOVQ    lstmArgs_traceStride(AX), R11
	SHLQ    $1, R11
	LEAQ    (R11)(R11*2), R15
	TRACESUMS(0, lstmArgs_shift+0, lstmArgs_shift+16)
	TRACESUMS(32, lstmArgs_shift+32, lstmArgs_shift+48)
	PAIRUP(Y6, Y7, Y0)
	TRACE2(Y0, X0)
	VPSLLD  $16, Y8, Y8
	VPSRAD  $16, Y8, Y8
	PAIRUP(Y8, Y9, Y0)
	TRACE2(Y0, X0)
	PAIRUP(Y10, Y11, Y0)
	TRACE2(Y0, X0)
	VPSLLD  $16, Y1, Y1
	VPSRAD  $16, Y1, Y1
	PAIRUP(Y15, Y1, Y0)
	TRACE2(Y0, X0)
	PAIRUP(Y2, Y2, Y0)
	VMOVDQU X0, (R14)
	ADDQ    $16, R10
	JMP     next
