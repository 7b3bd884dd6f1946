package verify

import (
	"fmt"
	"path"
)

// DefaultErrors is how many divergences are kept after the first unless told otherwise.
const DefaultErrors = 20

// DefaultPending is the memory that frames may take which only one side has yielded so far.
const DefaultPending = 8 << 20

// Options says what is compared, and how.
type Options struct {
	// Nodes are patterns (path.Match) of the nodes to compare, by the name on the wanted side; none is all.
	Nodes []string
	// Steps is the range of steps to compare, in execution order.
	Steps Steps
	// Sequence is the only one to compare; nil is all.
	Sequence *int
	// Map gives, for the name of a node on the got side ("h_out") or of one graph's node ("cell0/h_out"), the name on the
	// wanted side. Names that it does not hold stay as they are.
	Map map[string]string
	// Tolerance gives, for a pattern of nodes by the name on the wanted side, the |delta| in LSB that still counts as
	// equal. Where several patterns match, the largest holds.
	Tolerance map[string]float64
	// Errors is how many divergences are kept after the first: 0 is DefaultErrors, less than 0 none.
	Errors int
	// PerStep keeps statistics a node and a step, not only a node.
	PerStep bool
	// Heat keeps the largest |delta| a node over steps and units, to be drawn.
	Heat bool
	// Detail keeps what a report draws: PerStep, Heat, how the values of each node lie in its range, and, where Reads is given, what is
	// looked up in tables.
	Detail bool
	// Informative says that values that differ are no failure: the statistics are what is wanted.
	Informative bool
	// Pending bounds the memory of frames that wait for their twin, in bytes; 0 is DefaultPending. Beyond it one side is read in the order
	// of the other.
	Pending int64
	// Reads names the nodes that a node of a graph reads, to show what led to a divergence; nil shows nothing.
	Reads func(graph, node string) []string
	// Progress is called now and then with the number of frames compared so far.
	Progress func(frames int64)
}

// Steps is a range of steps; the zero value is all of them.
type Steps struct {
	First int
	Count int // 0 is all from First on
}

func (s Steps) holds(step int) bool {
	return step >= s.First && (s.Count == 0 || step-s.First < s.Count)
}

// picks says whether a frame has a part in the comparison.
func (o Options) picks(sequence, step int) bool {
	return o.Steps.holds(step) && o.picksSequence(sequence)
}

func (o Options) picksSequence(sequence int) bool {
	return o.Sequence == nil || *o.Sequence == sequence
}

func (o Options) validate() error {
	for _, pattern := range o.Nodes {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("select nodes by %q: %w", pattern, err)
		}
	}
	for pattern, lsb := range o.Tolerance {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("set the tolerance of nodes by %q: %w", pattern, err)
		}
		if !(lsb >= 0) {
			return fmt.Errorf("set the tolerance of nodes by %q: %v LSB is not a distance", pattern, lsb)
		}
	}
	if o.Steps.First < 0 || o.Steps.Count < 0 {
		return fmt.Errorf("select steps: first %d, count %d; neither can be negative", o.Steps.First, o.Steps.Count)
	}
	return nil
}

func (o Options) selects(node string) bool {
	if len(o.Nodes) == 0 {
		return true
	}
	for _, pattern := range o.Nodes {
		if matched, _ := path.Match(pattern, node); matched {
			return true
		}
	}
	return false
}

func (o Options) tolerance(node string) float64 {
	largest := 0.0
	for pattern, lsb := range o.Tolerance {
		if matched, _ := path.Match(pattern, node); matched {
			largest = max(largest, lsb)
		}
	}
	return largest
}

func (o Options) kept() int {
	switch {
	case o.Errors == 0:
		return 1 + DefaultErrors
	case o.Errors < 0:
		return 1
	}
	return 1 + o.Errors
}
