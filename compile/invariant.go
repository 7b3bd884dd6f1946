package compile

import (
	"fmt"
	"maps"
	"slices"

	"rnnsim/sim/isa"
)

// mostRounds bounds how often the classes of places are divided. Real programs need three rounds.
const mostRounds = 64

// step is what a program computes at every step of a cell, as expressions.
type step struct {
	// out0 is the h that the first step yields, of each lane, block by block; out that of every later step, in terms of x and of
	// the state before it.
	out0, out [][]termID
	// first and next give the state: what a class of places holds after the first step, and after any later one.
	first, next []termID
	// entry is the memory before a later step; delayed says that a step saves the h of the one before.
	entry   *memory
	delayed bool
}

// follow runs init and then loop until it is known which places hold the same value before every later step. Places that held one
// expression after init are taken to form a class, unless and until loop leaves different expressions in them: what remains is
// equal at every step by induction. end is nil for a cell that another one follows.
func (m *machine) follow(initial, loop isa.Segment, end *isa.Segment) (*step, error) {
	m.memory = newMemory(m.core.Batch)
	if err := m.run(initial); err != nil {
		return nil, err
	}
	if err := m.requireInput(initial); err != nil {
		return nil, err
	}
	readsFrames := loadsState(loop)
	if !readsFrames {
		m.forgetFrames()
	}
	s := &step{}
	start, savedFirst := m.memory, m.saved
	classes := newPartition(m, start)
	for round := 0; ; round++ {
		if round == mostRounds {
			return nil, fmt.Errorf("segment %s: after %d rounds it is not clear which places keep their values", loop.Name, mostRounds)
		}
		s.entry = classes.enter(m, start)
		m.memory = s.entry.clone()
		if err := m.run(loop); err != nil {
			return nil, err
		}
		if err := m.requireInput(loop); err != nil {
			return nil, err
		}
		if !readsFrames {
			m.forgetFrames()
		}
		if !slices.Equal(start.frames, m.frames) {
			return nil, fmt.Errorf("segment %s: of h it leaves %d frames unread, a lane, and finds %d", loop.Name, m.frames, start.frames)
		}
		if !classes.divide(m) {
			break
		}
	}
	s.first, s.next = classes.first, classes.next
	return s, m.outputs(s, savedFirst, loop, end)
}

// loadsState tells whether a segment loads h through its register. Where none does, what was saved is of no account to later steps.
func loadsState(s isa.Segment) bool {
	return slices.ContainsFunc(s.Words, func(word isa.Instruction) bool {
		load, ok := word.(*isa.Load)
		if !ok || load.Type != 1 {
			return false
		}
		r, err := load.Register()
		return err == nil && r.Number == isa.RegisterState
	})
}

func (m *machine) forgetFrames() {
	clear(m.queue)
	clear(m.frames)
}

func (m *machine) requireInput(s isa.Segment) error {
	for lane, n := range m.inputs {
		if n != 1 {
			return fmt.Errorf("segment %s: x of lane %d is not loaded", s.Name, lane)
		}
	}
	return nil
}

