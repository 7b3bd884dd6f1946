package quant

// tracker is the history of a tensor's searched positions and their mode.
type tracker struct {
	positions []int8
	counts    [256]int32 // of position p at index p + 128
	mode      int
}

// add appends a position. Only its own count changes, so the new mode is the old one or this.
func (t *tracker) add(position int) {
	t.positions = append(t.positions, int8(position))
	t.counts[position+128]++
	count, best := t.counts[position+128], t.counts[t.mode+128]
	if len(t.positions) == 1 || count > best || count == best && position < t.mode {
		t.mode = position
	}
}

// History is every position that calibration searched.
type History struct {
	Output []NodeHistory // node outputs, in the order of quant_info.json; tables have none and are left out
	Input  []NodeHistory // 8-bit inputs of matmuls
}

// NodeHistory is the positions of one tensor, one an executed timestep, in order of execution over all sequences.
type NodeHistory struct {
	Name      string // "<graph>::<node>"
	Positions []int8
}
