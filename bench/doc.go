// Package bench measures how fast a machine runs quantized LSTMs and GRUs of given shapes, with random weights, beside the
// limit that it finds on the same machine (sim/kernel's roofline).
//
// The random numbers are integers from a generator that is the same everywhere, so that a workload gives the same output, and
// the same checksum, on every machine, by every kernel, with any number of threads.
//
// The measurement against other programs is bench/run.sh with bench/compare; README.md has its results.
package bench
