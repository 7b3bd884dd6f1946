// Package rtl is a SystemVerilog LSTM cell that rnnsim verifies, with its benches; see README.md in this folder. Its only Go code is the
// co-simulation test.
package rtl
