// Package selftest checks the checker: it flips single bits of traces, weights, tables, inputs, dumps and results, and shows that
// whatever reads or compares them finds each flip, at exactly its place, or that the flip cannot matter.
//
// What a flip does is judged here by plain code that has nothing in common with what is tested: where in a file a value lies is found
// by looking for its bytes, texts are read number by number, values are quantized in float64. A flip that is neither found nor proved
// harmless is a miss, and the report says how to repeat it.
package selftest
