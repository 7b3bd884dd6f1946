package verify

import "math"

// newDetails prepares what a report draws of the cell's nodes.
func (c *replayCell) newDetails() {
	c.steps = make([]stepStats, len(c.nodes))
	c.details = make([]nodeDetail, len(c.nodes))
	for i, node := range c.cell.Nodes {
		c.details[i] = nodeDetail{got: newDistribution(node), want: newDistribution(node), lookups: newLookups(node.Op)}
	}
}

// detail notes a node of a judged frame: its values, and what they looked up.
func (j *judged) detail(node int, ruling *ruling) {
	c := j.cell
	d, position := &c.details[node], c.cell.Nodes[node].Position
	recorded := columnOf(j.frame, c.columns[node])
	d.got.take(recorded, position, saturations(j.frame, c.columns[node]))
	d.want.take(column{ints: ruling.want}, position, -1)
	if reads := c.nodes[node].Reads; d.lookups != nil && len(reads) == 1 {
		d.lookups.take(j.actual[reads[0].Name], reads[0].Format.Position)
	}
}

// heat notes where a node of a judged frame is wrong. A difference that is explained is no heat.
func (j *judged) heat(node int, ruling *ruling) {
	c := j.cell
	recorded := columnOf(j.frame, c.columns[node])
	for _, unit := range ruling.wrong {
		s := &c.stats[node]
		if s.Heat == nil {
			s.Heat = newHeat(c.cell.Nodes[node].Width)
		}
		s.Heat.add(j.frame.Step, unit, math.Abs(float64(recorded.ints[unit])-float64(ruling.want[unit])))
	}
}
