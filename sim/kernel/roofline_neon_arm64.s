//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// func peakNEON(rounds int) int
//
// A round is sixteen instructions of four products each, which depend on nothing but their own sum.
TEXT ·peakNEON(SB), NOSPLIT, $0-16
	MOVD rounds+0(FP), R0
	LSL  $6, R0, R1
	MOVD R1, ret+8(FP)
	VEOR V16.B16, V16.B16, V16.B16

round:
	SMLAL_4S(0, 16, 16)
	SMLAL2_4S(1, 16, 16)
	SMLAL_4S(2, 16, 16)
	SMLAL2_4S(3, 16, 16)
	SMLAL_4S(4, 16, 16)
	SMLAL2_4S(5, 16, 16)
	SMLAL_4S(6, 16, 16)
	SMLAL2_4S(7, 16, 16)
	SMLAL_4S(8, 16, 16)
	SMLAL2_4S(9, 16, 16)
	SMLAL_4S(10, 16, 16)
	SMLAL2_4S(11, 16, 16)
	SMLAL_4S(12, 16, 16)
	SMLAL2_4S(13, 16, 16)
	SMLAL_4S(14, 16, 16)
	SMLAL2_4S(15, 16, 16)
	SUBS $1, R0, R0
	BNE  round
	RET

// func readNEON(p []int16)
TEXT ·readNEON(SB), NOSPLIT, $0-24
	MOVD p_base+0(FP), R0
	MOVD p_len+8(FP), R1
	LSR  $7, R1, R1 // 256 bytes

lines:
	VLD1.P 64(R0), [V0.B16, V1.B16, V2.B16, V3.B16]
	VLD1.P 64(R0), [V4.B16, V5.B16, V6.B16, V7.B16]
	VLD1.P 64(R0), [V8.B16, V9.B16, V10.B16, V11.B16]
	VLD1.P 64(R0), [V12.B16, V13.B16, V14.B16, V15.B16]
	SUBS $1, R1, R1
	BNE  lines
	RET
