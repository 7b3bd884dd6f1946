// The same as verilator.cpp for Icarus, or any simulator of plain SystemVerilog: drives lstm_top with the stimuli of an exported
// folder and writes what every node held. Run it in the exported folder; plusargs: graph, out, fault, fault_node, seed, frames.
`timescale 1ns / 1ps
`ifndef CELL_PKG
`define CELL_PKG rnnsim_cell0_pkg
`endif
module icarus_tb;
  import `CELL_PKG::*;

  reg clk = 0, reset = 1, x_valid = 0, x_first = 0, h_ready = 0;
  reg [5:0] fault, fault_node;
  reg signed [X_BITS-1:0] x_data = 0;
  wire x_ready, h_valid, h_last, probe_valid, cut_valid, cut_saturated;
  wire signed [15:0] h_data;
  wire [NODES-1:0] h_saturated;
  wire [4:0] probe_node, cut_node;
  wire [15:0] probe_unit, probe_count, cut_unit, cut_value;
  wire [LANES*16-1:0] probe_values;
  wire [LANES-1:0] probe_saturated;
  lstm_top #(.RUNTIME_FAULTS(1'b1)) dut (
      .clk(clk), .reset(reset), .fault_select(fault), .fault_node(fault_node),
      .x_valid(x_valid), .x_ready(x_ready), .x_data(x_data), .x_first(x_first),
      .h_valid(h_valid), .h_ready(h_ready), .h_data(h_data), .h_last(h_last), .h_saturated(h_saturated),
      .probe_valid(probe_valid), .probe_node(probe_node), .probe_unit(probe_unit), .probe_count(probe_count),
      .probe_values(probe_values), .probe_saturated(probe_saturated),
      .cut_valid(cut_valid), .cut_node(cut_node), .cut_unit(cut_unit), .cut_value(cut_value), .cut_saturated(cut_saturated));
  always #5 clk = !clk;

  // Stimuli, and the names of their frames.
  reg [X_BITS-1:0] x[0:FRAMES*INPUT-1];
  reg [31:0] sequence_of[0:FRAMES-1];
  reg [31:0] step_of[0:FRAMES-1];
  string graph, out;
  integer seed, frames;

  // One file a node; nodes.txt lists number, name, width and bits.
  integer file[0:NODES-1];
  integer width[0:NODES-1];
  integer bits[0:NODES-1];
  integer saturated[0:NODES-1];
  integer listed[0:NODES-1];
  integer in_list, sequence_file, step_file, saturations_file;

  task automatic open_files;
    integer list, number, columns, size;
    string name;
    begin
      for (number = 0; number < NODES; number = number + 1) width[number] = 0;
      in_list = 0;
      list = $fopen({graph, "/nodes.txt"}, "r");
      if (list == 0) begin
        $display("cannot read %s/nodes.txt", graph);
        $fatal;
      end
      while ($fscanf(list, "%d %s %d %d", number, name, columns, size) == 4) begin
        file[number] = $fopen({out, "/", graph, "/nodes/", name, ".hex"}, "w");
        width[number] = columns;
        bits[number] = size;
        saturated[number] = 0;
        listed[in_list] = number;
        in_list = in_list + 1;
      end
      $fclose(list);
      sequence_file = $fopen({out, "/", graph, "/sequence.hex"}, "w");
      step_file = $fopen({out, "/", graph, "/step.hex"}, "w");
      saturations_file = $fopen({out, "/", graph, "/saturations.hex"}, "w");
    end
  endtask

  task automatic take(input integer node, input integer unit, input [15:0] value, input was_saturated);
    begin
      if (bits[node] > 8) $fwrite(file[node], "%04x", value);
      else $fwrite(file[node], "%02x", value[7:0]);
      $fwrite(file[node], "%s", unit == width[node] - 1 ? "\n" : " ");
      if (was_saturated) saturated[node] = saturated[node] + 1;
    end
  endtask

  task automatic finish_frame;
    integer i;
    begin
      for (i = 0; i < in_list; i = i + 1) begin
        $fwrite(saturations_file, "%08x%s", saturated[listed[i]], i == in_list - 1 ? "\n" : " ");
        saturated[listed[i]] = 0;
      end
      $fwrite(sequence_file, "%08x\n", sequence_of[done]);
      $fwrite(step_file, "%08x\n", step_of[done]);
      done = done + 1;
      if (done == frames) $finish;
    end
  endtask

  integer fed = 0, done = 0, i;
  initial begin
    if (!$value$plusargs("graph=%s", graph) || !$value$plusargs("out=%s", out)) begin
      $display("usage: vvp lstm.vvp +graph=NAME +out=FOLDER [+fault=N] [+fault_node=N] [+seed=N] [+frames=N]");
      $fatal;
    end
    if (!$value$plusargs("fault=%d", fault)) fault = 0;
    if (!$value$plusargs("fault_node=%d", fault_node)) fault_node = 63;
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("frames=%d", frames)) frames = FRAMES;
    if (frames > FRAMES) frames = FRAMES;
    $readmemh({graph, "/x.hex"}, x);
    $readmemh({graph, "/sequence.hex"}, sequence_of);
    $readmemh({graph, "/step.hex"}, step_of);
    open_files;
    repeat (2) @(negedge clk);
    reset = 0;
  end

  // Inputs change between the edges, so that the outputs of the cycle can be read at the falling edge that follows.
  always @(negedge clk)
    if (!reset) begin
      if (!x_valid || accepted) x_valid = fed < frames * INPUT && $random(seed) % 4 != 0;
      if (fed < frames * INPUT) begin
        x_data = x[fed];
        x_first = fed % INPUT == 0 && step_of[fed/INPUT] == 0;
      end
      h_ready = $random(seed) % 3 != 0;
      #1;  // let the design settle; what it shows now is what the next rising edge sees
      accepted = x_valid && x_ready;
      if (accepted) fed = fed + 1;
      if (probe_valid)
        for (i = 0; i < probe_count; i = i + 1)
          take(probe_node, probe_unit + i, probe_values[i*16+:16], probe_saturated[i]);
      if (cut_valid) take(cut_node, cut_unit, cut_value, cut_saturated);
      if (h_valid && h_ready && h_last) finish_frame;
    end
  reg accepted = 0;
endmodule
