// Package differential holds the simulator equal to the exact reference on random networks: cells of 1 to 80 units of both kinds,
// with any fix positions, widths, lengths, batches and initial states, run by every kernel that the processor has, traced and not,
// on any number of threads, in pieces and whole. A difference is shrunk to the smallest network that still shows it and saved as a
// case that `rnnsim verify` runs.
//
// What is compared with what is written here a second time, as plainly as can be, and shares nothing with package verify.
package differential
