package verify

import (
	"fmt"
	"maps"
	"slices"

	"rnnsim/golden"
)

// blameInputs looks, for each wrong value of a node that works element by element, whether one of its inputs is to blame.
//
// One that by itself looks explained by float32 rounding is wrong where this node was computed from the exact value: the trace
// contradicts itself there, and not here. And where an input is wrong already, what stood in its place need not have been the
// exact value; it may have been one beside it that float32 rounding explains.
func (r *replay) blameInputs(j *judged, info *golden.NodeInfo, recorded []int16, ruling *ruling, inputs map[string][]int16) error {
	if info.Matmul != nil {
		return nil
	}
	for _, read := range info.Reads {
		if len(ruling.wrong) == 0 || read.Param != nil || len(inputs[read.Name]) != info.Width {
			continue
		}
		from := j.rulings[j.cell.place[read.Name]]
		if from == nil || from.explained == 0 && len(from.wrong) == 0 {
			continue
		}
		for _, beside := range []int16{0, 1, -1} {
			cleared, tried, err := r.suppose(j, info, recorded, ruling, inputs, read.Name, beside)
			if err != nil {
				return err
			}
			ruling.wrong = slices.DeleteFunc(ruling.wrong, func(i int) bool { return slices.Contains(cleared, i) })
			if beside == 0 {
				j.convict(read.Name, from, cleared, tried)
			}
		}
	}
	return nil
}

// suppose computes the node from other values of one input, where it is wrong: from the exact value in place of an explained
// one, or from an explained value beside the exact one in place of a wrong one. It gives the places that come out as recorded.
func (r *replay) suppose(j *judged, info *golden.NodeInfo, recorded []int16, ruling *ruling, inputs map[string][]int16, input string, beside int16) (cleared []int, tried []int16, err error) {
	from, values := j.rulings[j.cell.place[input]], inputs[input]
	tried = slices.Clone(values)
	var suspects []int
	for _, i := range ruling.wrong {
		isWrong := slices.Contains(from.wrong, i)
		switch {
		case beside == 0 && !isWrong && values[i] != from.want[i]:
			tried[i] = from.want[i]
		case beside != 0 && isWrong && explained(j.cell.node(input), i, j.sources(input), from.want[i]+beside):
			tried[i] = from.want[i] + beside
		default:
			continue
		}
		suspects = append(suspects, i)
	}
	if len(suspects) == 0 {
		return nil, nil, nil
	}
	supposed := maps.Clone(inputs)
	supposed[input] = tried
	computed, err := r.reference.Node(j.cell.index, info.Name, supposed)
	if err != nil {
		return nil, nil, fmt.Errorf("compute %s: %w", info.Name, err)
	}
	return slices.DeleteFunc(suspects, func(i int) bool { return computed[i] != recorded[i] }), tried, nil
}

// sources gives what a node was computed from, with the right values where some are wrong.
func (j *judged) sources(node string) map[string][]int16 {
	sources := map[string][]int16{}
	for _, read := range j.cell.node(node).Reads {
		sources[read.Name] = orElse(j.repaired[read.Name], j.actual[read.Name])
	}
	return sources
}

// convict turns explained values of a node into wrong ones.
func (j *judged) convict(node string, ruling *ruling, places []int, right []int16) {
	if len(places) == 0 {
		return
	}
	ruling.explained -= len(places)
	ruling.wrong = append(ruling.wrong, places...)
	slices.Sort(ruling.wrong)
	ruling.note = "float32 rounding allows this value, but what reads it was computed from the one that was wanted"
	j.repair(node, j.actual[node], ruling, right)
}
