//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// func finishNEON(out []int16, stride int, sums []int32, shift []int32, bias []int16, n, step int)
TEXT ·finishNEON(SB), NOSPLIT, $0-120
	MOVD out_base+0(FP), R0
	MOVD stride+24(FP), R1
	MOVD sums_base+32(FP), R2
	MOVD shift_base+56(FP), R3
	MOVD bias_base+80(FP), R4
	MOVD n+104(FP), R5
	MOVD step+112(FP), R6
	LSL  $1, R1, R1
	LSL  $4, R6, R6 // bytes of four shifts
	LSL  $2, R6, R7 // of 32 biases

panel:
	VLD1.P 64(R2), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	MOVD   R3, R8
	VLD1R.P 4(R8), [V16.S4]
	VLD1R.P 4(R8), [V17.S4]
	VLD1R.P 4(R8), [V18.S4]
	VLD1R.P 4(R8), [V19.S4]
	NEG_4S(16, 16)
	NEG_4S(17, 17)
	NEG_4S(18, 18)
	NEG_4S(19, 19)
	SSHL_4S(0, 0, 16)
	SSHL_4S(1, 1, 16)
	SSHL_4S(2, 2, 17)
	SSHL_4S(3, 3, 17)
	SSHL_4S(4, 4, 18)
	SSHL_4S(5, 5, 18)
	SSHL_4S(6, 6, 19)
	SSHL_4S(7, 7, 19)
	SQXTN_4H(20, 0)
	SQXTN2_8H(20, 1)
	SQXTN_4H(21, 2)
	SQXTN2_8H(21, 3)
	SQXTN_4H(22, 4)
	SQXTN2_8H(22, 5)
	SQXTN_4H(23, 6)
	SQXTN2_8H(23, 7)
	VLD1   (R4), [V24.H8, V25.H8, V26.H8, V27.H8]
	SQADD_8H(20, 20, 24)
	SQADD_8H(21, 21, 25)
	SQADD_8H(22, 22, 26)
	SQADD_8H(23, 23, 27)
	VST1   [V20.H8, V21.H8, V22.H8, V23.H8], (R0)
	ADD    R1, R0, R0
	ADD    R6, R3, R3
	ADD    R7, R4, R4
	SUBS   $1, R5, R5
	BNE    panel
	RET

// func cut8NEON(dst []int8, x []int16, shift int)
TEXT ·cut8NEON(SB), NOSPLIT, $0-56
	MOVD dst_base+0(FP), R0
	MOVD x_base+24(FP), R1
	MOVD x_len+32(FP), R2
	MOVD shift+48(FP), R3
	NEG  R3, R3
	VDUP R3, V1.H8
	LSR  $3, R2, R2
	CBZ  R2, done

eight:
	VLD1.P 16(R1), [V0.H8]
	SSHL_8H(0, 0, 1)
	SQXTN_8B(0, 0)
	VST1.P [V0.B8], 8(R0)
	SUBS   $1, R2, R2
	BNE    eight

done:
	RET

// func magnitudeNEON(x []int16) int
//
// As unsigned numbers, the absolute values include that of -32768.
TEXT ·magnitudeNEON(SB), NOSPLIT, $0-32
	MOVD x_base+0(FP), R1
	MOVD x_len+8(FP), R2
	VEOR V0.B16, V0.B16, V0.B16
	LSR  $3, R2, R2
	CBZ  R2, done

eight:
	VLD1.P 16(R1), [V1.H8]
	ABS_8H(1, 1)
	UMAX_8H(0, 0, 1)
	SUBS   $1, R2, R2
	BNE    eight
	UMAXV_8H(0, 0)

done:
	VMOV V0.H[0], R0
	MOVD R0, ret+24(FP)
	RET
