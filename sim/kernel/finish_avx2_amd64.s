//go:build !purego

#include "textflag.h"

// func finishAVX2(out []int16, stride int, sums []int32, shift []int32, bias []int16, n, step int)
//
// VPACKSSDW saturates eight sums of each of two vectors to 16 bits, but lane by lane; VPERMQ $0xD8 brings them in order.
TEXT ·finishAVX2(SB), NOSPLIT, $0-120
	MOVQ out_base+0(FP), DI
	MOVQ stride+24(FP), DX
	MOVQ sums_base+32(FP), SI
	MOVQ shift_base+56(FP), R8
	MOVQ bias_base+80(FP), R9
	MOVQ n+104(FP), CX
	MOVQ step+112(FP), R10
	SHLQ $1, DX
	SHLQ $4, R10
	MOVQ R10, R11
	SHLQ $2, R11

loop:
	VPBROADCASTD (R8), Y4
	VPBROADCASTD 4(R8), Y5
	VPBROADCASTD 8(R8), Y6
	VPBROADCASTD 12(R8), Y7
	VMOVDQU      (SI), Y0
	VMOVDQU      32(SI), Y1
	VMOVDQU      64(SI), Y2
	VMOVDQU      96(SI), Y3
	VPSRAVD      Y4, Y0, Y0
	VPSRAVD      Y5, Y1, Y1
	VPSRAVD      Y6, Y2, Y2
	VPSRAVD      Y7, Y3, Y3
	VPACKSSDW    Y1, Y0, Y0
	VPACKSSDW    Y3, Y2, Y2
	VPERMQ       $0xD8, Y0, Y0
	VPERMQ       $0xD8, Y2, Y2
	VPADDSW      (R9), Y0, Y0
	VPADDSW      32(R9), Y2, Y2
	VMOVDQU      Y0, (DI)
	VMOVDQU      Y2, 32(DI)
	ADDQ         $128, SI
	ADDQ         DX, DI
	ADDQ         R10, R8
	ADDQ         R11, R9
	DECQ         CX
	JNZ          loop
	VZEROUPPER
	RET

// func cut8AVX2(dst []int8, x []int16, shift int)
TEXT ·cut8AVX2(SB), NOSPLIT, $0-56
	MOVQ    dst_base+0(FP), DI
	MOVQ    x_base+24(FP), SI
	MOVQ    x_len+32(FP), CX
	MOVQ    shift+48(FP), AX
	MOVQ    AX, X3
	SUBQ    $16, CX
	JLT     rest

loop:
	VMOVDQU   (SI), X0
	VMOVDQU   16(SI), X1
	VPSRAW    X3, X0, X0
	VPSRAW    X3, X1, X1
	VPACKSSWB X1, X0, X0
	VMOVDQU   X0, (DI)
	ADDQ      $32, SI
	ADDQ      $16, DI
	SUBQ      $16, CX
	JGE       loop

rest:
	ADDQ      $16, CX
	JZ        done
	VMOVDQU   (SI), X0
	VPSRAW    X3, X0, X0
	VPACKSSWB X0, X0, X0
	VMOVQ     X0, (DI)

done:
	RET

// func cut8OffsetAVX2(dst []int8, x []int16, shift int)
//
// As cut8AVX2, with 128 added to the results, unsigned.
TEXT ·cut8OffsetAVX2(SB), NOSPLIT, $0-56
	MOVQ     dst_base+0(FP), DI
	MOVQ     x_base+24(FP), SI
	MOVQ     x_len+32(FP), CX
	MOVQ     shift+48(FP), AX
	MOVQ     AX, X3
	VPCMPEQW X4, X4, X4
	VPSLLW   $15, X4, X4
	VPACKSSWB X4, X4, X4 // sixteen times -128
	SUBQ     $16, CX
	JLT      rest

loop:
	VMOVDQU   (SI), X0
	VMOVDQU   16(SI), X1
	VPSRAW    X3, X0, X0
	VPSRAW    X3, X1, X1
	VPACKSSWB X1, X0, X0
	VPXOR     X4, X0, X0
	VMOVDQU   X0, (DI)
	ADDQ      $32, SI
	ADDQ      $16, DI
	SUBQ      $16, CX
	JGE       loop

rest:
	ADDQ      $16, CX
	JZ        done
	VMOVDQU   (SI), X0
	VPSRAW    X3, X0, X0
	VPACKSSWB X0, X0, X0
	VPXOR     X4, X0, X0
	VMOVQ     X0, (DI)

done:
	RET

// func magnitudeAVX2(x []int16) int
//
// The magnitude of -32768 comes out of VPABSW as 32768 unsigned, and is compared so.
TEXT ·magnitudeAVX2(SB), NOSPLIT, $0-32
	MOVQ  x_base+0(FP), SI
	MOVQ  x_len+8(FP), CX
	VPXOR X0, X0, X0
	VPXOR X1, X1, X1
	SUBQ  $16, CX
	JLT   rest

loop:
	VPABSW  (SI), X2
	VPABSW  16(SI), X3
	VPMAXUW X2, X0, X0
	VPMAXUW X3, X1, X1
	ADDQ    $32, SI
	SUBQ    $16, CX
	JGE     loop

rest:
	ADDQ    $16, CX
	JZ      done
	VPABSW  (SI), X2
	VPMAXUW X2, X0, X0

done:
	// VPHMINPOSUW finds the smallest of eight, so look for the smallest complement.
	VPMAXUW     X1, X0, X0
	VPCMPEQW    X1, X1, X1
	VPXOR       X1, X0, X0
	VPHMINPOSUW X0, X0
	VMOVD       X0, AX
	NOTL        AX
	MOVWLZX     AX, AX
	MOVQ        AX, ret+24(FP)
	RET
