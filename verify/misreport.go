package verify

import (
	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// With 8-bit weights the original's dump is not what it computed. It cuts the matmul input to 8 bits in place, so that
// input_0 shows the cut value; and it dumps the cut of h as int8(trunc(h / 2^(p16-p8))), rounded towards zero and wrapped
// modulo 256, while it computes with the floored and saturated value. A trace of rnnsim's own shows what was computed. Which
// of the two a recorded run is, is told by the values of h on which they differ.

// narrowed is the 8-bit input of a matmul: a fix op behind the fix op of an input of the cell.
type narrowed struct {
	node, source string
	format       fixed.Format
	drop         int // bits that the cut takes away: position of the source minus that of the node
}

// narrowedInputs lists the 8-bit inputs in the order of the nodes. Where quantization is in place, one reads another; their
// source is the input of the cell at the end of that chain.
func (c *replayCell) narrowedInputs() []narrowed {
	var list []narrowed
	for _, n := range c.nodes {
		source := n
		for source != nil && source.Op == "fix" && len(source.Reads) == 1 {
			source = c.node(source.Reads[0].Name)
		}
		if source == nil || source == n || source.Op != "data" {
			continue
		}
		list = append(list, narrowed{node: n.Name, source: source.Name, format: n.Format, drop: source.Format.Position - n.Format.Position})
	}
	return list
}

// used is what the computation takes: floored and saturated.
func (n narrowed) used(x int16) int16 {
	value, _ := fixed.Saturate(fixed.ShiftRight(int64(x), n.drop), n.format.Bits)
	return int16(value)
}

// shown is what the original's dump says of it.
func (n narrowed) shown(x int16) int16 {
	magnitude := int64(x)
	if x < 0 {
		magnitude = -magnitude
	}
	truncated := fixed.ShiftRight(magnitude, n.drop)
	if x < 0 {
		truncated = -truncated
	}
	return int16(int8(truncated))
}

// left is what the cut leaves in the memory of its source.
func (n narrowed) left(x int16) int16 { return int16(fixed.ShiftRight(int64(n.used(x)), -n.drop)) }

// cutInPlace is what an input's memory holds after all matmuls have cut it.
func (c *replayCell) cutInPlace(source string, x int16) int16 {
	for _, n := range c.narrow {
		if n.source == source {
			x = n.left(x)
		}
	}
	return x
}

// dumpStyle gathers which of the two ways a run was dumped.
type dumpStyle struct {
	narrow bool
	// used and shown count the values of h that agree with only one of the two; whole counts the values of x that no cut
	// can have left.
	used, shown, whole int64
}

// original says that the run was dumped as the original does.
func (s *dumpStyle) original() bool {
	if !s.narrow {
		return false
	}
	if s.used == 0 && s.shown == 0 {
		return s.whole == 0
	}
	return s.shown > s.used
}

func (s *dumpStyle) notes() []string {
	if !s.original() {
		return nil
	}
	return []string{"an 8-bit dump of the original: input_0 is shown cut to 8 bits, the 8-bit h truncated and wrapped; these values are held against that rule"}
}

func (s *dumpStyle) survey(c *replayCell, frame *dump.Frame) {
	for _, n := range c.narrow {
		source, values := c.recorded(frame, n.source), c.recorded(frame, n.node)
		if source == nil || len(values) != len(source) {
			continue
		}
		s.narrow = true
		for i, x := range source {
			if n.source == "input_0" {
				if n.left(x) != x {
					s.whole++
				}
				continue
			}
			used, shown := n.used(x), n.shown(x)
			switch {
			case used == shown:
			case values[i] == used:
				s.used++
			case values[i] == shown:
				s.shown++
			}
		}
	}
}

// narrowOf finds the cut that a node is.
func (c *replayCell) narrowOf(node string) (narrowed, bool) {
	for _, n := range c.narrow {
		if n.node == node {
			return n, true
		}
	}
	return narrowed{}, false
}
