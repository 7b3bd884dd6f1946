// A quantization point: shift right arithmetically (floor), then saturate.
package arith_pkg;
  import fault_pkg::*;

  // shift_right gives floor(v / 2^n); a negative n multiplies and stops at the ends of 64 bits.
  function automatic logic signed [63:0] shift_right(input logic signed [63:0] v, input logic signed [7:0] n);
    logic signed [63:0] left;
    if (n >= 0) return v >>> n;
    left = v <<< (-n);
    if ((left >>> (-n)) != v) return v[63] ? 64'sh8000_0000_0000_0000 : 64'sh7fff_ffff_ffff_ffff;
    return left;
  endfunction

  // rounded is shift_right with the rounding that a fault has instead of the floor.
  function automatic logic signed [63:0] rounded(input logic signed [63:0] v, input logic signed [7:0] n, input fault_t fault);
    logic signed [63:0] half, whole, rest;
    if (n <= 0) return shift_right(v, n);
    half = 64'sd1 <<< (n - 8'sd1);
    whole = v >>> n;
    rest = v - (whole <<< n);
    if (fault == ROUND_HALF_UP) return (v + half) >>> n;
    if (fault == ROUND_HALF_EVEN) return whole + ((rest > half || (rest == half && whole[0])) ? 64'sd1 : 64'sd0);
    if (fault == TRUNCATE) return whole + ((v < 0 && rest != 0) ? 64'sd1 : 64'sd0);
    return whole;
  endfunction

  // quantize brings v to a width of bits. Bit 16 of the result says that it was saturated.
  function automatic logic [16:0] quantize(
      input logic signed [63:0] v, input logic signed [7:0] shift, input logic [7:0] bits, input fault_t fault);
    logic signed [63:0] whole, high, low;
    whole = rounded(v, shift, fault);
    high = (64'sd1 <<< (bits - 8'd1)) - 64'sd1;
    low = -high - 64'sd1;
    if (fault == SATURATE_HIGH_SHORT) high = high - 64'sd1;
    if (fault == SATURATE_SYMMETRIC) low = low + 64'sd1;
    if (fault == NO_SATURATION) whole = (whole <<< (8'd64 - bits)) >>> (8'd64 - bits);
    if (whole > high) return {1'b1, high[15:0]};
    if (whole < low) return {1'b1, low[15:0]};
    return {1'b0, whole[15:0]};
  endfunction

  // table_index gives the address in a table of 2048 entries, and in bits 12 and 11 whether x lies beyond its right or left end.
  function automatic logic [12:0] table_index(input logic signed [15:0] x, input logic signed [7:0] shift, input fault_t fault);
    logic signed [63:0] offset, wide;
    logic beyond_right, beyond_left;
    wide = 64'(x);
    offset = shift_right(wide, shift);
    if (fault == TABLE_OFF_EARLY && offset != 64'sh7fff_ffff_ffff_ffff) offset = offset + 64'sd1;
    beyond_right = offset >= 1024;
    beyond_left = offset < -1024;
    if (fault == TABLE_ABS && x < 0 && !beyond_left) offset = -shift_right(-wide, shift);
    if (fault == TABLE_OFF_BY_ONE && offset < 1023) offset = offset + 64'sd1;
    if (fault == TABLE_WRAP) begin
      beyond_right = 1'b0;
      beyond_left = 1'b0;
    end
    offset = offset + 64'sd1024;
    return {beyond_right, beyond_left, offset[10:0]};
  endfunction
endpackage
