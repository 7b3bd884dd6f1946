package verify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// againstFloat holds the simulator against the float model: SQNR, largest and mean error a node and a step at a time. Both
// run freely from the same stimulus.
func (r *runner) againstFloat(ctx context.Context, traced *broadcastReader) (check *Check, err error) {
	defer func() { err = errors.Join(err, traced.Close()) }()
	var graphs []string
	for _, cell := range r.job.Model.Cells {
		graphs = append(graphs, cell.Graph.Name)
	}
	reference, err := golden.NewFloat(r.job.Float, graphs)
	if err != nil {
		return nil, err
	}
	if err := r.sameShape(reference.Header()); err != nil {
		return nil, err
	}
	sequences := r.floatSequences()
	options := r.options(NameFloat, r.framesOf(r.job.Input.Sequences[:r.forFloat]))
	options.PerStep, options.Informative, options.Errors = true, true, -1
	float := func(ctx context.Context, sink dump.Sink) (err error) {
		r.float, err = reference.Run(ctx, sequences, sink)
		return err
	}
	comparison, err := compareAndClose(ctx, traced.started(ctx), produced(ctx, float), options)
	if err != nil {
		return nil, err
	}
	// The float model has no 8-bit inputs of matmuls: that they have no twin says nothing.
	comparison.OnlyGot.Nodes = slices.DeleteFunc(comparison.OnlyGot.Nodes, r.isNarrow)
	comparison.First, comparison.More = nil, nil
	for i := range comparison.Nodes {
		comparison.Nodes[i].Output = r.isOutput(&comparison.Nodes[i])
	}
	check = checkOf(NameFloat, "simulator against the float model", r.job.Float.Source, comparison)
	check.Informative = r.job.MinSQNR == nil
	if r.job.MinSQNR == nil {
		return check, nil
	}
	check.MinSQNR = r.job.MinSQNR
	outputs := 0
	for i := range comparison.Nodes {
		n := &comparison.Nodes[i]
		if n.Compared == 0 || !n.Output {
			continue
		}
		outputs++
		if ratio := n.sqnr(); math.IsNaN(ratio) || ratio < *r.job.MinSQNR {
			check.Below = append(check.Below, n.Graph+"/"+n.Node)
		}
	}
	switch {
	case len(check.Below) > 0:
		check.Verdict = Fail
	case outputs == 0:
		check.Verdict = Nothing
	}
	return check, nil
}

// sameShape refuses a float model of another shape, with both shapes in the message.
func (r *runner) sameShape(float dump.Header) error {
	model := r.plan.Header()
	for i, cell := range float.Cells {
		if other := model.Cells[i]; cell.Layer != other.Layer || cell.Backward != other.Backward {
			return fmt.Errorf("the float model %s has another order of layers and directions than the quantized model", r.job.Float.Source)
		}
		for _, node := range cell.Nodes {
			at := slices.IndexFunc(model.Cells[i].Nodes, func(n dump.Node) bool { return n.Name == node.Name })
			if at < 0 {
				return fmt.Errorf("%s has no node %s, which the float model %s has: it is another kind of cell", model.Cells[i].Graph, node.Label, r.job.Float.Source)
			}
			if model.Cells[i].Nodes[at].Width != node.Width {
				return fmt.Errorf("%s: %s has %d values in the quantized model, %d in the float model %s: it is another model",
					model.Cells[i].Graph, node.Label, model.Cells[i].Nodes[at].Width, node.Width, r.job.Float.Source)
			}
		}
	}
	return nil
}

// floatSequences is the stimulus as real numbers: integers stand for q / 2^position on their cell's grid.
func (r *runner) floatSequences() []golden.FloatSequence {
	_, grid := r.plan.Input()
	header := r.plan.Header()
	reals := func(values []int16, position int) []float64 {
		if values == nil {
			return nil
		}
		list := make([]float64, len(values))
		for i, q := range values {
			list[i] = fixed.Real(int64(q), position)
		}
		return list
	}
	position := func(cell dump.Cell, node string) int {
		for _, n := range cell.Nodes {
			if n.Name == node {
				return n.Position
			}
		}
		return 0
	}
	sequences := make([]golden.FloatSequence, r.forFloat)
	for i, sequence := range r.job.Input.Sequences[:r.forFloat] {
		x := reals(sequence.Fixed, grid.Position)
		for _, v := range sequence.Float {
			x = append(x, float64(v))
		}
		sequences[i].X = x
		for k, state := range sequence.Initial {
			sequences[i].Initial = append(sequences[i].Initial, golden.FloatState{
				H: reals(state.H, position(header.Cells[k], "input_1")), C: reals(state.C, position(header.Cells[k], "input_2")),
			})
		}
	}
	return sequences
}

// isNarrow says that a node, named graph/node, is the 8-bit input of a matmul.
func (r *runner) isNarrow(place string) bool {
	for _, cell := range r.plan.Header().Cells {
		for _, node := range cell.Nodes {
			if node.Op == "fix" && cell.Graph+"/"+node.Name == place {
				return true
			}
		}
	}
	return false
}

// isOutput says that a node is what its cell yields.
func (r *runner) isOutput(n *NodeStats) bool {
	for _, cell := range r.job.Model.Cells {
		if ops := cell.Graph.ReturnOps(); cell.Graph.Name == n.Graph && len(ops) > 0 {
			return xmodel.NodeName(n.Graph, ops[0]) == n.Node
		}
	}
	return false
}
