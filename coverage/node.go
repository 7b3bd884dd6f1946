package coverage

import (
	"fmt"

	"rnnsim/golden"
	"rnnsim/internal/fixed"
)

// node is a node of a cell with its bins.
type node struct {
	bins
	info  *golden.NodeInfo
	at    int   // in the frame
	reads []int // for each of info.Reads its place in the frame, -1 for a parameter
	// compute gives the node's values from those of the nodes that it reads, and marks bins. It is nil for an input.
	compute func(frame [][]interval) []interval
	// entry is the quantization point of an input's values.
	entry point
	// to is the quantization point of a sum, and up how far its operands are shifted to the left before.
	to   point
	up   [2]int
	seen []Bin
	// reachable says which bins the analysis has not excluded.
	reachable []bool
}

// maxAlignment is how far two operands may lie apart: a sum of 16-bit values that far apart has 63 bits.
const maxAlignment = 40

func newNode(info *golden.NodeInfo, at int, places map[string]int) (*node, error) {
	n := &node{info: info, at: at}
	for _, read := range info.Reads {
		place := -1
		if read.Param == nil {
			place = places[read.Name]
		}
		n.reads = append(n.reads, place)
	}
	if err := checkAlignment(info); err != nil {
		return nil, err
	}
	switch info.Op {
	case "data":
		n.entry = newPoint(&n.bins, "", info.Format.Position, info.Format)
	case "matmul":
		n.compute = n.matmul()
	case "add", "sub":
		n.compute = n.sum()
	case "mul":
		n.compute = n.product()
	case "sigmoid":
		n.compute = n.table(fixed.Sigmoid)
	case "tanh":
		n.compute = n.table(fixed.Tanh)
	case "fix":
		n.compute = n.cut()
	default:
		return nil, fmt.Errorf("node %s is a %s, for which there are no bins", info.Name, info.Op)
	}
	for _, name := range n.names {
		n.seen = append(n.seen, Bin{Name: name})
	}
	n.reachable = make([]bool, len(n.names))
	return n, nil
}

// checkAlignment refuses positions so far apart that sums of 64 bits do not hold the aligned values.
func checkAlignment(info *golden.NodeInfo) error {
	apart := 0
	switch {
	case info.Matmul != nil:
		apart = max(info.Reads[0].Format.Position+info.Matmul.WeightFormat.Position-info.Format.Position, info.Matmul.BiasFormat.Position-info.Format.Position,
			info.Format.Position-info.Matmul.BiasFormat.Position)
	case info.Op == "add" || info.Op == "sub":
		apart = info.Reads[0].Format.Position - info.Reads[1].Format.Position
	}
	if apart = max(apart, -apart); apart > maxAlignment {
		return fmt.Errorf("node %s joins values that lie %d bits apart; up to %d are possible", info.Name, apart, maxAlignment)
	}
	return nil
}

// operand gives element i of what the node reads; an operand of one element serves all.
func (n *node) operand(frame [][]interval, read, i int) interval {
	if n.reads[read] < 0 {
		values := n.info.Reads[read].Param
		v := int64(values[i%len(values)])
		return interval{v, v}
	}
	values := frame[n.reads[read]]
	return values[i%len(values)]
}

func (n *node) sum() func([][]interval) []interval {
	a, b := n.info.Reads[0].Format.Position, n.info.Reads[1].Format.Position
	finest := max(a, b)
	n.to, n.up = newPoint(&n.bins, "", finest, n.info.Format), [2]int{finest - a, finest - b}
	return func(frame [][]interval) []interval {
		out := make([]interval, n.info.Width)
		for i := range out {
			right := n.operand(frame, 1, i)
			if n.info.Op == "sub" {
				right = interval{-right.hi, -right.lo}
			}
			out[i] = n.to.take(n.operand(frame, 0, i).up(n.up[0]).plus(right.up(n.up[1])))
		}
		return out
	}
}

func (n *node) product() func([][]interval) []interval {
	to := newPoint(&n.bins, "", n.info.Reads[0].Format.Position+n.info.Reads[1].Format.Position, n.info.Format)
	signs := newSignPairs(&n.bins)
	return func(frame [][]interval) []interval {
		out := make([]interval, n.info.Width)
		for i := range out {
			a, b := n.operand(frame, 0, i), n.operand(frame, 1, i)
			signs.take(a, b)
			out[i] = to.take(a.times(b))
		}
		return out
	}
}

func (n *node) cut() func([][]interval) []interval {
	to := newPoint(&n.bins, "", n.info.Reads[0].Format.Position, n.info.Format)
	return func(frame [][]interval) []interval {
		out := make([]interval, n.info.Width)
		for i := range out {
			out[i] = to.take(n.operand(frame, 0, i))
		}
		return out
	}
}

// segmentEntries is how many entries of a table are a bin.
const segmentEntries = 128

func (n *node) table(table *fixed.Table) func([][]interval) []interval {
	const half = fixed.TableSize / 2
	left := n.add("left of the table")
	for from := 0; from < fixed.TableSize; from += segmentEntries {
		n.add(fmt.Sprintf("entries %d to %d", from, from+segmentEntries-1))
	}
	right := n.add("right of the table")
	position := n.info.Reads[0].Format.Position
	to := newPoint(&n.bins, "", fixed.TablePosition, n.info.Format)
	return func(frame [][]interval) []interval {
		out := make([]interval, n.info.Width)
		for i := range out {
			x := n.operand(frame, 0, i)
			// One step beyond either end stands for all that lies there.
			first := min(max(fixed.ShiftRight(x.lo, position-table.IndexPosition)+half, -1), fixed.TableSize)
			last := min(max(fixed.ShiftRight(x.hi, position-table.IndexPosition)+half, -1), fixed.TableSize)
			entries := interval{first, last}
			n.near(left, entries.to(-1, -1))
			n.near(right, entries.to(fixed.TableSize, fixed.TableSize))
			for segment := range fixed.TableSize / segmentEntries {
				n.near(left+1+segment, entries.to(int64(segment)*segmentEntries, int64(segment+1)*segmentEntries-1))
			}
			// Both tables rise, and so do their ends.
			out[i] = to.take(interval{int64(table.Lookup(x.lo, position)), int64(table.Lookup(x.hi, position))})
		}
		return out
	}
}
