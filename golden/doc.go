// Package golden holds the references that a simulation is judged by.
//
// Exact computes a quantized model in integers, node by node as the graph says it, with nothing fused or skipped; what does not depend on h
// is worked out some steps ahead.
// It is written apart from the simulator and shares with it the formats and the tables of internal/fixed, and no other
// arithmetic: it never imports sim, and sim never imports it. Two programs that agree because they are the same program prove
// nothing.
//
// Float computes the float network in float64, as PyTorch's nn.LSTM and nn.GRU do, and yields the values under the node names
// of the quantized graph, so that both traces compare node by node.
package golden
