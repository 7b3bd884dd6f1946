// Package dump is traces: the values of every node of every timestep, in memory and in the files they are written to and read
// from (Arrow, deploy_check text, npz).
//
// Everything that yields values is a Source, everything that takes them is a Sink. Both stream, in memory that does not grow
// with the trace; only the npz source holds all values, and says so. What a sink writes appears under its name when it is whole, on Close,
// and not before; after Abort, or an error of Close, nothing is left. A source that reads files of several cells yields
// the first sequence of each cell, cell after cell, then the second, and so on.
//
// An Arrow trace holds everything and is the form to keep. A deploy_check folder is the vendor's: one sequence, text, a file
// a node. Its fix positions are derived from the text, or given by the model. An npz file is for numpy.
//
// Files are not trusted. A length that a file states is held against the bytes that are there before it is used; an error
// names the file, the place in it and the remedy.
//
// The package imports nothing of the project but internal leaves.
package dump
