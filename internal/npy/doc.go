// Package npy reads and writes NumPy's array files: .npy (format versions 1.0 to 3.0) and .npz (a zip archive of .npy files).
//
// Booleans, signed and unsigned integers of 1 to 8 bytes, and floats of 2, 4 and 8 bytes are read, of either byte order, in C
// or Fortran order; in memory they are always in C order, and float16 becomes float32, which holds each of its values.
// Written files are little endian, C order, version 1.0, and the same arrays always give the same bytes. Object and
// structured arrays are refused: the former hold a pickle, which can run code in the reader.
//
// No memory is taken on the word of a header: an array is decoded as its bytes arrive, and an archive that inflates beyond
// all reason is refused (see internal/safezip).
//
// The format is NumPy's NEP 1 (numpy.lib.format). Of the project only leaves are imported.
package npy