// outputs finds what each step saves as h. The last cell saves it at the begin of the next step, or in end.
func (m *machine) outputs(s *step, savedFirst [][][]termID, loop isa.Segment, end *isa.Segment) error {
	saved := m.saved
	made := m.made
	for lane := range m.core.Batch {
		if len(saved[lane]) != 1 {
			return fmt.Errorf("segment %s: h of lane %d is saved %d times a step", loop.Name, lane, len(saved[lane]))
		}
	}
	if end == nil {
		for lane := range m.core.Batch {
			if len(savedFirst[lane]) != 1 {
				return fmt.Errorf("segment %s: the first h of lane %d is saved %d times; the cell that follows needs it once", loop.Name, lane, len(savedFirst[lane]))
			}
			s.out0, s.out = append(s.out0, savedFirst[lane][0]), append(s.out, saved[lane][0])
		}
		return nil
	}
	s.delayed = true
	weightAt, biasAt := m.weightAt, m.biasAt
	m.memory = s.entry.clone()
	if err := m.run(*end); err != nil {
		return err
	}
	last := m.saved
	m.made, m.weightAt, m.biasAt = made, weightAt, biasAt
	for lane := range m.core.Batch {
		if len(savedFirst[lane]) != 0 || len(last[lane]) != 1 || !slices.Equal(last[lane][0], saved[lane][0]) {
			return fmt.Errorf("segment %s: it must save the h of lane %d that segment %s begins with, and nothing else", end.Name, lane, loop.Name)
		}
		var out0, out []termID
		for block, id := range saved[lane][0] {
			switch e := m.list[id]; e.op {
			case opConstant:
				out0, out = append(out0, id), append(out, id)
			case opState:
				out0, out = append(out0, s.first[e.index]), append(out, s.next[e.index])
			default:
				return fmt.Errorf("segment %s: block %d of the h of lane %d is saved as %s; it must be what the step before left", loop.Name, block, lane, m.describe(id))
			}
		}
		s.out0, s.out = append(s.out0, out0), append(s.out, out)
	}
	return nil
}

// partition divides places into classes that hold the same value before every later step. Places that hold a constant are in none.
type partition struct {
	memory  *memory // after the first step
	start   map[place]termID
	classOf map[place]int
	places  []place // those of classOf, in order
	first   []termID
	next    []termID
}

func newPartition(m *machine, start *memory) *partition {
	c := &partition{memory: start, start: map[place]termID{}, classOf: map[place]int{}}
	numbers := map[termID]int{}
	for _, source := range []map[place]held{start.places, start.queue} {
		for p, h := range source {
			if m.list[h.term].op != opConstant {
				c.add(p, h.term)
			}
		}
	}
	c.sort()
	for _, p := range c.places {
		id := c.start[p]
		if _, ok := numbers[id]; !ok {
			numbers[id] = len(c.first)
			c.first = append(c.first, id)
		}
		c.classOf[p] = numbers[id]
	}
	return c
}

func (c *partition) add(p place, id termID) {
	c.start[p] = id
	c.places = append(c.places, p)
}

func (c *partition) sort() { slices.SortFunc(c.places, comparePlaces) }

// enter gives the memory before a later step: start, with the state's symbols in the places of classes.
func (c *partition) enter(m *machine, start *memory) *memory {
	entry := start.clone()
	for _, p := range c.places {
		entry.set(p, held{m.state(c.classOf[p]), -1})
	}
	return entry
}

// before is what a place held after the first step, in terms of that step.
func (m *machine) before(start *memory, p place) termID {
	now := m.memory
	m.memory = start
	defer func() { m.memory = now }()
	return m.read(p).term
}

// divide compares what a step has left with the classes, and says whether it had to divide one.
func (c *partition) divide(m *machine) bool {
	changed := false
	touched := slices.SortedFunc(maps.Keys(m.touched), comparePlaces)
	for _, p := range touched {
		if _, known := c.start[p]; known {
			continue
		}
		after, left := m.get(p)
		if !left {
			continue // a frame that is gone
		}
		before := m.before(c.memory, p)
		if after.term == before {
			continue // a constant that stays
		}
		c.add(p, before)
		c.classOf[p] = -1 - int(before)
		changed = true
	}
	c.sort()
	type key struct {
		class      int
		start, end termID
	}
	numbers := map[key]int{}
	before := len(c.first)
	c.first, c.next = nil, nil
	for _, p := range c.places {
		after, _ := m.get(p)
		k := key{c.classOf[p], c.start[p], after.term}
		n, ok := numbers[k]
		if !ok {
			n = len(c.first)
			numbers[k] = n
			c.first, c.next = append(c.first, k.start), append(c.next, k.end)
		}
		c.classOf[p] = n
	}
	return changed || before != len(c.first)
}
