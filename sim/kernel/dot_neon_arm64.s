//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// Products of one panel with one row of inputs. A group of inputs is 32 bits, spread over V24; its weights, 128 bytes, are V16 to
// V23. Each register of weights feeds two registers of sums, which hold a row's products of one half of the group each, so that
// neighbours need to be added only once, at the end.
//
// R0 sums, R1 weights, R2 inputs, R3 groups left.

#define ZEROALL \
	VEOR V0.B16, V0.B16, V0.B16;    \
	VEOR V1.B16, V1.B16, V1.B16;    \
	VEOR V2.B16, V2.B16, V2.B16;    \
	VEOR V3.B16, V3.B16, V3.B16;    \
	VEOR V4.B16, V4.B16, V4.B16;    \
	VEOR V5.B16, V5.B16, V5.B16;    \
	VEOR V6.B16, V6.B16, V6.B16;    \
	VEOR V7.B16, V7.B16, V7.B16;    \
	VEOR V8.B16, V8.B16, V8.B16;    \
	VEOR V9.B16, V9.B16, V9.B16;    \
	VEOR V10.B16, V10.B16, V10.B16; \
	VEOR V11.B16, V11.B16, V11.B16; \
	VEOR V12.B16, V12.B16, V12.B16; \
	VEOR V13.B16, V13.B16, V13.B16; \
	VEOR V14.B16, V14.B16, V14.B16; \
	VEOR V15.B16, V15.B16, V15.B16

#define LOADGROUP \
	VLD1.P  64(R1), [V16.B16, V17.B16, V18.B16, V19.B16]; \
	VLD1.P  64(R1), [V20.B16, V21.B16, V22.B16, V23.B16]; \
	VLD1R.P 4(R2), [V24.S4]

// ADDSUMS adds neighbouring lanes of V0 to V15 and adds the 32 totals to the sums at R0.
#define ADDSUMS \
	VADDP  V1.S4, V0.S4, V0.S4;                      \
	VADDP  V3.S4, V2.S4, V1.S4;                      \
	VADDP  V5.S4, V4.S4, V2.S4;                      \
	VADDP  V7.S4, V6.S4, V3.S4;                      \
	VADDP  V9.S4, V8.S4, V4.S4;                      \
	VADDP  V11.S4, V10.S4, V5.S4;                    \
	VADDP  V13.S4, V12.S4, V6.S4;                    \
	VADDP  V15.S4, V14.S4, V7.S4;                    \
	ADD    $64, R0, R4;                              \
	VLD1   (R0), [V16.S4, V17.S4, V18.S4, V19.S4];   \
	VLD1   (R4), [V20.S4, V21.S4, V22.S4, V23.S4];   \
	VADD   V16.S4, V0.S4, V0.S4;                     \
	VADD   V17.S4, V1.S4, V1.S4;                     \
	VADD   V18.S4, V2.S4, V2.S4;                     \
	VADD   V19.S4, V3.S4, V3.S4;                     \
	VADD   V20.S4, V4.S4, V4.S4;                     \
	VADD   V21.S4, V5.S4, V5.S4;                     \
	VADD   V22.S4, V6.S4, V6.S4;                     \
	VADD   V23.S4, V7.S4, V7.S4;                     \
	VST1   [V0.S4, V1.S4, V2.S4, V3.S4], (R0);       \
	VST1   [V4.S4, V5.S4, V6.S4, V7.S4], (R4)

// SIXTEEN multiplies eight weights of 16 bits, of four rows.
#define SIXTEEN(w, low, high) \
	SMLAL_4S(low, w, 24);   \
	SMLAL2_4S(high, w, 24)

// EIGHT multiplies sixteen weights of 8 bits, of four rows. -128·-128 still fits in 16 bits.
#define EIGHT(w, low, high) \
	SMULL_8H(25, w, 24);  \
	SMULL2_8H(26, w, 24); \
	SADALP_4S(low, 25);   \
	SADALP_4S(high, 26)

// WIDE multiplies eight weights of 16 bits; each sum of 64 bits is a row of its own.
#define WIDE(w, low, high) \
	SMULL_4S(25, w, 24);  \
	SMULL2_4S(26, w, 24); \
	SADALP_2D(low, 25);   \
	SADALP_2D(high, 26)

// GROUP multiplies one group of inputs with the weights of all rows.
#define GROUP(multiply) \
	LOADGROUP;            \
	multiply(16, 0, 1);   \
	multiply(17, 2, 3);   \
	multiply(18, 4, 5);   \
	multiply(19, 6, 7);   \
	multiply(20, 8, 9);   \
	multiply(21, 10, 11); \
	multiply(22, 12, 13); \
	multiply(23, 14, 15)

// func addPanel16NEON(sums []int32, w, x []int16, groups int)
TEXT ·addPanel16NEON(SB), NOSPLIT, $0-80
	MOVD sums_base+0(FP), R0
	MOVD w_base+24(FP), R1
	MOVD x_base+48(FP), R2
	MOVD groups+72(FP), R3
	ZEROALL

group:
	GROUP(SIXTEEN)
	SUBS $1, R3, R3
	BNE  group
	ADDSUMS
	RET

// func addPanel8NEON(sums []int32, w, x []int8, groups int)
TEXT ·addPanel8NEON(SB), NOSPLIT, $0-80
	MOVD sums_base+0(FP), R0
	MOVD w_base+24(FP), R1
	MOVD x_base+48(FP), R2
	MOVD groups+72(FP), R3
	ZEROALL

group:
	GROUP(EIGHT)
	SUBS $1, R3, R3
	BNE  group
	ADDSUMS
	RET

// func widePanel16NEON(sums []int32, w, x []int16, groups int)
TEXT ·widePanel16NEON(SB), NOSPLIT, $0-80
	MOVD sums_base+0(FP), R0
	MOVD w_base+24(FP), R1
	MOVD x_base+48(FP), R2
	MOVD groups+72(FP), R3
	ZEROALL

group:
	GROUP(WIDE)
	SUBS $1, R3, R3
	BNE  group
	SQXTN_2S(16, 0)
	SQXTN2_4S(16, 1)
	SQXTN_2S(17, 2)
	SQXTN2_4S(17, 3)
	SQXTN_2S(18, 4)
	SQXTN2_4S(18, 5)
	SQXTN_2S(19, 6)
	SQXTN2_4S(19, 7)
	SQXTN_2S(20, 8)
	SQXTN2_4S(20, 9)
	SQXTN_2S(21, 10)
	SQXTN2_4S(21, 11)
	SQXTN_2S(22, 12)
	SQXTN2_4S(22, 13)
	SQXTN_2S(23, 14)
	SQXTN2_4S(23, 15)
	VST1.P [V16.S4, V17.S4, V18.S4, V19.S4], 64(R0)
	VST1   [V20.S4, V21.S4, V22.S4, V23.S4], (R0)
	RET
