// Package ipc reads Arrow IPC files, of the kind that a trace is made of, from a file that may be broken or hostile.
//
// The Arrow library takes the lengths in a file at their word: a damaged block length or schema makes it allocate until the
// process dies, which no caller can catch. This reader checks each length against the bytes that are really there before it
// uses it, holds no more than what it is asked for, and reads any window of rows of a column without the rest of its batch.
// It knows columns of numbers and of fixed-size lists of numbers, without nulls and dictionaries.
//
// The format is Arrow's columnar format, version 1.0, section "IPC File Format", with the FlatBuffers schemas Schema.fbs,
// Message.fbs and File.fbs. The package is a leaf of the project.
package ipc
