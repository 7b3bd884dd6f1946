// What a lane can do in a cycle.
package lane_pkg;
  typedef enum logic [3:0] {
    IDLE,
    STATE,  // h or c of the step before, brought to the grid of input_1 or input_2
    PRODUCT_X,  // w * x, quantized
    ADD_BIAS,  // the bias added, quantized again
    PRODUCT_H,  // w * h, quantized
    SUM,  // y: both products added
    LOOK_UP,  // the table's address of y
    ACTIVATE,  // the table's entry
    INPUT_PRODUCT,  // it * cct
    KEPT_PRODUCT,  // ft * input_2
    NEXT_C,  // their sum
    LOOK_UP_C,
    ACTIVATE_C,  // c_temp
    NEXT_H  // ot * c_temp
  } operation_t;
endpackage
