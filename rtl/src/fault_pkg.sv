// The faults that can be switched on, one at a time. A design is never perfect; these are mistakes that designs of this kind
// have had, for judging stimuli and diagnosis by. 0 is none.
package fault_pkg;
  typedef logic [5:0] fault_t;

  localparam fault_t NONE = 0;
  // At quantization points; FAULT_NODE selects one, or all.
  localparam fault_t ROUND_HALF_UP = 1;
  localparam fault_t ROUND_HALF_EVEN = 2;
  localparam fault_t TRUNCATE = 3;  // towards zero
  localparam fault_t NO_SATURATION = 4;  // wraps
  localparam fault_t SATURATE_HIGH_SHORT = 5;  // stops one below the largest value
  localparam fault_t SATURATE_SYMMETRIC = 6;  // stops one above the smallest value
  // At the tables; FAULT_NODE as well.
  localparam fault_t TABLE_ABS = 7;  // the index of a negative value is taken from its magnitude
  localparam fault_t TABLE_OFF_BY_ONE = 8;  // the next entry, inside the range
  localparam fault_t TABLE_WRAP = 9;  // no constants beyond the ends: the index wraps
  localparam fault_t TABLE_OFF_EARLY = 26;  // the next entry, and the range is checked after one is added
  // In one place.
  localparam fault_t GATES_SWAPPED = 10;  // parameters of f and g exchanged
  localparam fault_t STALE_H = 11;  // h of two steps ago
  localparam fault_t C_WRAPS = 12;  // c_next is not saturated
  localparam fault_t BIAS_BEFORE_SHIFT = 13;  // added to the accumulator, aligned: one saturation instead of two
  localparam fault_t BIAS_UNALIGNED = 14;  // added to the accumulator as it is
  localparam fault_t BIAS_OMITTED = 15;
  localparam fault_t ACCUMULATOR_24 = 16;  // 24 bits wide
  localparam fault_t INPUT_ROUNDED = 17;  // x is rounded half up on entry
  localparam fault_t XH_SWAPPED = 18;  // the products of step 0 read h for x and x for h
  localparam fault_t STATE_KEPT = 19;  // h and c are not set back where a sequence starts
  localparam fault_t LAST_COLUMN = 20;  // the last h is left out of the products
  localparam fault_t H_TOO_EARLY = 21;  // later units read the new h of earlier ones
  localparam fault_t BIAS_BYTES = 22;  // bytes of the biases exchanged
  localparam fault_t WEIGHT_BIT = 23;  // bit 2 of lane 0's weights is stuck at 1
  localparam fault_t CUT_ROUNDED = 24;  // the 8-bit inputs of products are rounded half up
  localparam fault_t TANH_FOR_SIGMOID = 25;  // gate o reads the wrong table

  // The node number that means all of them.
  localparam logic [5:0] EVERYWHERE = 6'd63;
endpackage
