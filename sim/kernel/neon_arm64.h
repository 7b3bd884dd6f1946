// Instructions that Go's assembler for arm64 has no names for, by their encodings in the Arm Architecture Reference Manual (A64,
// Advanced SIMD). Registers are given by number: the destination d, the operands n and m.

#define SMLAL_4S(d, n, m) WORD $(0x0E608000 | (m << 16) | (n << 5) | d)  // d += n·m, the low four of 16 bits
#define SMLAL2_4S(d, n, m) WORD $(0x4E608000 | (m << 16) | (n << 5) | d) // the high four
#define SMULL_4S(d, n, m) WORD $(0x0E60C000 | (m << 16) | (n << 5) | d)
#define SMULL2_4S(d, n, m) WORD $(0x4E60C000 | (m << 16) | (n << 5) | d)
#define SMULL_8H(d, n, m) WORD $(0x0E20C000 | (m << 16) | (n << 5) | d)  // d = n·m, the low eight of 8 bits
#define SMULL2_8H(d, n, m) WORD $(0x4E20C000 | (m << 16) | (n << 5) | d)
#define SADALP_4S(d, n) WORD $(0x4E606800 | (n << 5) | d)                // d += sums of neighbours of 16 bits
#define SADALP_2D(d, n) WORD $(0x4EA06800 | (n << 5) | d)                // of 32 bits
#define SQXTN_2S(d, n) WORD $(0x0EA14800 | (n << 5) | d)                 // 64 bits saturated to 32, into the low half
#define SQXTN2_4S(d, n) WORD $(0x4EA14800 | (n << 5) | d)                // into the high half
#define SQXTN_4H(d, n) WORD $(0x0E614800 | (n << 5) | d)                 // 32 bits to 16
#define SQXTN2_8H(d, n) WORD $(0x4E614800 | (n << 5) | d)
#define SQXTN_8B(d, n) WORD $(0x0E214800 | (n << 5) | d)                 // 16 bits to 8
#define SQADD_8H(d, n, m) WORD $(0x4E600C00 | (m << 16) | (n << 5) | d)
#define SSHL_4S(d, n, m) WORD $(0x4EA04400 | (m << 16) | (n << 5) | d)   // shift by m, to the right where it is negative
#define SSHL_8H(d, n, m) WORD $(0x4E604400 | (m << 16) | (n << 5) | d)
#define NEG_4S(d, n) WORD $(0x6EA0B800 | (n << 5) | d)
#define ABS_8H(d, n) WORD $(0x4E60B800 | (n << 5) | d)
#define UMAX_8H(d, n, m) WORD $(0x6E606400 | (m << 16) | (n << 5) | d)
#define UMAXV_8H(d, n) WORD $(0x6E70A800 | (n << 5) | d)                 // the largest of all lanes
