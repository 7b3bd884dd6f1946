// Package kernel is the inner loop of a quantized LSTM or GRU cell: many timesteps of many sequences, bit for bit equal to
// the integer datapath that docs/arithmetic.md defines.
//
// A cell is prepared once (NewLSTM, NewGRU) and then run any number of times, from any number of goroutines. Preparing
// looks at the fix positions. Where they are aligned as the quantizer's export leaves them (every sum, c and h at one
// position), the cell takes the fused path: weights packed into panels, the input half as one matrix product over many
// timesteps, 32-bit sums wherever the numbers prove them exact, the elementwise part in vector registers. Every other legal
// cell takes the general path, which is plain 64-bit arithmetic: slower and equal. Plan says which, and why.
//
// Each vector routine (AVX2 and AVX-512 VNNI on amd64, NEON on arm64) has a twin in plain Go, which is what runs on processors
// without AVX2, on other architectures, and with the build tag purego. Results depend neither on the routine, nor on the batch, nor on the number of threads.
//
// The package is a leaf: of the project it imports internal/fixed only.
package kernel
