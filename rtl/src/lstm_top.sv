// The cell with the constants of a generated package (rnnsim_cell0_pkg, or what CELL_PKG is defined as). FAULT switches a fault on for
// good; a simulation that sets RUNTIME_FAULTS chooses it by the ports instead.
`ifndef CELL_PKG
`define CELL_PKG rnnsim_cell0_pkg
`endif
module lstm_top
  import fault_pkg::*;
  import `CELL_PKG::*;
#(
    parameter logic [5:0] FAULT = 6'd0,
    parameter logic [5:0] FAULT_NODE = 6'd63,
    parameter bit RUNTIME_FAULTS = 1'b0
) (
    input logic clk,
    input logic reset,
    input logic [5:0] fault_select,
    input logic [5:0] fault_node,
    input logic x_valid,
    output logic x_ready,
    input logic signed [X_BITS-1:0] x_data,
    input logic x_first,
    output logic h_valid,
    input logic h_ready,
    output logic signed [15:0] h_data,
    output logic h_last,
    output logic [NODES-1:0] h_saturated,
    output logic probe_valid,
    output logic [4:0] probe_node,
    output logic [15:0] probe_unit,
    output logic [15:0] probe_count,
    output logic [LANES*16-1:0] probe_values,
    output logic [LANES-1:0] probe_saturated,
    output logic cut_valid,
    output logic [4:0] cut_node,
    output logic [15:0] cut_unit,
    output logic [15:0] cut_value,
    output logic cut_saturated
);
  lstm_cell #(
      .INPUT(INPUT), .HIDDEN(HIDDEN), .LANES(LANES), .WEIGHT_BITS(WEIGHT_BITS), .X_BITS(X_BITS), .NODES(NODES),
      .NODE_SHIFT(NODE_SHIFT), .NODE_LEFT_A(NODE_LEFT_A), .NODE_LEFT_B(NODE_LEFT_B), .NODE_BITS(NODE_BITS),
      .WEIGHTS_FILE(WEIGHTS_FILE), .BIASES_FILE(BIASES_FILE), .SIGMOID_FILE(SIGMOID_FILE), .TANH_FILE(TANH_FILE)
  ) cell_0 (
      .clk, .reset,
      .fault(RUNTIME_FAULTS ? fault_select : FAULT), .fault_node(RUNTIME_FAULTS ? fault_node : FAULT_NODE),
      .x_valid, .x_ready, .x_data, .x_first, .h_valid, .h_ready, .h_data, .h_last, .h_saturated,
      .probe_valid, .probe_node, .probe_unit, .probe_count, .probe_values, .probe_saturated,
      .cut_valid, .cut_node, .cut_unit, .cut_value, .cut_saturated);
endmodule
