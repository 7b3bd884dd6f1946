// Package coverage says how much of a quantized model's datapath a stimulus exercises: which functional bins of each node it
// hits (saturations, remainders of the floor, signs of products, table segments), which no input can hit, by interval analysis,
// and which remain to be hit.
package coverage
