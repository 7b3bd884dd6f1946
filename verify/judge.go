package verify

import (
	"fmt"
	"slices"

	"rnnsim/dump"
)

// judged is one frame while it is judged.
type judged struct {
	cell  *replayCell
	frame *dump.Frame
	// actual is what each node's readers computed from, by what was recorded; repaired is the same for the nodes where
	// something is wrong, or that follow from one, with the right values put in.
	actual   map[string][]int16
	repaired map[string][]int16
	rulings  []*ruling // a node, nil where there was nothing to judge
}

// ruling is the judgement of one node in one frame.
type ruling struct {
	want []int16
	// wrong, explained and misreported list the places; all others are equal.
	wrong                  []int
	explained, misreported int
	note                   string
}

// judge is the second reading: every node of a frame.
func (r *replay) judge(frame *dump.Frame) error {
	c := r.ofTrace[frame.Cell]
	if c == nil {
		return nil
	}
	j := &judged{cell: c, frame: frame, actual: map[string][]int16{}, repaired: map[string][]int16{}}
	j.rulings = make([]*ruling, len(c.cell.Nodes))
	for i, node := range c.cell.Nodes {
		var err error
		if j.rulings[i], err = r.rule(j, node); err != nil {
			return fmt.Errorf("%s, sequence %d, step %d: %w", c.cell.Graph, frame.Sequence, frame.Step, err)
		}
	}
	trail := c.trails.of(frame.Sequence)
	whole, any := true, false
	for i, ruling := range j.rulings {
		if ruling == nil {
			continue
		}
		any = true
		r.count(j, i, ruling)
		if len(ruling.wrong) == 0 {
			trail.equal(i, frame.Step)
			continue
		}
		whole = false
		key := orderKey{sequence: frame.Sequence, cell: c.index, step: frame.Step, node: i}
		if r.found.wants(key) {
			d := r.describe(j, i, ruling)
			d.LastEqual, d.LastEqualNode = trail.last, trail.lastOf(i)
			r.found.add(key, d)
		}
		trail.differs(i, len(c.cell.Nodes), frame.Step)
	}
	if whole {
		trail.last = frame.Step
	}
	r.remember(j)
	if any {
		r.counts.Steps++
		r.seen[frame.Sequence] = struct{}{}
	}
	if r.options.Progress != nil {
		r.options.Progress(r.counts.Steps)
	}
	return nil
}

// rule judges one node; nil says that there is nothing to judge it by, or that it was not recorded.
func (r *replay) rule(j *judged, node dump.Node) (*ruling, error) {
	recorded := j.cell.recorded(j.frame, node.Name)
	if node.Op == "data" {
		return r.ruleInput(j, node.Name, recorded), nil
	}
	narrow, isNarrow := j.cell.narrowOf(node.Name)
	if isNarrow && r.style.original() && narrow.source != "input_0" {
		return j.ruleMisreported(narrow, recorded), nil
	}
	return r.ruleComputed(j, node.Name, recorded)
}

// ruleInput judges an input of the cell by where it comes from.
func (r *replay) ruleInput(j *judged, node string, recorded []int16) *ruling {
	want, repaired := r.linked(j.cell, node, j.frame)
	if len(want) != len(recorded) && recorded != nil {
		want = nil
	}
	if node == "input_0" && r.style.original() && recorded != nil {
		return j.ruleCutInput(node, recorded, want, repaired)
	}
	j.actual[node] = recorded
	if recorded == nil {
		j.actual[node] = want
		return nil
	}
	if want == nil {
		return nil
	}
	ruling := compareRulings(recorded, want, repaired)
	j.repair(node, recorded, ruling, orElse(repaired, want))
	return ruling
}

