// A ROM that is read synchronously, as block RAM is.
module rom #(
    parameter int WIDTH = 16,
    parameter int DEPTH = 2048,
    parameter FILE = ""
) (
    input logic clk,
    input logic [$clog2(DEPTH)-1:0] address,
    output logic [WIDTH-1:0] data
);
  logic [WIDTH-1:0] memory[0:DEPTH-1];
  initial $readmemh(FILE, memory);
  always_ff @(posedge clk) data <= memory[address];
endmodule
