package verify

import (
	"slices"

	"rnnsim/dump"
)

// nodeDetail collects what a report draws of a node beyond its errors.
type nodeDetail struct {
	got, want *Distribution // nil where neither side is fixed point
	lookups   *Lookups      // nil without a table
	operand   int           // the pair whose values are looked up
}

// newDetails prepares the nodes of a pair of cells. The range of a node is that of the wanted side, or of the side that has one.
func (c *cellComparer) newDetails() []nodeDetail {
	details := make([]nodeDetail, len(c.pair.nodes))
	for i := range details {
		pair := &c.pair.nodes[i]
		format := pair.wantNode
		if format.Float {
			format = pair.gotNode
		}
		if !format.Float {
			details[i].got, details[i].want = newDistribution(format), newDistribution(format)
		}
		if c.options.Reads == nil || pair.gotNode.Float {
			continue
		}
		reads := c.options.Reads(c.pair.cell.Graph, pair.wantNode.Name)
		if len(reads) != 1 {
			continue
		}
		at := slices.IndexFunc(c.pair.nodes, func(n nodePair) bool { return n.wantNode.Name == reads[0] })
		if at < 0 || c.pair.nodes[at].gotNode.Float {
			continue
		}
		details[i].lookups, details[i].operand = newLookups(pair.wantNode.Op), at
	}
	return details
}

// detail notes the values of a node in a frame.
func (c *cellComparer) detail(node int, got, want *dump.Frame) {
	d, pair := &c.details[node], &c.pair.nodes[node]
	if d.got != nil {
		gotValues, wantValues := pair.columns(got, want)
		gotSaturated, wantSaturated := saturations(got, pair.got), saturations(want, pair.want)
		if pair.shared != nil {
			gotSaturated, wantSaturated = -1, -1 // they count all units
		}
		d.got.take(gotValues, pair.gotNode.Position, gotSaturated)
		d.want.take(wantValues, pair.wantNode.Position, wantSaturated)
	}
	if d.lookups != nil {
		operand := &c.pair.nodes[d.operand]
		operands, _ := operand.columns(got, want)
		d.lookups.take(operands.ints, operand.gotNode.Position)
	}
}

// finish gives what was collected to the node's statistics.
func (d *nodeDetail) finish(s *NodeStats) {
	if d.got != nil && d.got.Values > 0 {
		s.GotValues = d.got
		if !d.got.same(d.want) {
			s.WantValues = d.want
		}
	}
	if d.lookups != nil && d.lookups.any() {
		s.Lookups = d.lookups
	}
}
