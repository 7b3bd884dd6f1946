package fault

import "fmt"

// Entry is what is offered to a cell as x at one step, before input_0 quantizes it: real numbers, or integers at a position.
// Neither is an x that is not known.
type Entry struct {
	Real     []float32
	Fixed    []int16
	Position int
	// Positions replaces Position where the integers stand at different ones.
	Positions []int
}

// Initial is the state of a cell before a sequence, on the grids of input_1 and input_2; nil is zero.
type Initial struct{ H, C []int16 }

// Follower walks one cell of a datapath through a run, frame by frame. What a frame's record holds is taken as it is and judged;
// what it does not hold is computed from what is known.
type Follower struct {
	cell *cell
	// Every says to compute every node, also those that no fault has touched.
	every bool
	start Initial
	entry Entry
	step  int
	now   [][]int16    // the values of the nodes at this step; nil is not known
	past  [3][][]int16 // of the steps before, the latest first; past[k] is nil where there was none
	keep  []int        // nodes that a later step reads
	own   [][]int16    // memory of computed values
	deep  int          // how many steps back the cell reads
	wide  []int16      // scratch
}

// Follow starts to walk along a cell. With every, all nodes of a frame are computed; otherwise those that a fault has touched, and
// those that are not recorded.
func (d *Datapath) Follow(cell int, every bool) *Follower {
	c := d.cells[cell]
	f := &Follower{cell: c, every: every, now: make([][]int16, len(c.nodes)), own: make([][]int16, len(c.nodes))}
	kept := make([]bool, len(c.nodes))
	for i, n := range c.nodes {
		f.own[i] = make([]int16, n.width)
		for _, o := range n.reads {
			if o.delay > 0 {
				kept[o.node] = true
				kept[o.atStart] = kept[o.atStart] || o.useStart
				f.deep = max(f.deep, o.delay)
			}
		}
	}
	for i, k := range kept {
		if k {
			f.keep = append(f.keep, i)
		}
	}
	return f
}

// Begin starts a sequence.
func (f *Follower) Begin(initial Initial) { f.start, f.step = initial, 0 }

// Resume starts in the middle of a sequence whose earlier steps are not known, in the given state.
func (f *Follower) Resume(state Initial, step int) {
	f.start, f.step, f.past = state, step, [3][][]int16{}
}

// Frame computes the next step. recorded holds, by place of the node, what is recorded of it, or nil. visit is called for each
// node that was computed and whose operands were known, with the values that the datapath gives it; they are valid until the next
// call. Values gives all of them afterwards.
func (f *Follower) Frame(entry Entry, recorded [][]int16, visit func(node int, computed []int16)) {
	f.entry = entry
	c := f.cell
	passes := 1
	if c.early > 0 {
		next := c.becomesH()
		if f.now[next] = recorded[next]; f.now[next] == nil {
			// Each pass makes the h of one more group of units final.
			passes += (c.nodes[next].width - 1) / c.early
			f.now[next] = f.own[next]
		}
	}
	for pass := range passes {
		last := pass == passes-1
		for i, n := range c.nodes {
			known := recorded[i]
			if known != nil && !f.every && !c.touched[i] {
				f.now[i] = known
				continue
			}
			if !f.compute(n, f.own[i]) {
				f.now[i] = known
				continue
			}
			if last && visit != nil {
				visit(i, f.own[i])
			}
			f.now[i] = f.own[i]
			if known != nil {
				f.now[i] = known
			}
		}
	}
	f.remember()
	f.step++
}

// Values gives what the nodes held at the step before, recorded or computed; nil is not known. They are valid until the next Frame.
func (f *Follower) Values() [][]int16 { return f.now }

func (f *Follower) remember() {
	if f.deep == 0 {
		return
	}
	oldest := f.past[f.deep-1]
	copy(f.past[1:f.deep], f.past[:f.deep-1])
	if oldest == nil {
		oldest = make([][]int16, len(f.cell.nodes))
	}
	for _, i := range f.keep {
		if f.now[i] == nil {
			oldest[i] = nil
			continue
		}
		oldest[i] = append(oldest[i][:0], f.now[i]...)
	}
	f.past[0] = oldest
}

// values gives what an operand holds; nil is not known.
func (f *Follower) values(o *operand) []int16 {
	node := f.node(o)
	if o.delay == 0 {
		return f.now[node]
	}
	before := f.past[o.delay-1]
	if before == nil || f.step < o.delay {
		return f.zeros(f.cell.nodes[node].width)
	}
	return before[node]
}

