package verify

import (
	"fmt"
	"math"

	"rnnsim/dump"
)

// pairing says which cell and node of one header belongs to which of another.
type pairing struct {
	cells  []cellPair
	ofGot  map[int]int // cell of the got side → place in cells
	ofWant map[int]int
	missed Missing // cells and nodes that have no partner; frames are added later
	notes  []string
}

type cellPair struct {
	got, want int // cells in their headers
	cell      dump.Cell
	nodes     []nodePair
}

type nodePair struct {
	got, want         int // nodes in their cells
	gotNode, wantNode dump.Node
	tolerance         float64
	aligned           bool         // both count in the same unit, as far as they are integers
	gotLSB, lsb       float64      // of integers of the one side, and of the wanted one
	scale             float64      // LSB to 1, where deltas are told in LSB: those of the wanted side, or of the side that has one
	shared            *sharedUnits // nil where both sides have all units
}

func newNodePair(gotNode, wantNode dump.Node) nodePair {
	told := wantNode
	if wantNode.Float {
		told = gotNode
	}
	pair := nodePair{
		gotNode: gotNode, wantNode: wantNode, shared: share(gotNode, wantNode), aligned: gotNode.Position == wantNode.Position,
		gotLSB: math.Ldexp(1, -gotNode.Position), lsb: math.Ldexp(1, -wantNode.Position), scale: 1,
	}
	if !told.Float {
		pair.scale = math.Ldexp(1, told.Position)
	}
	return pair
}

// Missing is what only one side has.
type Missing struct {
	Graphs []string `json:"graphs,omitempty"`
	Nodes  []string `json:"nodes,omitempty"` // graph/node
	// Units are the units that only this side has of nodes that both have: graph/node[4:32], the end not included, or graph/node[0, 5].
	Units []string `json:"units,omitempty"`
	// Frames counts the frames, and Ranges lists the first of them.
	Frames int64        `json:"frames,omitempty"`
	Ranges []FrameRange `json:"ranges,omitempty"`
}

// Any says that there is something that only this side has.
func (m Missing) Any() bool {
	return len(m.Graphs) > 0 || len(m.Nodes) > 0 || len(m.Units) > 0 || m.Frames > 0
}

// FrameRange is a run of steps of one sequence of one graph.
type FrameRange struct {
	Graph    string `json:"graph"`
	Sequence int    `json:"sequence"`
	First    int    `json:"first_step"`
	Last     int    `json:"last_step"`
}

// pair finds the partners: graphs by their name, or, where the two sides share no name at all, by layer and direction, or, where these
// differ too but not the number of cells, by the order of execution; nodes by their name after mapping.
func pair(got, want dump.Header, o Options) (*pairing, Missing) {
	p := &pairing{ofGot: map[int]int{}, ofWant: map[int]int{}}
	var onlyGot Missing
	byName := map[string]int{}
	for i, cell := range got.Cells {
		byName[cell.Graph] = i
	}
	shared := false
	for _, cell := range want.Cells {
		if _, ok := byName[cell.Graph]; ok {
			shared = true
		}
	}
	ordered := !shared && len(got.Cells) == len(want.Cells) && !samePlaces(got, want)
	find := func(place int, cell dump.Cell) (int, bool) {
		if shared {
			i, ok := byName[cell.Graph]
			return i, ok
		}
		if ordered {
			return place, true
		}
		for i, other := range got.Cells {
			if other.Layer == cell.Layer && other.Backward == cell.Backward {
				return i, true
			}
		}
		return 0, false
	}
	for i, cell := range want.Cells {
		j, ok := find(i, cell)
		if !ok {
			p.missed.Graphs = append(p.missed.Graphs, cell.Graph)
			continue
		}
		if other := got.Cells[j].Graph; other != cell.Graph {
			why := "the same layer and direction"
			if ordered {
				why = "the same place in the order of execution"
			}
			p.notes = append(p.notes, fmt.Sprintf("graph %q is compared with graph %q: %s, no name in common", other, cell.Graph, why))
		}
		p.ofGot[j], p.ofWant[i] = len(p.cells), len(p.cells)
		p.cells = append(p.cells, p.pairNodes(j, i, got.Cells[j], cell, o, &onlyGot))
	}
	for i, cell := range got.Cells {
		if _, ok := p.ofGot[i]; !ok {
			onlyGot.Graphs = append(onlyGot.Graphs, cell.Graph)
		}
	}
	return p, onlyGot
}

// samePlaces says that the sides have cells of the same layers and directions.
func samePlaces(got, want dump.Header) bool {
	type place struct {
		layer    int
		backward bool
	}
	count := map[place]int{}
	for i := range got.Cells {
		count[place{got.Cells[i].Layer, got.Cells[i].Backward}]++
		count[place{want.Cells[i].Layer, want.Cells[i].Backward}]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func (p *pairing) pairNodes(got, want int, gotCell, wantCell dump.Cell, o Options, onlyGot *Missing) cellPair {
	pair := cellPair{got: got, want: want, cell: wantCell}
	byName := map[string]int{}
	for i, node := range gotCell.Nodes {
		byName[mapped(o.Map, gotCell.Graph, node.Name)] = i
	}
	taken := make([]bool, len(gotCell.Nodes))
	for i, node := range wantCell.Nodes {
		if !o.selects(node.Name) {
			continue
		}
		place := wantCell.Graph + "/" + node.Name
		j, ok := byName[node.Name]
		if !ok {
			p.missed.Nodes = append(p.missed.Nodes, place)
			continue
		}
		taken[j] = true
		other := gotCell.Nodes[j]
		p.noteFormats(place, other, node)
		both := newNodePair(other, node)
		if both.shared != nil {
			onlyGot.Units = append(onlyGot.Units, both.shared.without(other, gotCell.Graph+"/"+other.Name)...)
			p.missed.Units = append(p.missed.Units, both.shared.without(node, place)...)
		}
		both.got, both.want, both.tolerance = j, i, o.tolerance(node.Name)
		pair.nodes = append(pair.nodes, both)
	}
	for i, node := range gotCell.Nodes {
		if !taken[i] && o.selects(mapped(o.Map, gotCell.Graph, node.Name)) {
			onlyGot.Nodes = append(onlyGot.Nodes, gotCell.Graph+"/"+node.Name)
		}
	}
	return pair
}

func (p *pairing) noteFormats(place string, got, want dump.Node) {
	switch {
	case wholeWidth(got) != wholeWidth(want):
		p.notes = append(p.notes, fmt.Sprintf("%s has %d values, %d wanted: what one side lacks differs", place, wholeWidth(got), wholeWidth(want)))
	case got.Float != want.Float:
		// One side is real numbers by nature; its positions say nothing.
	case got.Position != want.Position:
		p.notes = append(p.notes, fmt.Sprintf("%s has fix position %d, %d wanted: compared as real numbers", place, got.Position, want.Position))
	case got.Bits != want.Bits && !got.Float:
		p.notes = append(p.notes, fmt.Sprintf("%s is %d bits wide, %d wanted: values compared", place, got.Bits, want.Bits))
	}
}

func mapped(names map[string]string, graph, node string) string {
	if name, ok := names[graph+"/"+node]; ok {
		return name
	}
	if name, ok := names[node]; ok {
		return name
	}
	return node
}
