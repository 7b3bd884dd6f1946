package xmodel

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// NewModel puts the graphs of one network's cells in execution order, by their names and directions.
func NewModel(graphs ...*Graph) (*Model, error) {
	cells, counted, err := arrange(graphs)
	if err != nil {
		return nil, err
	}
	m := &Model{Cells: cells}
	if len(cells) > 0 {
		m.Source = cells[0].Graph.Name
	}
	directions, err := m.checkLayers()
	if err != nil {
		return nil, err
	}
	if !counted { // PyTorch's layers are alike; what TensorFlow counts are separate layers
		if err := checkDirections(directions); err != nil {
			return nil, err
		}
	}
	return m, m.checkWidths()
}

// arrange sorts the cells, and tells whether their names count cells instead of layers.
func arrange(graphs []*Graph) (cells []Cell, counted bool, err error) {
	if len(graphs) == 0 {
		return nil, false, errors.New("a model needs at least one cell")
	}
	var first place
	for i, g := range graphs {
		if g.Name == "" {
			return nil, false, errors.New("the graph has no name, and the names of its nodes cannot be told; name it")
		}
		p, known, err := placeOf(g)
		if err != nil {
			return nil, false, err
		}
		if !known && len(graphs) > 1 {
			return nil, false, fmt.Errorf("the name of graph %q does not tell its layer; names end in _layer_<n>_<direction>, or are rnn_cell_<n>", g.Name)
		}
		if i == 0 {
			first = p
		} else if p.scope != first.scope {
			return nil, false, fmt.Errorf("graphs %q and %q belong to different networks; read one network at a time", graphs[0].Name, g.Name)
		}
		cells = append(cells, Cell{Graph: g, Layer: p.layer, Backward: p.direction == Backward})
	}
	slices.SortStableFunc(cells, func(a, b Cell) int {
		if d := cmp.Compare(a.Layer, b.Layer); d != 0 {
			return d
		}
		return cmp.Compare(rank(a.Backward), rank(b.Backward))
	})
	if first.counted {
		cells, err = countedLayers(cells)
	}
	return cells, first.counted, err
}

func rank(backward bool) int {
	if backward {
		return 1
	}
	return 0
}

// countedLayers turns the numbers of cells, which start at 0 or 1, into layers: a backward cell belongs to the layer of the forward
// cell before it, any other cell begins a layer.
func countedLayers(cells []Cell) ([]Cell, error) {
	start := cells[0].Layer
	if len(cells) > 1 && start > 1 {
		return nil, fmt.Errorf("cells start at %q; rnn_cell_0 is missing", cells[0].Graph.Name)
	}
	layer := -1
	for i := range cells {
		if want := start + i; cells[i].Layer > want {
			return nil, fmt.Errorf("cell rnn_cell_%d is missing; %q is there", want, cells[i].Graph.Name)
		} else if cells[i].Layer < want {
			return nil, fmt.Errorf("cell %q is there twice", cells[i].Graph.Name)
		}
		if !cells[i].Backward || i == 0 || cells[i-1].Backward {
			layer++
		}
	}
	layer = -1
	for i := range cells {
		if !cells[i].Backward || i == 0 || cells[i-1].Backward {
			layer++
		}
		cells[i].Layer = layer
	}
	return cells, nil
}

// checkLayers holds the cells, which are in order, against what a network has: layers from 0 without a gap, each direction
// once. It gives the directions (whether backward) of each layer.
func (m *Model) checkLayers() (map[int][]bool, error) {
	if len(m.Cells) == 1 {
		m.Cells[0].Layer = 0 // a single cell can be run wherever it came from
	}
	directions := map[int][]bool{}
	before := Cell{Layer: -1}
	for _, c := range m.Cells {
		switch {
		case c.Layer == before.Layer && c.Backward == before.Backward:
			return nil, fmt.Errorf("layer %d is there twice in one direction: graphs %q and %q", c.Layer, before.Graph.Name, c.Graph.Name)
		case c.Layer > before.Layer+1:
			return nil, fmt.Errorf("layer %d is missing, graph %q is of layer %d; add its file", before.Layer+1, c.Graph.Name, c.Layer)
		}
		directions[c.Layer] = append(directions[c.Layer], c.Backward)
		before = c
	}
	return directions, nil
}

// checkDirections asks that every layer has the directions of the first.
func checkDirections(directions map[int][]bool) error {
	for layer := range len(directions) {
		for _, backward := range []bool{false, true} {
			here, first := slices.Contains(directions[layer], backward), slices.Contains(directions[0], backward)
			switch {
			case first && !here:
				return fmt.Errorf("layer %d has no %s cell, layer 0 has one; add its file", layer, directionOf(backward))
			case here && !first:
				return fmt.Errorf("layer 0 has no %s cell, layer %d has one; add its file", directionOf(backward), layer)
			}
		}
	}
	return nil
}

func directionOf(backward bool) Direction {
	if backward {
		return Backward
	}
	return Forward
}
