package verify

import (
	"fmt"
	"maps"
	"slices"

	"rnnsim/golden"
)

// blameInputs looks, for each wrong value of a node that works element by element, whether one of its inputs is to blame: one
// that by itself looks explained by float32 rounding, while this node was computed from the exact value. The trace then
// contradicts itself there, and not here.
func (r *replay) blameInputs(j *judged, info *golden.NodeInfo, recorded []int16, ruling *ruling, inputs map[string][]int16) error {
	if info.Matmul != nil || len(ruling.wrong) == 0 {
		return nil
	}
	for _, read := range info.Reads {
		values, source := inputs[read.Name], j.cell.place[read.Name]
		from := j.rulings[source]
		if read.Param != nil || from == nil || from.explained == 0 || len(values) != info.Width {
			continue
		}
		exact := maps.Clone(inputs)
		exact[read.Name] = slices.Clone(values)
		suspects := slices.DeleteFunc(slices.Clone(ruling.wrong), func(i int) bool {
			exact[read.Name][i] = from.want[i]
			return values[i] == from.want[i] || slices.Contains(from.wrong, i)
		})
		computed, err := r.reference.Node(j.cell.index, info.Name, exact)
		if err != nil {
			return fmt.Errorf("compute %s: %w", info.Name, err)
		}
		for _, i := range suspects {
			if computed[i] != recorded[i] {
				continue
			}
			ruling.wrong = slices.DeleteFunc(ruling.wrong, func(w int) bool { return w == i })
			from.explained--
			from.wrong = append(from.wrong, i)
			from.note = "float32 rounding allows this value, but what reads it was computed from the one that was wanted"
		}
		slices.Sort(from.wrong)
		j.repair(read.Name, j.actual[read.Name], from, exact[read.Name])
	}
	return nil
}
