package verify

// trail remembers, for one sequence of one cell, the last step that was equal. Most trails stay equal to the end and keep
// one number; the first difference adds one a node.
type trail struct {
	last  int   // last step at which all nodes agreed
	nodes []int // last step at which each node agreed; nil while all of them always did
}

func (t *trail) equal(node, step int) {
	if t.nodes != nil {
		t.nodes[node] = step
	}
}

// differs notes that a node differs at a step; the nodes before it have agreed at this step already.
func (t *trail) differs(node, nodes, step int) {
	if t.nodes != nil {
		return
	}
	t.nodes = make([]int, nodes)
	for i := range t.nodes {
		t.nodes[i] = t.last
		if i < node {
			t.nodes[i] = step
		}
	}
}

func (t *trail) lastOf(node int) int {
	if t.nodes != nil {
		return t.nodes[node]
	}
	return t.last
}

// trails keeps the trails of the sequences that were met last. Frames of a cell come sequence by sequence, so that few are
// alive at a time, however long the run.
type trails struct {
	alive map[int]*trail
	order []int
}

const maxTrails = 1024

func (t *trails) of(sequence int) *trail {
	if found, ok := t.alive[sequence]; ok {
		return found
	}
	if t.alive == nil {
		t.alive = map[int]*trail{}
	}
	if len(t.order) == maxTrails {
		delete(t.alive, t.order[0])
		t.order = t.order[1:]
	}
	fresh := &trail{last: NoStep}
	t.alive[sequence] = fresh
	t.order = append(t.order, sequence)
	return fresh
}
