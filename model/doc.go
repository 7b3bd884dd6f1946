// Package model holds a float recurrent network in memory, and a reader for each file format that such networks come in.
//
// Readers convert to one canonical form: PyTorch's gate order (i, f, g, o for an LSTM; r, z, n for a GRU), row-major weights
// of shape [gates × hidden, input]. Nothing downstream knows where a network came from.
//
// It imports nothing of the project but internal leaves.
package model
