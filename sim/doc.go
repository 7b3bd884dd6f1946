// Package sim runs quantized cells: a graph is compiled into a plan, and the plan is run over sequences.
//
// Bit-exact means equal to the integer datapath of docs/arithmetic.md for every input. Results do not depend on the number of
// threads, the batch, the kernel or the machine.
package sim
