//go:build !purego

#include "textflag.h"

// func splitAVX2(hi, lo, x []int16)
//
// lo is the low byte with its sign; hi is x >> 8, and one more where lo is negative.
TEXT ·splitAVX2(SB), NOSPLIT, $0-72
	MOVQ hi_base+0(FP), DI
	MOVQ lo_base+24(FP), SI
	MOVQ x_base+48(FP), DX
	MOVQ x_len+56(FP), CX
	SHRQ $3, CX
	JZ   splitDone

split:
	VMOVDQU (DX), X0
	VPSLLW  $8, X0, X1
	VPSRAW  $8, X1, X1
	VPSRAW  $8, X0, X0
	VPSRLW  $15, X1, X2
	VPADDW  X2, X0, X0
	VMOVDQU X1, (SI)
	VMOVDQU X0, (DI)
	ADDQ    $16, DX
	ADDQ    $16, SI
	ADDQ    $16, DI
	DECQ    CX
	JNZ     split

splitDone:
	RET

// func foldAVX2(total, hi, lo []int32)
//
// BX is the second half of the total. The lengths are multiples of eight.
TEXT ·foldAVX2(SB), NOSPLIT, $0-72
	MOVQ total_base+0(FP), DI
	MOVQ hi_base+24(FP), SI
	MOVQ hi_len+32(FP), CX
	MOVQ lo_base+48(FP), DX
	LEAQ (DI)(CX*4), BX
	SHRQ $3, CX
	JZ   foldDone

fold:
	VMOVDQU (SI), Y0
	VMOVDQU (DX), Y1
	VPSLLD  $8, Y0, Y2
	VPADDD  Y1, Y2, Y2
	VPADDD  (DI), Y2, Y2
	VPSRAD  $8, Y1, Y1
	VPADDD  Y1, Y0, Y0
	VPSRAD  $8, Y0, Y0
	VPADDD  (BX), Y0, Y0
	VMOVDQU Y2, (DI)
	VMOVDQU Y0, (BX)
	ADDQ    $32, SI
	ADDQ    $32, DX
	ADDQ    $32, DI
	ADDQ    $32, BX
	DECQ    CX
	JNZ     fold

foldDone:
	VZEROUPPER
	RET

// func settleAVX2(sums, total []int32)
//
// Y8 is 32767, Y9 -32768, Y10 the largest and Y11 the smallest int32.
TEXT ·settleAVX2(SB), NOSPLIT, $0-48
	MOVQ     sums_base+0(FP), DI
	MOVQ     total_base+24(FP), SI
	MOVQ     total_len+32(FP), CX
	SHRQ     $1, CX
	LEAQ     (SI)(CX*4), BX
	SHRQ     $3, CX
	JZ       settleDone
	VPCMPEQD Y10, Y10, Y10
	VPSRLD   $17, Y10, Y8
	VPSLLD   $15, Y10, Y9
	VPSLLD   $31, Y10, Y11
	VPSRLD   $1, Y10, Y10

settle:
	VMOVDQU   (SI), Y0
	VMOVDQU   (BX), Y1
	VPSLLD    $16, Y1, Y2
	VPSUBD    Y2, Y0, Y2
	VPSRLD    $16, Y2, Y2
	VPADDD    Y1, Y2, Y2
	VPCMPGTD  Y8, Y2, Y3
	VPBLENDVB Y3, Y10, Y0, Y0
	VPCMPGTD  Y2, Y9, Y3
	VPBLENDVB Y3, Y11, Y0, Y0
	VMOVDQU   Y0, (DI)
	ADDQ      $32, SI
	ADDQ      $32, BX
	ADDQ      $32, DI
	DECQ      CX
	JNZ       settle

settleDone:
	VZEROUPPER
	RET
