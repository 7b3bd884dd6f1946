// Package hdf5 reads HDF5 files: their groups, attributes and datasets of numbers and strings, as Keras and h5py write them.
// It is a leaf: it imports nothing of the project but other leaves.
//
// What it knows of the format (The HDF Group, "HDF5 File Format Specification", version 3.0): superblocks 0 to 3; object
// headers 1 and 2; groups as symbol tables and as links, compact and dense; attributes compact and dense; contiguous, compact
// and chunked datasets with every chunk index of version 1.10; the filters gzip, shuffle and fletcher32; integers, IEEE
// floats of 16, 32 and 64 bits and bfloat16, and strings of fixed and variable length. Soft links are followed inside the file; links
// to other files are not.
//
// A file is taken to be hostile. Every address and length is held against the bytes that are there, every checksum is verified,
// no block is visited twice on one walk, and all that is read or decoded of one [File] may together be at most [MaxBytes] of
// its size, so that neither overlapping blocks nor compression make a small file large.
package hdf5
