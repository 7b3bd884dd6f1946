// Package quant turns a float network into its quantized form: it calibrates (searches a fix position for every tensor on
// real sequences), exports the positions as quant_info.json, and builds the quantized graph of every cell.
//
// Calibration runs in float32 with "fake quantized" values, in the order of operations of the original quantizer, because its
// results depend on both: a position is the outcome of sums of float32 squares, compared with one another. The tests hold
// every search equal to a slow second implementation, and every recorded calibration equal position for position.
//
// It imports fixed, model and xmodel.
package quant
