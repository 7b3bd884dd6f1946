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
  logic signed [ACCUMULATOR_BITS-1:0] product, total, narrow;
  assign product = ACCUMULATOR_BITS'(weight) * ACCUMULATOR_BITS'(operand);
  assign total = (first ? '0 : accumulator) + product;
  assign narrow = ACCUMULATOR_BITS'($signed(total[23:0]));
  always_ff @(posedge clk) if (multiply) accumulator <= fault == ACCUMULATOR_24 ? narrow : total;

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

  // Operands of the quantizer, sign extended.
  logic signed [63:0] w_accumulator, w_bias, w_early_bias, w_x, w_h, w_state, w_entry, w_it, w_ft, w_cct, w_ot, w_input, w_kept, w_tanh;
  assign w_accumulator = 64'(accumulator);
  assign w_bias = 64'(bias);
  assign w_early_bias = shift_right(w_bias <<< left_b, left_a - shift);
  assign w_x = 64'(x_linear);
  assign w_h = 64'(h_linear);
  assign w_state = 64'(state);
  assign w_entry = 64'(looked_up);
  assign w_it = 64'(activation[0]);
  assign w_ft = 64'(activation[1]);
  assign w_cct = 64'(activation[2]);
  assign w_ot = 64'(activation[3]);
  assign w_input = 64'(input_product);
  assign w_kept = 64'(kept_product);
  assign w_tanh = 64'(c_tanh);
  always_comb begin
    case (operation)
      STATE: wide = w_state;
      PRODUCT_X: begin
        wide = w_accumulator;
        if (fault == BIAS_BEFORE_SHIFT) wide = wide + w_early_bias;
        if (fault == BIAS_UNALIGNED) wide = wide + w_bias;
      end
      ADD_BIAS: begin
        wide = w_x <<< left_a;
        if (fault != BIAS_BEFORE_SHIFT && fault != BIAS_UNALIGNED && fault != BIAS_OMITTED) wide = wide + (w_bias <<< left_b);
      end
      PRODUCT_H: wide = w_accumulator;
      SUM: wide = (w_x <<< left_a) + (w_h <<< left_b);
      ACTIVATE, ACTIVATE_C: wide = w_entry;
      INPUT_PRODUCT: wide = w_it * w_cct;
      KEPT_PRODUCT: wide = w_ft * w_state;
      NEXT_C: wide = (w_input <<< left_a) + (w_kept <<< left_b);
      NEXT_H: wide = w_ot * w_tanh;
      default: wide = 64'sd0;
    endcase
  end
  // The sum with the bias goes back by what the product was aligned.
  assign quantized = quantize(wide, operation == ADD_BIAS ? left_a : shift, bits, fault);
  assign value = quantized[15:0];
  assign saturated = quantized[16] | (operation == ADD_BIAS & x_saturated);

  always_ff @(posedge clk)
    case (operation)
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
