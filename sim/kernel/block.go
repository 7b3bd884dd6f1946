package kernel

// blockUnits is the number of units that one vector register holds: eight 32-bit sums.
const blockUnits = 8
