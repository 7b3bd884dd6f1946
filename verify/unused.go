package verify

import (
	"maps"
	"path"
	"slices"

	"rnnsim/dump"
)

// unused tells of patterns and names in the options that no node answers to: a slip of the pen there would otherwise compare less, or
// more strictly, than was asked, and nobody would know.
func (o Options) unused(got, want dump.Header) []string {
	wanted, ours, theirs := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, cell := range want.Cells {
		for _, n := range cell.Nodes {
			wanted[n.Name], ours[n.Name] = true, true
		}
	}
	for _, cell := range got.Cells {
		for _, n := range cell.Nodes {
			theirs[n.Name], theirs[cell.Graph+"/"+n.Name] = true, true
			ours[mapped(o.Map, cell.Graph, n.Name)] = true
		}
	}
	var notes []string
	tell := func(text string, idle []string) {
		if len(idle) > 0 {
			notes = append(notes, text+" "+listed(idle))
		}
	}
	tell("no node has a name like the one to compare:", without(o.Nodes, ours))
	tell("no wanted node has a name like the one with a tolerance:", without(slices.Sorted(maps.Keys(o.Tolerance)), wanted))
	idle := slices.DeleteFunc(slices.Sorted(maps.Keys(o.Map)), func(name string) bool { return theirs[name] })
	tell("no node of the got side has the name that the map translates:", idle)
	return notes
}

// without lists the patterns that fit no name.
func without(patterns []string, names map[string]bool) []string {
	var idle []string
	for _, pattern := range patterns {
		fits := func(name string) bool {
			match, err := path.Match(pattern, name)
			return err == nil && match
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(names)), fits) {
			idle = append(idle, pattern)
		}
	}
	return idle
}
