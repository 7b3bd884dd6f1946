// Package compile goes between the two levels of the simulator: Compile makes instruction streams and a weight blob of a quantized
// model, Lift recovers the quantized model from them and proves that they compute it.
//
// The proof is symbolic. Blocks of 16 values are followed through memory and banks as expressions of the step's x, of the state
// and of the constants in the weight blob; what a step of the stream leaves behind must be the expression that the cell graph says,
// block by block, the first step as its specialisation to h = c = 0. No value is tried out: the statement holds for every input.
//
// What the instructions mean, and how far that is proven, is documented in docs/accelerator.md. Streams for several layers and for
// backward cells follow what the vendor's sources say of them; no compiled file of that form is known.
package compile
