package export

import (
	"fmt"
	"math"

	"rnnsim/dump"
)

// vcdSampler takes the values of a cell's nodes at the edges of a signal.
type vcdSampler struct {
	index                               int // of the cell
	edge                                Edge
	sample, when, sequence, step, start *vcdValue
	nodes                               []vcdSampled
	order                               dump.Order
}

type vcdSampled struct {
	node  dump.Node
	parts []*vcdValue // one, or one a unit
}

// fires says whether the changes of this time hold the edge; after says that they were made.
func (c *vcdSampler) fires(after bool) bool {
	v := c.sample
	if !v.changed {
		return false
	}
	before, now := v.now, v.then
	if after {
		before, now = now, before
	}
	from, to := before[len(before)-1], now[len(now)-1]
	switch c.edge {
	case Rising:
		return from == '0' && to == '1'
	case Falling:
		return from == '1' && to == '0'
	}
	return string(before) != string(now)
}

// take gives the frame of the values that are there now, or nil where the condition does not hold.
func (c *vcdSampler) take() (*dump.Frame, error) {
	if c.when != nil {
		if bits := c.when.now; bits[len(bits)-1] != '1' {
			return nil, nil
		}
	}
	at, err := c.position()
	if err != nil {
		return nil, err
	}
	f := &dump.Frame{Cell: c.index, Sequence: at.sequence, Step: at.step}
	for _, n := range c.nodes {
		values := make([]int16, 0, len(n.parts))
		for i := range n.node.Width {
			part, from, bits := n.parts[0], 0, n.parts[0].width
			if len(n.parts) == n.node.Width {
				part = n.parts[i]
				bits = part.width
			} else {
				bits /= n.node.Width
				from = i * bits
			}
			v, err := part.signed(from, bits)
			// A wider signal may hold the bare bits of the value, or its sign on top of them.
			narrow := v << (64 - n.node.Bits) >> (64 - n.node.Bits)
			if err == nil && v != narrow && v>>n.node.Bits != 0 {
				err = fmt.Errorf("signal %q is wider than %d bits", part.name, n.node.Bits)
			}
			if err != nil {
				return nil, fmt.Errorf("node %q[%d] of sequence %d, step %d: %w", n.node.Name, unitAt(&n.node, i), at.sequence, at.step, err)
			}
			values = append(values, int16(narrow))
		}
		f.Fixed = append(f.Fixed, values)
	}
	return f, nil
}

// unitAt is the unit that a value of the node is of.
func unitAt(n *dump.Node, place int) int {
	if n.Part != nil {
		return n.Part.Units[place]
	}
	return place
}

// position gives the number of the frame's sequence and step.
func (c *vcdSampler) position() (at framePosition, err error) {
	var last framePosition
	last.sequence, last.step = c.order.Last()
	at = framePosition{max(last.sequence, 0), last.step + 1}
	starts := false
	if c.start != nil {
		v, err := c.start.signed(0, 1)
		if err != nil {
			return at, err
		}
		starts = v != 0
	}
	if c.step != nil {
		if at.step, err = c.step.number(); err != nil {
			return at, err
		}
		starts = starts || c.sequence == nil && at.step <= last.step
	}
	switch {
	case c.sequence != nil:
		if at.sequence, err = c.sequence.number(); err != nil {
			return at, err
		}
		if c.step == nil && at.sequence != last.sequence {
			at.step = 0
		}
	case starts && last != noFrame:
		at.sequence++
		if c.step == nil {
			at.step = 0
		}
	}
	return at, c.order.Take(at.sequence, at.step)
}

// number reads the signal as a whole number from 0 on.
func (v *vcdValue) number() (int, error) {
	n, err := v.signed(0, min(v.width, 63)+1)
	if err == nil && (n < 0 || n > math.MaxInt32) {
		err = fmt.Errorf("signal %q holds %d, which is no number of a sequence or a step", v.name, n)
	}
	return int(n), err
}

// signed reads bits of the signal, from the lowest on. A value that is written shorter than the signal is wide is extended by
// zeros, as the format says, or by its x.
func (v *vcdValue) signed(from, bits int) (int64, error) {
	var value uint64
	negative := false
	for i := range bits {
		bit := byte('0')
		switch at := len(v.now) - 1 - from - i; {
		case at >= 0:
			bit = v.now[at]
		case v.now[0] != '0' && v.now[0] != '1':
			bit = v.now[0]
		}
		switch bit {
		case '0', '1':
			negative = bit == '1'
			if i < 64 && negative {
				value |= 1 << i
			}
		default:
			return 0, fmt.Errorf("signal %q has unknown bits", v.name)
		}
	}
	if negative && bits < 64 {
		value |= ^uint64(0) << bits
	}
	return int64(value), nil
}
