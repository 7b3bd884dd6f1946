package verify

import (
	"fmt"

	"rnnsim/dump"
)

// params holds the parameters in a trace against those of the model. A trace without parameters has nothing to hold.
func (r *replay) params(trace dump.Header) error {
	for i, traced := range trace.Cells {
		c := r.ofTrace[i]
		if c == nil || len(traced.Params) == 0 {
			continue
		}
		recorded := map[string]*dump.Param{}
		for k := range traced.Params {
			recorded[traced.Params[k].Name] = &traced.Params[k]
		}
		for order := range c.cell.Params {
			param := &c.cell.Params[order]
			got := recorded[param.Name]
			if got == nil {
				r.missing.Nodes = append(r.missing.Nodes, c.cell.Graph+"/"+param.Name)
				continue
			}
			delete(recorded, param.Name)
			if len(got.Values) != len(param.Values) {
				return fmt.Errorf("%s/%s holds %d values, the model's parameter %d: this trace is of another model", c.cell.Graph, param.Name, len(got.Values), len(param.Values))
			}
			r.param(c, order, param, got.Values)
		}
		for k := range traced.Params {
			if name := traced.Params[k].Name; recorded[name] != nil {
				r.extra.Nodes = append(r.extra.Nodes, c.cell.Graph+"/"+name)
			}
		}
	}
	return nil
}

func (r *replay) param(c *replayCell, order int, param *dump.Param, got []int16) {
	want := param.Values
	node := dump.Node{Name: param.Name, Label: param.Name, Op: "const", Width: len(want), Bits: param.Bits, Position: param.Position}
	pair := newNodePair(node, node)
	var result outcome
	compareColumns(&pair, column{ints: got}, column{ints: want}, &result)
	stats := NodeStats{
		Graph: c.cell.Graph, Layer: c.cell.Layer, Backward: c.cell.Backward, Node: node.Name, Label: node.Label, Op: node.Op,
		Format: formatOf(node), FirstStep: NoStep, LastStep: NoStep, ErrorStats: result.ErrorStats,
	}
	c.stats = append(c.stats, stats)
	r.tally(&result.ErrorStats)
	if result.different == 0 {
		return
	}
	key := orderKey{sequence: NoStep, cell: c.index, step: NoStep, node: order}
	if !r.found.wants(key) {
		return
	}
	gotValues, wantValues := column{ints: got}, column{ints: want}
	r.found.add(key, Divergence{
		Address: Address{Layer: c.cell.Layer, Backward: c.cell.Backward, Sequence: NoStep, Step: NoStep, Node: node.Name, Index: result.first},
		Graph:   c.cell.Graph, Label: node.Label, Op: node.Op, Format: formatOf(node),
		Got: valueAt(node, gotValues, result.first), Want: valueAt(node, wantValues, result.first),
		Delta:     delta(&pair, gotValues, wantValues, result.first),
		Different: result.different, Width: node.Width,
		LastEqual: NoStep, LastEqualNode: NoStep, GotSaturations: -1, WantSaturations: -1,
		Neighbours: neighbours(gotValues, wantValues, result.first),
		Note:       "a parameter of the trace is not the model's",
	})
}
