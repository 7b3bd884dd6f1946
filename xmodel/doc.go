// Package xmodel reads, checks, builds and writes .xmodel files: the graphs of quantized RNN cells in XIR's container, and the
// compiled RNN models of the accelerator.
//
// A graph is one timestep of one cell, exactly as the file says it. Parse and ReadFile give only graphs that Validate accepts;
// what is odd in them and does no harm is told by Oddities. ReadModel puts the graphs of a network in order. Build makes the
// graph of an LSTM or GRU cell from its parameters and formats, op for op as the vendor's quantizer writes it. ReadCompiled
// opens what the vendor's compiler wrote.
//
// Files are untrusted. Before anything is decoded, a scan over the bytes bounds every length, the nesting and the memory that
// decoding will need, so that no file can make the reader panic, hang, or take memory out of proportion to its size.
//
// Of the project it imports fixed, for formats, and internal leaves.
package xmodel
