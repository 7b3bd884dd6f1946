package xmodel

import (
	"fmt"
	"regexp"
	"strconv"
)

// place is where a graph's name puts it in its network.
type place struct {
	scope     string // what the names of one network's cells have in common, "Rnn_StandardLstmCell" or "rnn_cell"
	layer     int
	direction Direction // empty where the name does not say
	counted   bool      // the TensorFlow binding numbers cells, not layers
}

var (
	layerName = regexp.MustCompile(`^(.+)_layer_([0-9]{1,6})_(forward|backward)$`)
	countName = regexp.MustCompile(`^(rnn_cell)_([0-9]{1,6})$`)
)

// placeOf reads a graph's name: "<Scope>_StandardLstmCell_layer_<l>_<direction>" of the PyTorch binding or "rnn_cell_<n>" of the
// TensorFlow binding. A graph with another name stands alone.
func placeOf(g *Graph) (p place, known bool, err error) {
	attribute, err := g.Direction()
	if err != nil {
		return place{}, false, err
	}
	if m := layerName.FindStringSubmatch(g.Name); m != nil {
		p = place{scope: m[1], direction: Direction(m[3])}
		if _, said := g.Attrs["direction"]; said && attribute != p.direction {
			return place{}, false, fmt.Errorf("graph %q: attribute \"direction\" is %s, which the name contradicts", g.Name, attribute)
		}
		p.layer, err = strconv.Atoi(m[2])
		return p, true, err
	}
	if m := countName.FindStringSubmatch(g.Name); m != nil {
		p = place{scope: m[1], direction: attribute, counted: true}
		p.layer, err = strconv.Atoi(m[2])
		return p, true, err
	}
	return place{scope: g.Name, direction: attribute}, false, nil
}
