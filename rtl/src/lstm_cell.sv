// An LSTM cell: takes x feature by feature, computes a timestep unit by unit with LANES multipliers, gives h unit by unit, and
// keeps h and c for the next timestep. Units are computed in groups of LANES; a group goes through its four gates one after
// another, then through the products of the new state.
module lstm_cell
  import arith_pkg::*;
  import fault_pkg::*;
  import lane_pkg::*;
#(
    parameter int INPUT = 8,
    parameter int HIDDEN = 32,
    parameter int LANES = 16,
    parameter int WEIGHT_BITS = 16,
    parameter int X_BITS = 32,
    parameter int NODES = 32,
    // A byte a node: see the generated package.
    parameter logic [NODES*8-1:0] NODE_SHIFT = '0,
    parameter logic [NODES*8-1:0] NODE_LEFT_A = '0,
    parameter logic [NODES*8-1:0] NODE_LEFT_B = '0,
    parameter logic [NODES*8-1:0] NODE_BITS = '0,
    parameter WEIGHTS_FILE = "",
    parameter BIASES_FILE = "",
    parameter SIGMOID_FILE = "",
    parameter TANH_FILE = ""
) (
    input logic clk,
    input logic reset,
    input fault_t fault,
    input logic [5:0] fault_node,

    // x, a feature a beat. x_first with the first feature sets the state back to zero before the step.
    input logic x_valid,
    output logic x_ready,
    input logic signed [X_BITS-1:0] x_data,
    input logic x_first,

    // h, a unit a beat, with the nodes in which a value of this step was saturated.
    output logic h_valid,
    input logic h_ready,
    output logic signed [15:0] h_data,
    output logic h_last,
    output logic [NODES-1:0] h_saturated,

    // What every node holds, for verification: probe_count values of units from probe_unit on.
    output logic probe_valid,
    output logic [4:0] probe_node,
    output logic [15:0] probe_unit,
    output logic [15:0] probe_count,
    output logic [LANES*16-1:0] probe_values,
    output logic [LANES-1:0] probe_saturated,
    // The operand of the products, where it is narrower than x and h.
    output logic cut_valid,
    output logic [4:0] cut_node,
    output logic [15:0] cut_unit,
    output logic [15:0] cut_value,
    output logic cut_saturated
);
  localparam int GROUPS = (HIDDEN + LANES - 1) / LANES;
  localparam int COLUMNS = INPUT + HIDDEN;
  localparam int LONGEST = INPUT > HIDDEN ? INPUT : HIDDEN;
  localparam int ACCUMULATOR_BITS = 16 + WEIGHT_BITS + $clog2(LONGEST + 1);
  localparam int WEIGHT_WORDS = GROUPS * 4 * COLUMNS;
  localparam int BIAS_WORDS = GROUPS * 4;
  localparam int WEIGHT_ADDRESS_BITS = $clog2(WEIGHT_WORDS);
  localparam int BIAS_ADDRESS_BITS = $clog2(BIAS_WORDS);
  localparam int WIDTH = LANES * 16;
  localparam int GROUP_BITS = GROUPS > 1 ? $clog2(GROUPS) : 1;
  localparam int INPUT_BITS = INPUT > 1 ? $clog2(INPUT) : 1;

  typedef enum logic [4:0] {
    LOAD,
    ENTER_H,
    ENTER_C,
    MULTIPLY_X,
    DRAIN_X,
    QUANTIZE_X,
    BIAS_X,
    MULTIPLY_H,
    DRAIN_H,
    QUANTIZE_H,
    ADD,
    INDEX,
    ENTRY,
    MULTIPLY_IG,
    MULTIPLY_FC,
    ADD_C,
    INDEX_C,
    ENTRY_C,
    MULTIPLY_OC,
    SEND
  } state_t;

  state_t state;
  int unsigned column, group, lane_of_column, group_of_column;
  logic [GROUP_BITS-1:0] this_group;
  logic [1:0] gate;
  logic starts, step_zero, bank;

  logic signed [15:0] x_buffer[0:INPUT-1];
  logic [WIDTH-1:0] h_banks[0:2*GROUPS-1];
  logic [WIDTH-1:0] h_entered[0:GROUPS-1];
  logic [WIDTH-1:0] c_kept[0:GROUPS-1];
  logic [WIDTH-1:0] c_entered[0:GROUPS-1];

  assign this_group = group[GROUP_BITS-1:0];

  // The node and the lanes' operation of each state.
  operation_t operation;
  logic [4:0] node;
  logic emits;
  always_comb begin
    operation = IDLE;
    node = 5'd0;
    emits = 1'b1;
    case (state)
      ENTER_H: {operation, node} = {STATE, 5'd1};
      ENTER_C: {operation, node} = {STATE, 5'd2};
      QUANTIZE_X: {operation, node, emits} = {PRODUCT_X, 5'd3 + 5'd3 * 5'(gate), 1'b0};
      BIAS_X: {operation, node} = {ADD_BIAS, 5'd3 + 5'd3 * 5'(gate)};
      QUANTIZE_H: {operation, node} = {PRODUCT_H, 5'd4 + 5'd3 * 5'(gate)};
      ADD: {operation, node} = {SUM, 5'd5 + 5'd3 * 5'(gate)};
      INDEX: {operation, node, emits} = {LOOK_UP, 5'd15 + 5'(gate), 1'b0};
      ENTRY: {operation, node} = {ACTIVATE, 5'd15 + 5'(gate)};
      MULTIPLY_IG: {operation, node} = {INPUT_PRODUCT, 5'd19};
      MULTIPLY_FC: {operation, node} = {KEPT_PRODUCT, 5'd20};
      ADD_C: {operation, node} = {NEXT_C, 5'd21};
      INDEX_C: {operation, node, emits} = {LOOK_UP_C, 5'd22, 1'b0};
      ENTRY_C: {operation, node} = {ACTIVATE_C, 5'd22};
      MULTIPLY_OC: {operation, node} = {NEXT_H, 5'd23};
      default: emits = 1'b0;
    endcase
  end

  // A fault that is bound to a node is seen there only.
  function automatic fault_t fault_at(input logic [4:0] at);
    if (fault == INPUT_ROUNDED && at == 5'd0) return ROUND_HALF_UP;
    if (fault == C_WRAPS && at == 5'd21) return NO_SATURATION;
    if (fault == CUT_ROUNDED && at >= 5'd24) return ROUND_HALF_UP;
    if ((fault >= ROUND_HALF_UP && fault <= TABLE_WRAP || fault == TABLE_OFF_EARLY) && fault_node != EVERYWHERE && fault_node != 6'(at)) return NONE;
    return fault;
  endfunction

  // x on entry.
  logic [16:0] x_entered;
  assign x_entered = quantize(64'(x_data), $signed(NODE_SHIFT[7:0]), NODE_BITS[7:0], fault_at(5'd0));

  // The operand of the products: a feature of x or a unit of h, cut to the products' width.
  logic multiplies_x, multiplies_h, reads_x, multiply, first;
  logic signed [15:0] chosen, operand;
  logic [INPUT_BITS-1:0] feature;
  logic [WIDTH-1:0] h_word;
  logic [4:0] cut_point;
  logic [16:0] cut;
  assign feature = column[INPUT_BITS-1:0];
  assign h_word = h_entered[group_of_column[GROUP_BITS-1:0]];
  assign multiplies_x = state == MULTIPLY_X;
  assign multiplies_h = state == MULTIPLY_H;
  assign reads_x = multiplies_x ^ (fault == XH_SWAPPED && step_zero);
  always_comb begin
    chosen = 16'sd0;
    if (reads_x && column < INPUT) chosen = x_buffer[feature];
    if (!reads_x && column < HIDDEN) chosen = h_word[lane_of_column*16+:16];
  end
  assign cut_point = 5'd24 + {2'd0, gate, multiplies_h};
  assign cut = quantize(64'(chosen), $signed(NODE_SHIFT[32'(cut_point)*8+:8]), NODE_BITS[32'(cut_point)*8+:8], fault_at(cut_point));
  always_ff @(posedge clk) begin
    operand <= cut[15:0];
    multiply <= multiplies_x || multiplies_h;
    first <= column == 0;
  end

  // Weights and biases, a word a group, gate and column.
  logic [1:0] stored_gate;
  logic [WEIGHT_ADDRESS_BITS-1:0] weight_address;
  logic [BIAS_ADDRESS_BITS-1:0] bias_address;
  logic [LANES*WEIGHT_BITS-1:0] weights;
  logic [WIDTH-1:0] biases;
  always_comb begin
    stored_gate = gate;
    if (fault == GATES_SWAPPED && (gate == 2'd1 || gate == 2'd2)) stored_gate = ~gate;
    bias_address = BIAS_ADDRESS_BITS'(group * 4 + 32'(stored_gate));
    weight_address = WEIGHT_ADDRESS_BITS'(32'(bias_address) * COLUMNS + column + (multiplies_h ? INPUT : 0));
  end
  rom #(.WIDTH(LANES * WEIGHT_BITS), .DEPTH(WEIGHT_WORDS), .FILE(WEIGHTS_FILE)) weight_rom (
      .clk, .address(weight_address), .data(weights));
  rom #(.WIDTH(WIDTH), .DEPTH(BIAS_WORDS), .FILE(BIASES_FILE)) bias_rom (
      .clk, .address(bias_address), .data(biases));

  // The state that the lanes read: that of the step before on entry, then c on the cell's grid.
  logic [WIDTH-1:0] state_word, values;
  logic [LANES-1:0] saturated, active;
  int unsigned old_bank, new_bank;
  always_comb begin
    old_bank = (bank ^ (fault == STALE_H)) ? GROUPS : 0;
    new_bank = bank ? 0 : GROUPS;
    state_word = c_entered[this_group];
    if (state == ENTER_H) state_word = h_banks[(old_bank+group)%(2*GROUPS)];
    if (state == ENTER_C) state_word = c_kept[this_group];
    if (starts && (state == ENTER_H || state == ENTER_C)) state_word = '0;
  end

  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      logic signed [WEIGHT_BITS-1:0] stored_weight, weight;
      logic signed [15:0] stored_bias, bias;
      assign stored_weight = weights[lane*WEIGHT_BITS+:WEIGHT_BITS];
      assign weight = lane == 0 && fault == WEIGHT_BIT ? stored_weight | WEIGHT_BITS'(4) : stored_weight;
      assign stored_bias = biases[lane*16+:16];
      assign bias = fault == BIAS_BYTES ? {stored_bias[7:0], stored_bias[15:8]} : stored_bias;
      assign active[lane] = group * LANES + lane < HIDDEN;
      lstm_lane #(
          .WEIGHT_BITS(WEIGHT_BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .SIGMOID_FILE(SIGMOID_FILE), .TANH_FILE(TANH_FILE)
      ) unit (
          .clk, .fault(fault_at(node)), .operation, .gate,
          .shift(NODE_SHIFT[32'(node)*8+:8]), .left_a(NODE_LEFT_A[32'(node)*8+:8]), .left_b(NODE_LEFT_B[32'(node)*8+:8]),
          .bits(NODE_BITS[32'(node)*8+:8]),
          .multiply, .first, .weight, .operand, .bias, .state(state_word[lane*16+:16]),
          .value(values[lane*16+:16]), .saturated(saturated[lane]));
    end
  endgenerate

  // Control.
  int unsigned last_column;
  logic last_group, takes, gives;
  assign last_column = multiplies_h && fault == LAST_COLUMN && HIDDEN > 1 ? HIDDEN - 2 : (multiplies_h ? HIDDEN : INPUT) - 1;
  assign last_group = group == GROUPS - 1;
  assign x_ready = state == LOAD && !reset;
  assign takes = x_ready && x_valid;
  assign h_valid = state == SEND;
  assign gives = h_valid && h_ready;
  assign h_last = column == HIDDEN - 1;
  assign h_data = h_banks[(new_bank+group_of_column)%(2*GROUPS)][lane_of_column*16+:16];

  always_ff @(posedge clk)
    if (reset) begin
      state <= LOAD;
      {column, group, gate, lane_of_column, group_of_column} <= '0;
      {starts, step_zero, bank} <= '0;
    end else begin
      case (state)
        LOAD:
        if (takes) begin
          if (column == 0) begin
            starts <= x_first && fault != STATE_KEPT;
            step_zero <= x_first;
          end
          if (column == INPUT - 1) state <= ENTER_H;
        end
        ENTER_H: if (last_group) state <= ENTER_C;
        ENTER_C: if (last_group) state <= MULTIPLY_X;
        MULTIPLY_X: if (column == last_column) state <= DRAIN_X;
        DRAIN_X: state <= QUANTIZE_X;
        QUANTIZE_X: state <= BIAS_X;
        BIAS_X: state <= MULTIPLY_H;
        MULTIPLY_H: if (column == last_column) state <= DRAIN_H;
        DRAIN_H: state <= QUANTIZE_H;
        QUANTIZE_H: state <= ADD;
        ADD: state <= INDEX;
        INDEX: state <= ENTRY;
        ENTRY: begin
          gate <= gate + 2'd1;
          state <= gate == 2'd3 ? MULTIPLY_IG : MULTIPLY_X;
        end
        MULTIPLY_IG: state <= MULTIPLY_FC;
        MULTIPLY_FC: state <= ADD_C;
        ADD_C: state <= INDEX_C;
        INDEX_C: state <= ENTRY_C;
        ENTRY_C: state <= MULTIPLY_OC;
        MULTIPLY_OC: state <= last_group ? SEND : MULTIPLY_X;
        SEND:
        if (gives && h_last) begin
          state <= LOAD;
          bank <= !bank;
        end
        default: state <= LOAD;
      endcase

      if (state == ENTER_H || state == ENTER_C || state == MULTIPLY_OC) group <= last_group ? 0 : group + 1;

      if (takes || multiplies_x || multiplies_h || gives) begin
        column <= column + 1;
        lane_of_column <= lane_of_column + 1;
        if (lane_of_column == LANES - 1) begin
          lane_of_column <= 0;
          group_of_column <= group_of_column + 1;
        end
        if (column == (state == SEND ? HIDDEN - 1 : last_column)) {column, lane_of_column, group_of_column} <= '0;
      end
    end

  // Buffers.
  always_ff @(posedge clk) begin
    if (takes) x_buffer[feature] <= x_entered[15:0];
    if (state == ENTER_H) begin
      h_entered[this_group] <= values;
      if (starts) h_banks[(old_bank+group)%(2*GROUPS)] <= '0;
    end
    if (state == ENTER_C) c_entered[this_group] <= values;
    if (state == ADD_C) c_kept[this_group] <= values;
    if (state == MULTIPLY_OC) begin
      h_banks[(new_bank+group)%(2*GROUPS)] <= values;
      if (fault == H_TOO_EARLY) h_entered[this_group] <= values;
    end
  end

  // Saturation flags of the step.
  always_ff @(posedge clk)
    if (reset || (gives && h_last)) h_saturated <= '0;
    else begin
      if (takes && x_entered[16]) h_saturated[0] <= 1'b1;
      if (cut_valid && cut_saturated) h_saturated[cut_node] <= 1'b1;
      if (emits && |(saturated & active)) h_saturated[node] <= 1'b1;
    end

  // Probes.
  assign probe_valid = takes || emits;
  assign probe_node = node;
  assign probe_unit = takes ? column[15:0] : 16'(group * LANES);
  assign probe_count = takes ? 16'd1 : 16'(last_group ? HIDDEN - (GROUPS - 1) * LANES : LANES);
  assign probe_values = takes ? WIDTH'(x_entered[15:0]) : values;
  assign probe_saturated = takes ? LANES'(x_entered[16]) : saturated;
  assign cut_valid = WEIGHT_BITS < 16 && (multiplies_x || multiplies_h) && group == 0;
  assign cut_node = cut_point;
  assign cut_unit = column[15:0];
  assign cut_value = cut[15:0];
  assign cut_saturated = cut[16];
endmodule
