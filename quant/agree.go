package quant

import (
	"fmt"
	"strings"

	"rnnsim/xmodel"
)

// preFixSuffix marks the fix in front of an 8-bit matmul, whose format is in the section "input" under the matmul's name.
const preFixSuffix = "_pre_fix_i0"

// Agree holds a quant_info against the graphs that lie beside it: every fix op has its entry, with its width and position, and
// every entry its fix op. The entries of a GRU's parameters may be shared by its cells, as in the original. The error names the
// file, the entry and both formats.
func (i *Info) Agree(m *xmodel.Model) error {
	if err := i.agree(m); err != nil {
		source := i.Source
		if source == "" {
			source = "the quant_info"
		}
		return fmt.Errorf("%s does not go with the graphs of %s: %w", source, m.Source, err)
	}
	return nil
}

func (i *Info) agree(m *xmodel.Model) error {
	index := newInfoIndex(i)
	for c := range m.Cells {
		graph := m.Cells[c].Graph
		ops := graph.Index()
		for _, op := range graph.Ops {
			if op.Type != "fix" || len(op.Input("input")) == 0 {
				continue
			}
			if err := index.hold(graph.Name, op, ops[op.Input("input")[0]]); err != nil {
				return err
			}
		}
	}
	return index.allUsed()
}

// infoIndex finds entries by the op names that their labels become.
type infoIndex struct {
	info    *Info
	entries map[string]map[string]Entry // a section, a sanitized name
	used    map[string]map[string]bool  // a section, an entry's name
}

func newInfoIndex(info *Info) *infoIndex {
	index := &infoIndex{info: info, entries: map[string]map[string]Entry{}, used: map[string]map[string]bool{}}
	for _, section := range info.sections() {
		index.entries[section.name], index.used[section.name] = map[string]Entry{}, map[string]bool{}
		for _, e := range *section.entries {
			index.entries[section.name][xmodel.Sanitize(e.Name)] = e
		}
	}
	return index
}

func (x *infoIndex) hold(graph string, fix, source *xmodel.Op) error {
	format, err := xmodel.FixFormat(fix)
	if err != nil {
		return fmt.Errorf("graph %s: %w", graph, err)
	}
	section, name := "output", strings.TrimSuffix(fix.Name, "_fix")
	switch linear, isPreFix := strings.CutSuffix(fix.Name, preFixSuffix); {
	case isPreFix:
		section, name = "input", linear
	case source != nil && source.Type == "const":
		section = "param"
	}
	entry, found := x.find(section, graph, name)
	if !found {
		label := nodeKey(graph, xmodel.Label(xmodel.NodeName(graph, name)))
		return fmt.Errorf("it has no %s entry for %q, which is %s there: it is of another model, or not whole; quantize again", section, label, format)
	}
	x.used[section][entry.Name] = true
	if entry.Format != format {
		return fmt.Errorf("%s entry %q is %s, graph %s has %s: they come from different calibrations; quantize again", section, entry.Name, entry.Format, graph, format)
	}
	return nil
}

// find looks for an entry of the graph's own first; the ops of a GRU's parameters have no graph in their names.
func (x *infoIndex) find(section, graph, name string) (Entry, bool) {
	for _, key := range []string{xmodel.OpName(graph, xmodel.NodeName(graph, name)), name} {
		if e, found := x.entries[section][key]; found {
			return e, true
		}
	}
	return Entry{}, false
}

func (x *infoIndex) allUsed() error {
	for _, section := range x.info.sections() {
		for _, e := range *section.entries {
			if !x.used[section.name][e.Name] {
				return fmt.Errorf("its %s entry %q is of no node of the graphs: it is of another model, or a graph is missing", section.name, e.Name)
			}
		}
	}
	return nil
}
