// One lane: a multiplier with its accumulator, one quantizer, both tables, and the values of the unit that is being computed.
// An operation a cycle; the result stands on value until the next clock edge and is kept at that edge.
module lstm_lane
  import arith_pkg::*;
  import fault_pkg::*;
  import lane_pkg::*;
#(
    parameter int WEIGHT_BITS = 16,
    parameter int ACCUMULATOR_BITS = 48,
    parameter SIGMOID_FILE = "",
    parameter TANH_FILE = ""
) (
    input logic clk,
    input fault_t fault,  // NONE where the fault is elsewhere
    input operation_t operation,
    input logic [1:0] gate,
    input logic signed [7:0] shift,
    input logic signed [7:0] left_a,
    input logic signed [7:0] left_b,
    input logic [7:0] bits,
    // The product: acc <= (first ? 0 : acc) + weight * operand.
    input logic multiply,
    input logic first,
    input logic signed [WEIGHT_BITS-1:0] weight,
    input logic signed [15:0] operand,
    input logic signed [15:0] bias,
    // The state of the unit as it enters the step: h or c of the step before, then c on the cell's own grid.
    input logic signed [15:0] state,
    output logic signed [15:0] value,
    output logic saturated
);
  logic signed [ACCUMULATOR_BITS-1:0] accumulator;
  logic signed [15:0] x_linear, h_linear, sum, input_product, kept_product, c_next, c_tanh;
  logic signed [15:0] activation[0:3];
  logic x_saturated, right_of_table, left_of_table, reads_tanh;
  logic signed [63:0] wide;
  logic [16:0] quantized;
  logic [12:0] index;
  logic signed [15:0] looked_up;
  logic [15:0] sigmoid_data, tanh_data;
  logic [10:0] address;
  logic is_tanh;

  // Multiplier and accumulator.
  logic signed [ACCUMULATOR_BITS-1:0] product, total;
  always_comb begin
    product = ACCUMULATOR_BITS'(weight) * ACCUMULATOR_BITS'(operand);
    total = (first ? '0 : accumulator) + product;
    if (fault == ACCUMULATOR_24) total = ACCUMULATOR_BITS'($signed(total[23:0]));
  end
  always_ff @(posedge clk) if (multiply) accumulator <= total;

  // Tables: the index is formed in one cycle, the entry is there in the next.
  assign index = table_index(operation == LOOK_UP_C ? c_next : sum, left_a, fault);
  assign is_tanh = operation == LOOK_UP_C || gate == 2'd2 || (gate == 2'd3 && fault == TANH_FOR_SIGMOID);
  assign address = index[10:0];
  rom #(.WIDTH(16), .DEPTH(2048), .FILE(SIGMOID_FILE)) sigmoid (.clk, .address, .data(sigmoid_data));
  rom #(.WIDTH(16), .DEPTH(2048), .FILE(TANH_FILE)) tanh (.clk, .address, .data(tanh_data));
  always_ff @(posedge clk)
    if (operation == LOOK_UP || operation == LOOK_UP_C) begin
      {right_of_table, left_of_table} <= index[12:11];
      reads_tanh <= is_tanh;
    end
  always_comb begin
    looked_up = reads_tanh ? tanh_data : sigmoid_data;
    if (right_of_table) looked_up = 16'sh7fff;
    if (left_of_table) looked_up = reads_tanh ? 16'sh8000 : 16'sh0000;
  end

  // Operands of the quantizer.
  logic signed [63:0] wide_bias;
  always_comb begin
    wide_bias = 64'(bias);
    unique case (operation)
      STATE: wide = 64'(state);
      PRODUCT_X: begin
        wide = 64'(accumulator);
        if (fault == BIAS_BEFORE_SHIFT) wide = wide + shift_right(wide_bias <<< left_b, left_a - shift);
        if (fault == BIAS_UNALIGNED) wide = wide + wide_bias;
      end
      ADD_BIAS: begin
        wide = 64'(x_linear) <<< left_a;
        if (fault != BIAS_BEFORE_SHIFT && fault != BIAS_UNALIGNED && fault != BIAS_OMITTED) wide = wide + (wide_bias <<< left_b);
      end
      PRODUCT_H: wide = 64'(accumulator);
      SUM: wide = (64'(x_linear) <<< left_a) + (64'(h_linear) <<< left_b);
      ACTIVATE, ACTIVATE_C: wide = 64'(looked_up);
      INPUT_PRODUCT: wide = 64'(activation[0]) * 64'(activation[2]);
      KEPT_PRODUCT: wide = 64'(activation[1]) * 64'(state);
      NEXT_C: wide = (64'(input_product) <<< left_a) + (64'(kept_product) <<< left_b);
      NEXT_H: wide = 64'(activation[3]) * 64'(c_tanh);
      default: wide = 64'sd0;
    endcase
    // The sum with the bias goes back by what the product was aligned.
    quantized = quantize(wide, operation == ADD_BIAS ? left_a : shift, bits, fault);
  end
  assign value = quantized[15:0];
  assign saturated = quantized[16] | (operation == ADD_BIAS & x_saturated);

  always_ff @(posedge clk)
    unique case (operation)
      PRODUCT_X: begin
        x_linear <= value;
        x_saturated <= saturated;
      end
      ADD_BIAS: x_linear <= value;
      PRODUCT_H: h_linear <= value;
      SUM: sum <= value;
      ACTIVATE: activation[gate] <= value;
      INPUT_PRODUCT: input_product <= value;
      KEPT_PRODUCT: kept_product <= value;
      NEXT_C: c_next <= value;
      ACTIVATE_C: c_tanh <= value;
      default: ;
    endcase
endmodule