// node is the node that an operand reads at this step.
func (f *Follower) node(o *operand) int {
	if o.useStart && f.step == o.delay {
		return o.atStart
	}
	return o.node
}

func (f *Follower) zeros(n int) []int16 {
	if len(f.wide) < n {
		f.wide = make([]int16, n)
	}
	return f.wide[:n]
}

// compute gives a node's values; false says that something it needs is not known.
func (f *Follower) compute(n *node, out []int16) bool {
	if n.instead != nil {
		return n.instead(f, n, out)
	}
	switch {
	case n.state.isState:
		return f.state(n, out)
	case n.op == "data":
		return f.enter(n, out)
	case n.op == "matmul":
		return f.product(n, out)
	case n.op == "fix":
		x := f.values(&n.reads[0])
		for i := range out[:min(len(x), len(out))] {
			out[i] = n.unary(x[i])
		}
		clear(out[min(len(x), len(out)):])
		return x != nil
	case n.table.of != nil:
		x := f.values(&n.reads[0])
		for i, v := range x {
			out[i] = n.unary(v)
		}
		return x != nil
	case len(n.reads) == 2:
		return f.combine(n, out)
	}
	panic(fmt.Sprintf("fault: node %s has no rule", n.name))
}

func (f *Follower) combine(n *node, out []int16) bool {
	a, b := f.values(&n.reads[0]), f.values(&n.reads[1])
	if a == nil || b == nil {
		return false
	}
	for i := range out {
		out[i] = n.joined(a[i], b[i])
	}
	return true
}

func (f *Follower) enter(n *node, out []int16) bool {
	switch {
	case len(f.entry.Real) == n.width:
		for i, v := range f.entry.Real {
			out[i] = n.point.takeReal(float64(v))
		}
	case len(f.entry.Fixed) == n.width:
		for i, v := range f.entry.Fixed {
			position := f.entry.Position
			if f.entry.Positions != nil {
				position = f.entry.Positions[i]
			}
			out[i] = n.point.take(int64(v), position)
		}
	default:
		return false
	}
	return true
}

// state gives h or c as it enters a step.
func (f *Follower) state(n *node, out []int16) bool {
	o := &n.reads[0]
	before := f.past[o.delay-1]
	if f.step < n.state.resets || before == nil {
		initial := f.start.H
		if n == f.cell.nodes[max(f.cell.c, 0)] {
			initial = f.start.C
		}
		clear(out[copy(out, initial):])
		return true
	}
	x := before[o.node]
	for i, v := range x {
		out[i] = n.unary(v)
	}
	return x != nil
}

func (f *Follower) product(n *node, out []int16) bool {
	o := &n.reads[0]
	x := f.values(o)
	if x == nil {
		return false
	}
	early, next := 0, []int16(nil)
	at := f.node(o)
	if f.cell.early > 0 && o.delay == 0 && f.derives(at, f.cell.h) {
		if early, next = f.cell.early, f.now[f.cell.becomesH()]; next == nil {
			return false
		}
		x = append(f.scratch()[:0], x...)
	}
	position := o.position + n.product.position
	for row := range out {
		if early > 0 && row%early == 0 && row > 0 {
			for i := row - early; i < min(row, len(x)); i++ {
				x[i] = f.through(at, next[i])
			}
		}
		out[row] = n.product.finish(n.product.row(row, x, o, n.format.Position), position, row, &n.point)
	}
	return true
}

func (f *Follower) scratch() []int16 { return make([]int16, 0, f.cell.nodes[f.cell.nextH].width) }

// derives says whether a node is the given one or a cut of it.
func (f *Follower) derives(at, from int) bool {
	for f.cell.nodes[at].op == "fix" {
		at = f.node(&f.cell.nodes[at].reads[0])
	}
	return at == from
}

// through brings a value of the next h to where a product reads it: onto the grid of input_1, and through the cuts behind it.
func (f *Follower) through(at int, v int16) int16 {
	h := f.cell.nodes[f.cell.h]
	return f.cuts(at, h.point.take(h.reads[0].take(v), h.reads[0].position))
}

// cuts narrows a value of an input as the cuts up to a node do.
func (f *Follower) cuts(at int, v int16) int16 {
	n := f.cell.nodes[at]
	if n.op != "fix" {
		return v
	}
	o := &n.reads[0]
	return n.point.take(o.take(f.cuts(f.node(o), v)), o.position)
}
