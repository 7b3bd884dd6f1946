package vectors

import "embed"

// Embedded is two of the shipped cases, as far as a binary needs them to test itself away from its sources: the quantized graphs and
// the test sequences of digits-lstm16 (16-bit weights) and of digits-gru8 (8-bit).
//
//go:embed digits-lstm16/xmodel digits-lstm16/x_test.npy digits-gru8/xmodel digits-gru8/x_test.npy
var Embedded embed.FS
