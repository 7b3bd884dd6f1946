// Package sim runs quantized cells: a model's graphs are compiled into a plan, and the plan is run over sequences.
//
// A graph may be any cell made of const, data, fix, matmul, add, sub, mul, sigmoid and tanh. It runs node by node, a node
// being an op together with the fix op that quantizes its result. A graph that is a standard LSTM or GRU cell by its wiring,
// whatever its ops are called, is handed to the fused kernels of sim/kernel instead; Plan.Kernels says which cell runs how.
//
// Bit-exact means equal to the integer datapath of docs/arithmetic.md for every input. Results do not depend on the number of
// threads, the batch, the kernel or the machine, nor on how a sequence is cut into pieces (Stream).
package sim
