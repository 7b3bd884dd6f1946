package machine

import (
	"rnnsim/dump"
	"rnnsim/sim/isa"
)

// recorder takes frames of some lanes of a round. The first of them goes to the sink as it comes; the others wait in memory, because
// a sink wants sequence after sequence. Where too much would wait, the round is run again for them: its results are the same.
type recorder struct {
	machine  *Machine
	round    *round
	from, to int         // lanes
	frames   [][][]int16 // of a lane and a cell: frames that wait
	values   [][]int16   // of a lane: the frame that is being filled
	probe    *probe
	captures map[int][]capture
	segment  *isa.Segment
}

// mostWaitingValues bounds the frames that wait.
const mostWaitingValues = 16 << 20

// record makes a recorder for the lanes from one on, and says up to which.
func (r *round) record(from int) (to int) {
	values := 0
	for _, p := range r.probes {
		values += p.values
	}
	to = min(len(r.sequences), from+1+mostWaitingValues/max(1, values*r.longest()))
	k := &recorder{machine: r.Machine, round: r, from: from, to: to}
	for range to - from {
		k.frames = append(k.frames, make([][]int16, len(r.cells)))
		k.values = append(k.values, nil)
	}
	r.recorder = k
	return to
}

// begin makes ready for one execution of a segment.
func (k *recorder) begin(cell int, segment *isa.Segment) {
	if k == nil {
		return
	}
	c := &k.machine.program.cells[cell]
	k.probe, k.segment, k.captures = k.machine.probes[cell], segment, nil
	switch segment {
	case &c.init:
		k.captures = k.probe.first
	case &c.loop:
		k.captures = k.probe.loop
	}
	for i := range k.values {
		k.values[i] = make([]int16, k.probe.values)
	}
}

// take captures what a word reads (early) or has written.
func (k *recorder) take(word int, early bool, s *state) {
	if k == nil {
		return
	}
	for _, c := range k.captures[word] {
		if c.early != early {
			continue
		}
		for lane := k.from; lane < k.to; lane++ {
			if c.lane >= 0 && c.lane != lane {
				continue
			}
			place := c.place
			if c.lane < 0 {
				place.Lane = lane
			}
			copy(k.node(lane, c.node)[c.offset:][:c.n], s.all(place)[c.at:])
		}
	}
}

// all gives the values of a bank; of an elementwise bank, those of all of its lane.
func (c *chip) all(p isa.Place) []int16 {
	if p.Kind == isa.ElementwiseBank {
		return c.lanes[p.Lane].elementwise
	}
	return c.bank(p)
}

// node gives the values of a node in the frame of a lane.
func (k *recorder) node(lane, node int) []int16 {
	at := 0
	for _, n := range k.probe.nodes[:node] {
		at += n.Width
	}
	return k.values[lane-k.from][at : at+k.probe.nodes[node].Width]
}

// complete ends the execution of a segment.
func (k *recorder) complete(cell, step int) error {
	if k == nil || k.captures == nil {
		return nil
	}
	if step == 0 {
		k.lookAside(cell)
	}
	for i := range k.values {
		lane := k.from + i
		if step >= k.round.steps[lane] {
			continue
		}
		if i > 0 {
			k.frames[i][cell] = append(k.frames[i][cell], k.values[i]...)
			continue
		}
		if err := k.write(cell, lane, step, k.values[i]); err != nil {
			return err
		}
	}
	return nil
}

// lookAside runs the loop's words on zero state and the first x, for what the first step leaves out, and forgets all else.
func (k *recorder) lookAside(cell int) {
	if len(k.probe.aside) == 0 {
		return
	}
	c, now := &k.machine.program.cells[cell], k.round.state
	s := &state{chip: now.chip.clone(), memory: now.memory.clone(), regs: k.machine.program.resetRegisters(c, k.round.longest())}
	zeros := make([]int16, c.SaveH.Aligned/2)
	for lane, places := range k.probe.state {
		s.memory.writeValues(s.regs.load[isa.RegisterState][lane], zeros)
		for p := range places {
			if p.memory {
				s.memory.writeValues(p.at, zeros[:granuleValues])
			} else if p.kind != isa.WeightBank {
				clear(s.all(isa.Place{Kind: p.kind, Lane: lane})[p.at:][:granuleValues])
			}
		}
	}
	k.captures = k.probe.aside
	for n, op := range k.round.cells[cell].loop {
		if op != nil {
			k.take(n, true, s)
			op.execute(s)
			k.take(n, false, s)
		}
	}
}

// flush writes the frames that wait.
func (r *round) flush() error {
	k := r.recorder
	if k == nil {
		return nil
	}
	for i, cells := range k.frames {
		for cell, values := range cells {
			k.probe = r.probes[cell]
			for step := 0; len(values) > 0; step++ {
				if err := k.write(cell, k.from+i, step, values[:k.probe.values]); err != nil {
					return err
				}
				values = values[k.probe.values:]
			}
		}
	}
	return nil
}

func (k *recorder) write(cell, lane, step int, values []int16) error {
	f := dump.Frame{Cell: cell, Sequence: k.round.first + lane, Step: step}
	for _, n := range k.probe.nodes {
		f.Fixed = append(f.Fixed, values[:n.Width])
		values = values[n.Width:]
	}
	return k.round.sink.Write(&f)
}
