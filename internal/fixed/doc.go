// Package fixed is the integer arithmetic of the quantized cell: formats, arithmetic shifts, saturation, the rounding methods
// and the two activation tables.
//
// A value is an integer q with a fix position p; it stands for the real number q / 2^p. Every function here is pure and works
// on integers; floating point appears only in the conversions at the edge (Quantize, Real) and in the formulas that the
// tables are built from.
//
// It is a leaf: it imports nothing of the project. It is also the only arithmetic that the simulator and the exact reference
// share, and of it they share the formats and the tables only.
package fixed
