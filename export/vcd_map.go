package export

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rnnsim/dump"
)

// SignalMap says which signals of a waveform are the values of a trace. Its text has a line a signal, NAME = SIGNAL, where a
// signal is the path of scopes and name with dots between, without the range of bits:
//
//	graph = Lstm_StandardLstmCell_layer_0_forward
//	sample = tb.clk rising        when the values are taken: rising, falling or change
//	when = tb.done                taken only while this is 1 (optional)
//	sequence = tb.sequence        number of the sequence (optional)
//	step = tb.step                number of the step (optional)
//	start = tb.start              1 with the first step of a sequence (optional, in place of the two)
//	h_next = tb.dut.h             all units in one signal, unit 0 in the lowest bits
//	y_i[*] = tb.dut.y[*]          a signal a unit
//	c_next[3] = tb.dut.c3         one unit
//
// A line of graph begins a cell; it may be left out where there is one cell only. At a rising or falling edge the values are those before
// the edge, as a flip-flop sees them; at a change, those after all changes of that time. Text from # on is a comment.
type SignalMap struct {
	Cells []CellSignals
}

// CellSignals are the signals of a cell.
type CellSignals struct {
	Graph  string // empty: the only one
	Sample string
	Edge   Edge
	When   string
	// Sequence and Step may be empty. Without Sequence, a sequence begins where Start is 1 or where Step does not grow; without Step, steps
	// are counted.
	Sequence, Step, Start string
	Values                []ValueSignal

	units map[string]map[int]bool // of each node that have a signal
}

// Edge is an event of the sampling signal.
type Edge int

// The edges.
const (
	Rising Edge = iota
	Falling
	Change
)

// ValueSignal is where values of a node are found.
type ValueSignal struct {
	Node string
	// Unit is the unit that the signal holds; AllUnits, that there is a signal a unit, whose number stands for the star; Packed, that
	// the signal holds all.
	Unit   int
	Signal string
}

// What ValueSignal.Unit says besides a unit's number.
const (
	Packed   = -1
	AllUnits = -2
)

// ParseSignalMap reads the text of a map. Errors name the line.
func ParseSignalMap(text []byte) (*SignalMap, error) {
	m := &SignalMap{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, signal, ok := strings.Cut(line, "=")
		name, signal = strings.TrimSpace(name), strings.TrimSpace(signal)
		if !ok || name == "" || signal == "" {
			return nil, fmt.Errorf("map of signals, line %d: %q is not of the form NAME = SIGNAL", number, line)
		}
		if err := m.add(name, signal); err != nil {
			return nil, fmt.Errorf("map of signals, line %d: %w", number, err)
		}
	}
	for _, c := range m.Cells {
		switch {
		case c.Sample == "":
			return nil, fmt.Errorf("map of signals: graph %q has no line of sample: nothing says when its values are there", c.Graph)
		case len(c.Values) == 0:
			return nil, fmt.Errorf("map of signals: graph %q has no signal of a node", c.Graph)
		}
	}
	if len(m.Cells) == 0 {
		return nil, errors.New("map of signals: it is empty")
	}
	return m, nil
}

func (m *SignalMap) add(name, signal string) error {
	if name == "graph" || len(m.Cells) == 0 {
		m.Cells = append(m.Cells, CellSignals{})
	}
	c := &m.Cells[len(m.Cells)-1]
	switch name {
	case "graph":
		for _, other := range m.Cells {
			if other.Graph == signal || other.Graph == "" && len(m.Cells) > 1 && other.Sample != "" {
				return fmt.Errorf("graph %q: it is there twice, or stands behind signals of no graph", signal)
			}
		}
		c.Graph = signal
	case "sample":
		words := strings.Fields(signal)
		edge := Edge(-1)
		if len(words) == 2 {
			edge = Edge(slices.Index([]string{"rising", "falling", "change"}, words[1]))
		}
		if edge < 0 {
			return fmt.Errorf("sample = %s: a signal is wanted, then rising, falling or change", signal)
		}
		c.Sample, c.Edge = words[0], edge
	case "when":
		c.When = signal
	case "sequence":
		c.Sequence = signal
	case "step":
		c.Step = signal
	case "start":
		c.Start = signal
	default:
		return c.addValue(name, signal)
	}
	return nil
}

func (c *CellSignals) addValue(name, signal string) error {
	v := ValueSignal{Node: name, Unit: Packed, Signal: signal}
	if node, index, ok := strings.Cut(name, "["); ok {
		v.Node, index = node, strings.TrimSuffix(index, "]")
		switch n, err := strconv.ParseUint(index, 10, 31); {
		case index == "*" && strings.Contains(signal, "*"):
			v.Unit = AllUnits
		case err == nil:
			v.Unit = int(n)
		default:
			return fmt.Errorf("%s = %s: a unit's number is wanted between the brackets, or a star on both sides", name, signal)
		}
	}
	units := c.units[v.Node]
	if units[v.Unit] || units[Packed] || units[AllUnits] || v.Unit < 0 && len(units) > 0 {
		return fmt.Errorf("%s: node %q has these units already", name, v.Node)
	}
	if c.units == nil {
		c.units = map[string]map[int]bool{}
	}
	if units == nil {
		c.units[v.Node] = map[int]bool{}
	}
	c.units[v.Node][v.Unit] = true
	c.Values = append(c.Values, v)
	return nil
}

// ownMap is the map of a waveform that NewVCDSink wrote.
func ownMap(h dump.Header) *SignalMap {
	m := &SignalMap{}
	for _, c := range h.Cells {
		scope := vcdScope + "." + c.Graph + "."
		s := CellSignals{Graph: c.Graph, Sample: scope + "frame", Edge: Change, When: scope + "frame", Sequence: scope + "sequence", Step: scope + "step"}
		for _, n := range c.Nodes {
			s.Values = append(s.Values, ValueSignal{Node: n.Name, Unit: AllUnits, Signal: scope + n.Name + ".u*"})
		}
		m.Cells = append(m.Cells, s)
	}
	return m
}
