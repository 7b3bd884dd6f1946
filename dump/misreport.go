package dump

import "strings"

// Misreports is what a deploy_check dump of Vitis AI 2.0 shows otherwise than it was computed, in a cell with 8-bit matmul
// inputs. The tool cuts input_0 down to 8 bits in place, so the dump shows pre_fix_i0 << (p16-p8) there; and the 8-bit input of
// the matmuls on the h side shows int8(trunc(h / 2^(p16-p8))), which rounds towards zero and wraps modulo 256, where the
// computation floors and saturates. Both were measured on the tool.
type Misreports struct {
	// Input is the node input_0 and InputPre the 8-bit input of the first matmul that reads it; -1 where there is none.
	Input, InputPre int
	// State is the node input_1 and StatePres the 8-bit inputs of the matmuls that read it.
	State     int
	StatePres []int
	nodes     []Node
}

// FindMisreports finds the nodes concerned. There are none in a cell with 16-bit weights.
func FindMisreports(cell Cell) Misreports {
	m := Misreports{Input: -1, InputPre: -1, State: -1, nodes: cell.Nodes}
	for i, node := range cell.Nodes {
		switch {
		case node.Name == "input_0":
			m.Input = i
		case node.Name == "input_1":
			m.State = i
		case isPreFix(node.Name) && strings.Contains(node.Name, "___input_0"):
			if m.InputPre < 0 {
				m.InputPre = i
			}
		case isPreFix(node.Name) && strings.Contains(node.Name, "___input_1"):
			m.StatePres = append(m.StatePres, i)
		}
	}
	return m
}

// Apply changes a frame of what was computed into what the tool shows. The slices that change are replaced, not written to.
func (m Misreports) Apply(f *Frame) {
	if m.Input >= 0 && m.InputPre >= 0 {
		shift := m.nodes[m.Input].Position - m.nodes[m.InputPre].Position
		f.Fixed[m.Input] = apply(f.Fixed[m.InputPre], func(q int16) int16 { return int16(shiftLeft(q, shift)) })
	}
	if m.State < 0 {
		return
	}
	for _, pre := range m.StatePres {
		shift := m.nodes[m.State].Position - m.nodes[pre].Position
		f.Fixed[pre] = apply(f.Fixed[m.State], func(q int16) int16 { return wrapToByte(q, shift) })
	}
}

func apply(values []int16, f func(int16) int16) []int16 {
	out := make([]int16, len(values))
	for i, q := range values {
		out[i] = f(q)
	}
	return out
}

// shiftLeft is q * 2^shift, rounded down.
func shiftLeft(q int16, shift int) int64 {
	if shift < 0 {
		return int64(q) >> min(-shift, 63)
	}
	return int64(q) << min(shift, 40)
}

// wrapToByte is int8(trunc(q / 2^shift)).
func wrapToByte(q int16, shift int) int16 {
	if shift < 0 {
		return int16(int8(shiftLeft(q, -shift)))
	}
	return int16(int8(int64(q) / (1 << min(shift, 40)))) // Go's division truncates
}
