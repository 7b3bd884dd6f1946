// Package dump is traces: the values of every node of every timestep, in memory and in the files they are written to and read
// from (Arrow, deploy_check text, npz).
//
// Everything that yields values is a Source, everything that takes them is a Sink; both stream, in bounded memory. The
// package imports nothing of the project but internal leaves.
package dump
