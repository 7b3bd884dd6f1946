// Package machine is the RNN accelerator: it executes compiled models instruction by instruction, on the memories that they
// address, and to the bit. Beside that functional model stand two others, which run no data: a checker of the dependency tokens
// (CheckTokens), and a timing model, whose figures are estimates (Estimate).
//
// What is proven of the instructions, and what is only read or inferred, is marked in docs/accelerator.md.
package machine
