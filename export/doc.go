// Package export writes what a hardware test bench loads and reads what it yields.
//
// WriteRTL makes a folder of $readmemh files: parameters, tables, stimuli and the expected values of every node of every step,
// with a manifest (JSON) and a SystemVerilog package of sizes, fix positions and shifts. OpenHex reads such a folder, or one
// that a bench filled in its manner, as a trace.
//
// NewVCDSink writes a trace as a waveform; OpenVCD takes a trace out of a waveform by a map of signals.
//
// NewProtocolWriter and OpenProtocol are the two ends of the text protocol of docs/protocol.md, by which a device in any
// language is driven through a pipe.
//
// What comes from outside is not trusted: memory is bounded by the bytes that are there, and an error names the file, the line and
// the remedy. Of the project the package imports fixed, xmodel and dump, and internal leaves.
package export
