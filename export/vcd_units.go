package export

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rnnsim/dump"
)

// numberSignals finds the units that a pattern of the map, with a star in the place of the unit's number, has signals of. Signals
// are looked through once, so that neither a width nor a number in the file says how long that takes.
func (s *VCDSource) numberSignals(signals *SignalMap) {
	s.numbered = map[string][]int{}
	wanted := map[string]bool{}
	for i := range signals.Cells {
		for _, v := range signals.Cells[i].Values {
			if v.Unit == AllUnits {
				wanted[v.Signal] = true
			}
		}
	}
	if len(wanted) == 0 {
		return
	}
	for name := range s.reader.names {
		for from := 0; from < len(name); from++ {
			end := from
			for end < len(name) && '0' <= name[end] && name[end] <= '9' {
				end++
			}
			if end == from {
				continue
			}
			unit, err := strconv.ParseUint(name[from:end], 10, 31)
			pattern := name[:from] + "*" + name[end:]
			if err == nil && wanted[pattern] && strconv.Itoa(int(unit)) == name[from:end] {
				s.numbered[pattern] = append(s.numbered[pattern], int(unit))
			}
			from = end
		}
	}
	for _, units := range s.numbered {
		slices.Sort(units)
	}
}

// units gives the signals of a node: one for all, or one a unit; nil where none has one. Of a node that has only some it says so in n.
func (s *VCDSource) units(n *dump.Node, named []ValueSignal) ([]*vcdValue, error) {
	if len(named) == 0 || n.Width < 1 || n.Bits < 1 || n.Bits > 16 {
		return nil, nil
	}
	if named[0].Unit == Packed {
		v := s.signal(named[0].Signal)
		if v == nil || v.width%n.Width != 0 || v.width/n.Width < n.Bits {
			return nil, fmt.Errorf("node %q: signal %q is not there, or its width is no multiple of %d values of %d bits", n.Name, named[0].Signal, n.Width, n.Bits)
		}
		return []*vcdValue{v}, nil
	}
	named = s.unitSignals(n, named)
	var parts []*vcdValue
	var units []int
	for _, signal := range named {
		v := s.signal(signal.Signal)
		switch {
		case signal.Unit >= n.Width:
			return nil, fmt.Errorf("node %q has %d units, and the map names unit %d", n.Name, n.Width, signal.Unit)
		case v == nil:
			return nil, fmt.Errorf("node %q: there is no signal %q, which the map names", n.Name, signal.Signal)
		case v.width < n.Bits:
			return nil, fmt.Errorf("node %q: signal %q has %d bits, not %d", n.Name, signal.Signal, v.width, n.Bits)
		}
		parts, units = append(parts, v), append(units, signal.Unit)
	}
	if len(parts) > 0 && len(parts) < n.Width {
		n.Part, n.Width = &dump.Part{Units: units, Of: n.Width}, len(units)
	}
	return parts, nil
}

// unitSignals gives a signal for each unit that has one, ascending.
func (s *VCDSource) unitSignals(n *dump.Node, named []ValueSignal) []ValueSignal {
	if named[0].Unit != AllUnits {
		named = slices.Clone(named)
		slices.SortFunc(named, func(a, b ValueSignal) int { return cmp.Compare(a.Unit, b.Unit) })
		return named
	}
	pattern := named[0].Signal
	units := s.numbered[pattern]
	if strings.Count(pattern, "*") > 1 {
		for unit := range min(n.Width, len(s.reader.names)) {
			units = append(units, unit)
		}
	}
	var all []ValueSignal
	for _, unit := range units {
		name := strings.ReplaceAll(pattern, "*", strconv.Itoa(unit))
		if _, declared := s.reader.names[name]; declared && unit < n.Width {
			all = append(all, ValueSignal{Node: n.Name, Unit: unit, Signal: name})
		}
	}
	return all
}
