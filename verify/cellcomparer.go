package verify

import (
	"math"
	"slices"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// cellComparer compares the frames of one cell.
type cellComparer struct {
	pair    *cellPair
	options *Options
	stats   []NodeStats
	steps   []stepStats // with PerStep or Detail: what is counted is counted here, and added up in the end
	frames  frameSteps
	details []nodeDetail
	trails  trails
}

func newCellComparer(pair *cellPair, options *Options) *cellComparer {
	c := &cellComparer{pair: pair, options: options, stats: make([]NodeStats, len(pair.nodes))}
	if options.PerStep || options.Detail {
		c.steps = make([]stepStats, len(pair.nodes))
	}
	if options.Detail {
		c.details = c.newDetails()
	}
	for i := range pair.nodes {
		node := pair.nodes[i].wantNode
		c.stats[i] = NodeStats{
			Graph: pair.cell.Graph, Layer: pair.cell.Layer, Backward: pair.cell.Backward,
			Node: node.Name, Label: node.Label, Op: node.Op, Format: formatOf(node),
			FirstStep: NoStep, LastStep: NoStep,
		}
	}
	return c
}

func formatOf(n dump.Node) string {
	if n.Float {
		return "float32"
	}
	return fixed.Format{Bits: n.Bits, Position: n.Position}.String()
}

func (c *cellComparer) compare(got, want *dump.Frame, found *divergences) {
	var result outcome
	trail := c.trails.of(got.Sequence)
	whole := true
	c.frames.add(got.Step)
	for i := range c.pair.nodes {
		pair := &c.pair.nodes[i]
		if c.details != nil {
			c.detail(i, got, want)
		}
		if values, signal, same := pair.same(got, want); same {
			c.counted(i, got.Step).addSame(int64(values), signal)
			trail.equal(i, got.Step)
			continue
		}
		gotValues, wantValues := pair.columns(got, want)
		compareColumns(pair, gotValues, wantValues, &result)
		c.count(i, got.Step, &result)
		if result.different == 0 {
			trail.equal(i, got.Step)
			continue
		}
		whole = false
		if c.options.Heat || c.options.Detail {
			c.heat(i, got.Step, pair, gotValues, wantValues)
		}
		place := orderKey{sequence: got.Sequence, cell: c.pair.want, step: got.Step, node: i}
		if found.wants(place) {
			d := c.describe(i, got, want, &result)
			d.LastEqual, d.LastEqualNode = trail.last, trail.lastOf(i)
			found.add(place, d)
		}
		trail.differs(i, len(c.pair.nodes), got.Step)
	}
	if whole {
		trail.last = got.Step
	}
}

// heat notes the deltas of a node in a frame in which some differ.
func (c *cellComparer) heat(node, step int, pair *nodePair, got, want column) {
	s := &c.stats[node]
	if s.Heat == nil {
		s.Heat = newHeat(wholeWidth(pair.wantNode))
	}
	for unit := range min(got.len(), want.len()) {
		if d := math.Abs(delta(pair, got, want, unit)); d > pair.tolerance {
			s.Heat.add(step, pair.unit(unit), d)
		}
	}
}

// counted is where what is found of a node at a step is added.
func (c *cellComparer) counted(node, step int) *ErrorStats {
	if c.steps != nil {
		return c.steps[node].at(step)
	}
	return &c.stats[node].ErrorStats
}

func (c *cellComparer) count(node, step int, result *outcome) {
	s := &c.stats[node]
	c.counted(node, step).add(&result.ErrorStats)
	s.trend.add(step, result.sumDelta.value())
	if result.different > 0 {
		if s.FirstStep == NoStep || step < s.FirstStep {
			s.FirstStep = step
		}
		s.LastStep = max(s.LastStep, step)
	}
}

func (c *cellComparer) describe(node int, got, want *dump.Frame, result *outcome) Divergence {
	pair := &c.pair.nodes[node]
	gotValues, wantValues := pair.columns(got, want)
	d := Divergence{
		Address: Address{
			Layer: c.pair.cell.Layer, Backward: c.pair.cell.Backward,
			Sequence: got.Sequence, Step: got.Step, Node: pair.wantNode.Name, Index: pair.unit(result.first),
		},
		Graph: c.pair.cell.Graph, Label: pair.wantNode.Label, Op: pair.wantNode.Op,
		Format: formatOf(pair.wantNode), Different: result.different, Width: max(gotValues.len(), wantValues.len()),
		GotSaturations: saturations(got, pair.got), WantSaturations: saturations(want, pair.want),
	}
	if shared := min(gotValues.len(), wantValues.len()); result.first >= shared {
		d.Note = "one side has fewer values than the other"
		return d
	}
	d.Got = valueAt(pair.gotNode, gotValues, result.first)
	d.Want = valueAt(pair.wantNode, wantValues, result.first)
	d.Delta = delta(pair, gotValues, wantValues, result.first)
	d.Neighbours = pair.neighbours(gotValues, wantValues, result.first)
	d.Inputs = c.operands(pair, got, want, pair.unit(result.first))
	return d
}

func delta(pair *nodePair, got, want column, index int) float64 {
	var one outcome
	compareReals(pair,
		column{ints: slice(got.ints, index), floats: slice(got.floats, index)},
		column{ints: slice(want.ints, index), floats: slice(want.floats, index)}, 1, &one)
	if realAt(got, index, pair.gotNode) < realAt(want, index, pair.wantNode) {
		return -finite(one.MaxDelta)
	}
	return finite(one.MaxDelta)
}

func slice[T any](values []T, index int) []T {
	if values == nil {
		return nil
	}
	return values[index : index+1]
}

func saturations(frame *dump.Frame, node int) int {
	if node >= len(frame.Saturations) {
		return -1
	}
	return int(frame.Saturations[node])
}

// operands shows what the node read, on both sides.
func (c *cellComparer) operands(pair *nodePair, got, want *dump.Frame, unit int) []Operand {
	if c.options.Reads == nil {
		return nil
	}
	var operands []Operand
	for _, name := range c.options.Reads(c.pair.cell.Graph, pair.wantNode.Name) {
		i := slices.IndexFunc(c.pair.nodes, func(n nodePair) bool { return n.wantNode.Name == name })
		if i < 0 {
			continue
		}
		read := &c.pair.nodes[i]
		gotValues, wantValues := read.columns(got, want)
		width := min(gotValues.len(), wantValues.len())
		if width == 0 {
			continue
		}
		var result outcome
		compareColumns(read, gotValues, wantValues, &result)
		place := max(result.first, 0)
		if at, found := read.place(unit); pair.wantNode.Op != "matmul" && found && at < width {
			place = at
		}
		if place >= width {
			continue
		}
		operands = append(operands, Operand{
			Node: name, Index: read.unit(place), Different: result.different, Width: width,
			Got: valueAt(read.gotNode, gotValues, place), Want: valueAt(read.wantNode, wantValues, place),
		})
	}
	return operands
}

func (c *cellComparer) finish() []NodeStats {
	for i := range c.stats {
		if c.steps != nil {
			c.steps[i].sum(&c.stats[i].ErrorStats)
			c.stats[i].Steps = c.steps[i].finish()
		}
		c.stats[i].finish()
		c.stats[i].Grows = c.stats[i].Different > 0 && c.stats[i].trend.grows(&c.frames)
		if c.details != nil {
			c.details[i].finish(&c.stats[i])
		}
	}
	return c.stats
}
