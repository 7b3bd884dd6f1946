package model

import (
	"fmt"
	"slices"
)

// head takes the dense layers that lead from the chain's last layer to the outputs of the graph.
func (c *onnxChain) head(run *onnxRun, n *Network, used map[string]bool, named bool) error {
	last, order, whys := c.ends(run)
	if last == nil && named {
		last, order = c.longest(run)
	}
	if len(whys) > 0 {
		if !named {
			return fmt.Errorf("%s: export the network without it, or take the recurrent layers and what is understood behind them (--rnn %s)", whys[0], c.argument())
		}
		for _, why := range whys {
			n.Notes = append(n.Notes, "what lies behind the network is left out: "+why)
		}
	}
	if last == nil {
		return nil
	}
	for u := last; u.dense != nil; u = u.dense.feed.units[0] {
		layer, err := u.dense.layer()
		if err != nil {
			return err
		}
		n.Head = append(n.Head, layer)
		useOnnx(used, u.dense.weight, u.dense.bias)
	}
	slices.Reverse(n.Head)
	n.LastStepOnly = order == onnxLastSteps
	return nil
}

// ends finds the dense layer that yields the graph's output, and says what else the outputs depend on.
func (c *onnxChain) ends(run *onnxRun) (last *onnxUnit, order onnxOrder, whys []string) {
	for _, out := range run.outputs {
		v := run.values[out.Name]
		if v == nil || v.constant() {
			continue
		}
		name := fmt.Sprintf("output %q of the graph", clipText(out.Name))
		if v.opaque() {
			whys = append(whys, fmt.Sprintf("%s depends on %s", name, v.why))
			continue
		}
		u, dense := run.whole(v, false)
		if !dense {
			if slices.ContainsFunc(v.ids, func(id int32) bool { return run.unit(id).dense != nil }) {
				whys = append(whys, fmt.Sprintf("%s joins several dense layers", name))
			}
			continue
		}
		feed := run.rowFeed(v, u.width)
		switch {
		case feed.why != "":
			whys = append(whys, fmt.Sprintf("%s is %s", name, feed.why))
		case !c.leadsTo(u):
			whys = append(whys, fmt.Sprintf("%s is %s, which reads other cells than those of the last recurrent layer, forward before backward", name, u.what))
		case last == nil || u.behind(last) && feed.order == order:
			last, order = u, feed.order
		case last.behind(u) && feed.order == order:
		default:
			whys = append(whys, fmt.Sprintf("%s is %s, and another output is %s, while a network has one head", name, u.what, last.what))
		}
	}
	return last, order, whys
}

// leadsTo tells whether a dense layer, through others or not, reads the cells of the chain's last layer.
func (c *onnxChain) leadsTo(u *onnxUnit) bool {
	for u.dense != nil {
		units := u.dense.feed.units
		if units[0].dense == nil {
			return slices.Equal(units, c.layers[len(c.layers)-1].cells)
		}
		if len(units) != 1 {
			return false
		}
		u = units[0]
	}
	return false
}

// behind tells whether a dense layer is the other one, or has it before it.
func (u *onnxUnit) behind(other *onnxUnit) bool {
	for u != other {
		switch {
		case u.dense == nil:
			return false
		case u.dense.before != nil:
			u = u.dense.before
		default:
			u = u.dense.feed.units[0]
		}
	}
	return true
}

// longest gives the dense layer that has all others of the chain before it, where the outputs of the graph do not tell.
func (c *onnxChain) longest(run *onnxRun) (*onnxUnit, onnxOrder) {
	var last *onnxUnit
	for _, u := range run.dense {
		switch {
		case !c.leadsTo(u):
		case last == nil || u.behind(last):
			last = u
		case !last.behind(u):
			return nil, 0
		}
	}
	if last == nil {
		return nil, 0
	}
	return last, last.dense.feed.order
}
