package kernel

// routines is a set of inner loops for one kind of processor. All sets give the same bits. Slices are read and written as far
// as the counts say; the callers see to it that they are long enough.
type routines struct {
	name string
	// offsetInputs says that the set has 8-bit inputs as x + 128, unsigned: cut8 gives them, dot8 and product8 take them. The
	// sums of product8 then have to start from matrix.offset; dot8 sees to it itself.
	offsetInputs bool

	// dot8 and dot16 form the sums of whole panels for one row of inputs, modulo 2^32: exact where the true sum fits.
	dot8  func(sums []int32, w []int8, x []int8, offset []int32, groups, panels int)
	dot16 func(sums []int32, w, x []int16, groups, panels int)
	// dot8 may not be given the weight -128. dot8Lowest may, but not the input -128; dot8Any may be given both. (Where x is taken
	// as x + 128 they are the same, and exact for all.)
	dot8Lowest func(sums []int32, w []int8, x []int8, offset []int32, groups, panels int)
	dot8Any    func(sums []int32, w []int8, x []int8, offset []int32, groups, panels int)
	// dot16Wide is dot16 for one panel in 64 bits, with the sums then clamped to 32: a shift by at most 16 and a clamp to 16 bits
	// that follow give what they would give for the true sum. The products are added by segments of so many pairs of inputs, one
	// or as many as the caller knows not to leave ±(2^31 - 65536).
	dot16Wide func(sums []int32, w, x []int16, groups, segment, segments int)
	// split takes a multiple of 8 values apart, as 256·hi + lo. fold adds such sums to totals of twice their length, and settle clamps the totals to
	// 32 bits, as dot16Wide does; see halves. They are nil where dot16Wide is as good.
	split  func(hi, lo, x []int16)
	fold   func(total, hi, lo []int32)
	settle func(sums, total []int32)
	// product8 and product16 add the products of (part of) one panel with several rows of inputs to sums, [rows][32].
	product8  func(sums []int32, w []int8, x []int8, stride, groups, rows int)
	product16 func(sums []int32, w, x []int16, stride, groups, rows int)
	// finish quantizes n panels of sums, [n][4][8], into out, of which panel n starts at n·stride: shift by vector, saturate,
	// add the bias, saturate. With step 0 all have the same shifts and biases (rows of one panel), with step 1 each its own
	// (neighbouring panels).
	finish func(out []int16, stride int, sums []int32, shift []int32, bias []int16, n, step int)
	// cut8 is dst = sat8(x >> shift), for a multiple of 8 values.
	cut8 func(dst []int8, x []int16, shift int)
	// magnitude is the largest |x| of a multiple of 8 values.
	magnitude func(x []int16) int
	// lstm and gru are the elementwise part of blocks of eight units.
	lstm func(a *lstmArgs)
	gru  func(a *gruArgs)
	// peak and read are what the roofline is measured with: products in registers (it says how many), and reading.
	peak func(rounds int) int
	read func(p []int16)
}

// lstmArgs is the elementwise part of n blocks of eight units of an LSTM at one fix position, each block a stride after the
// one before: eight neighbouring units of one sequence, or the same units of several.
type lstmArgs struct {
	sums     []int32 // [n][4][8], of the product with h
	wx       []int16 // [4][8] every wxStride: the product with x, quantized, with bias
	c        []int32 // [8] every cStride, replaced; 16-bit values
	h        []int16 // [8] every hStride, written
	trace    []int16 // nil, or [node][8] every 8, nodes traceStride apart
	wxStride int
	cStride  int
	hStride  int

	traceStride int
	n           int
	shift       [4]count // of the sums, by gate
	at          *positionArgs
}

// gruArgs is lstmArgs for n neighbouring blocks of one sequence of a GRU.
type gruArgs struct {
	wx, wh      []int16 // [n][3][8]: the products with x and h, quantized, with bias
	old         []int16 // [n][8], the state that ft*input_1 reads
	h           []int16 // [n][8], written
	trace       []int16
	traceStride int
	n           int
	at          *positionArgs
}

// count is a shift count in the form that a vector shift reads from memory.
type count [2]uint64

// positionArgs is what the elementwise parts need to know of the fix position that all their nodes have.
type positionArgs struct {
	// Tables from the entry of index 0 on, for routines that address without bounds.
	sigmoid, tanh *int16
	// Shifts: from a value to its table index, from a product of two table outputs to the position, from position 15 to it.
	sigmoidIndex, tanhIndex, product, fraction count
	// The same from the high half of a 32-bit lane: 16 more.
	sigmoidHigh, tanhHigh count

	position int
	tables   *tables
}

func newPositionArgs(position int) *positionArgs {
	at := func(n int) count { return count{uint64(n)} }
	t := tablesFor(position)
	return &positionArgs{
		sigmoid: &t.sigmoid[t.sigmoidCentre], tanh: &t.tanh[t.tanhCentre],
		sigmoidIndex: at(position - 7), tanhIndex: at(position - 8), product: at(30 - position), fraction: at(15 - position),
		sigmoidHigh: at(16 + position - 7), tanhHigh: at(16 + position - 8),
		position: position, tables: t,
	}
}
