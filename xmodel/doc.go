// Package xmodel holds a cell's graph in memory, reads and writes it as an XIR file (.xmodel), and validates it.
//
// A graph is one timestep of one layer in one direction: ops in topological order with inputs, attributes, shapes, fix
// positions and bit widths; exactly what the file says. A Model is the graphs of one quantized network in execution order.
// Compiled models, which hold an instruction stream instead of a graph, are read by the same package.
package xmodel