// ruleComputed judges a node by computing it from what was recorded for the nodes that it reads.
func (r *replay) ruleComputed(j *judged, node string, recorded []int16) (*ruling, error) {
	info := j.cell.node(node)
	actual, follows := map[string][]int16{}, map[string][]int16{}
	anyRepaired := false
	for _, read := range info.Reads {
		if read.Param != nil {
			continue
		}
		name := read.Name
		values := j.actual[name]
		if values == nil {
			return nil, nil // nothing to compute it from
		}
		actual[name], follows[name] = values, values
		if better := j.repaired[name]; better != nil {
			follows[name], anyRepaired = better, true
		}
	}
	want, err := r.reference.Node(j.cell.index, node, actual)
	if err != nil {
		return nil, fmt.Errorf("compute %s: %w", node, err)
	}
	var repaired []int16
	if anyRepaired {
		if repaired, err = r.reference.Node(j.cell.index, node, follows); err != nil {
			return nil, fmt.Errorf("compute %s: %w", node, err)
		}
	}
	if recorded == nil {
		j.actual[node] = want
		if repaired != nil {
			j.repaired[node] = repaired
		}
		return nil, nil
	}
	if len(want) != len(recorded) {
		return nil, fmt.Errorf("compute %s: %d values from %d recorded", node, len(want), len(recorded))
	}
	ruling := compareRulings(recorded, want, repaired)
	if !r.options.Exact {
		ruling.wrong = slices.DeleteFunc(ruling.wrong, func(i int) bool {
			ok := explained(info, i, actual, recorded[i]) || anyRepaired && explained(info, i, follows, recorded[i])
			if ok {
				ruling.explained++
			}
			return ok
		})
		if err := r.blameInputs(j, info, recorded, ruling, follows); err != nil {
			return nil, err
		}
	}
	j.actual[node] = recorded
	j.repair(node, recorded, ruling, orElse(repaired, want))
	return ruling, nil
}

// ruleMisreported judges the 8-bit h of the original's dump by what that is known to show. What reads it computed from the
// value that was used.
func (j *judged) ruleMisreported(n narrowed, recorded []int16) *ruling {
	source, better := j.actual[n.source], j.repaired[n.source]
	if source == nil {
		return nil
	}
	j.actual[n.node] = each(source, n.used)
	if better != nil {
		j.repaired[n.node] = each(better, n.used)
	}
	if len(recorded) != len(source) {
		return nil
	}
	var repaired []int16
	if better != nil {
		repaired = each(better, n.shown)
	}
	ruling := compareRulings(recorded, each(source, n.shown), repaired)
	for i, x := range source {
		if recorded[i] == n.shown(x) && n.shown(x) != n.used(x) {
			ruling.misreported++
		}
	}
	ruling.note = "held against what the original's 8-bit dump shows: truncated and wrapped"
	return ruling
}

// ruleCutInput judges the cut input_0 of the original's dump: by the value before the cut where it is known, by the 8-bit
// inputs of the matmuls otherwise. An input with which all of those disagree is wrong; one that disagrees alone is wrong itself.
func (j *judged) ruleCutInput(node string, recorded, whole, wholeRepaired []int16) *ruling {
	cut := func(x int16) int16 { return j.cell.cutInPlace(node, x) }
	var want, repaired []int16
	if whole != nil {
		want = each(whole, cut)
		if wholeRepaired != nil {
			repaired = each(wholeRepaired, cut)
		}
	} else {
		want = each(recorded, cut)
		for i, x := range recorded {
			if vote, ok := j.vote(node, i, x); ok {
				want[i] = vote
			}
		}
	}
	ruling := compareRulings(recorded, want, repaired)
	for i := range whole {
		if recorded[i] == want[i] && want[i] != whole[i] {
			ruling.misreported++
		}
	}
	ruling.note = "held against what the original's 8-bit dump shows: the value cut to 8 bits"
	j.actual[node] = recorded
	j.repair(node, recorded, ruling, orElse(repaired, want))
	return ruling
}

// vote gives what the 8-bit inputs recorded for the matmuls say that x, their common source, is: x where one of them agrees
// with it, what the first of them says where none does.
func (j *judged) vote(source string, index int, x int16) (value int16, ok bool) {
	for _, n := range j.cell.narrow {
		values := j.cell.recorded(j.frame, n.node)
		if n.source != source || index >= len(values) {
			continue
		}
		said := requantize(values[index:index+1], n.format.Position, j.cell.node(source).Format)[0]
		if said == x {
			return x, true
		}
		if !ok {
			value, ok = said, true
		}
	}
	return value, ok
}

// compareRulings finds where recorded is neither want nor, if there is one, repaired.
func compareRulings(recorded, want, repaired []int16) *ruling {
	result := &ruling{want: want}
	for i, v := range recorded {
		if v != want[i] && (repaired == nil || v != repaired[i]) {
			result.wrong = append(result.wrong, i)
		}
	}
	return result
}

// repair keeps, for the readers of a node with wrong values, what it should have held.
func (j *judged) repair(node string, recorded []int16, ruling *ruling, right []int16) {
	if len(ruling.wrong) == 0 {
		return
	}
	values := slices.Clone(recorded)
	for _, i := range ruling.wrong {
		values[i] = right[i]
	}
	j.repaired[node] = values
}

func each(values []int16, f func(int16) int16) []int16 {
	result := make([]int16, len(values))
	for i, v := range values {
		result[i] = f(v)
	}
	return result
}

func orElse(values, otherwise []int16) []int16 {
	if values != nil {
		return values
	}
	return otherwise
}
