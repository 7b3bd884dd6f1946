package model

import (
	"errors"
	"fmt"
	"slices"
)

// onnxDense is a dense layer as far as the graph has been run: its product, then with its bias, then with its activation.
type onnxDense struct {
	feed   onnxFeed
	before *onnxUnit // the same layer, with less behind its product
	names  []string  // of the nodes that make it up

	weight     *onnxValue
	transposed bool // the weight is [output, input], otherwise [input, output]
	scale      float32
	bias       *onnxValue
	biasScale  float32
	activation string
}

// onnxMatMul is a dense layer's product with a constant matrix.
func onnxMatMul(c *onnxCall) ([]*onnxValue, error) {
	x, err := c.need(0)
	if err != nil {
		return nil, err
	}
	w, err := c.need(1)
	if err != nil {
		return nil, err
	}
	return c.product(x, &onnxDense{weight: w, scale: 1, biasScale: 1})
}

func onnxGemm(c *onnxCall) ([]*onnxValue, error) {
	x, err := c.need(0)
	if err != nil {
		return nil, err
	}
	w, err := c.need(1)
	if err != nil {
		return nil, err
	}
	d := &onnxDense{weight: w, transposed: c.int("transB", 0) != 0, scale: 1, biasScale: 1}
	if a := c.attr["alpha"]; a != nil {
		d.scale = a.F
	}
	if a := c.attr["beta"]; a != nil {
		d.biasScale = a.F
	}
	if c.int("transA", 0) != 0 && x.shaped() {
		if len(x.shape) != 2 {
			return nil, fmt.Errorf("what it multiplies, transposed, has shape %v", x.shape)
		}
		if x, err = c.pick(x, []int{x.shape[1], x.shape[0]}, []int{1, x.shape[1]}, 0); err != nil {
			return nil, err
		}
	}
	if bias := c.maybe(2); bias != nil && d.biasScale != 0 {
		d.bias = bias
		if !d.fits(bias) {
			return onnxComputed(c)
		}
	}
	return c.product(x, d)
}

// outputs is the layer's number of units.
func (d *onnxDense) outputs() int {
	if d.transposed {
		return d.weight.shape[0]
	}
	return d.weight.shape[1]
}

// fits tells whether a constant can be the layer's bias.
func (d *onnxDense) fits(bias *onnxValue) bool {
	if !bias.constant() || !onnxIsFloat(bias.elem) || len(d.weight.shape) != 2 {
		return false
	}
	n := bias.count()
	return n == 1 || n == d.outputs() && bias.shape[len(bias.shape)-1] == n
}

func (c *onnxCall) product(x *onnxValue, d *onnxDense) ([]*onnxValue, error) {
	w := d.weight
	if x.opaque() || !x.tracked() || !w.constant() || !onnxIsFloat(w.elem) || len(w.shape) != 2 || len(x.shape) < 2 || w.count() == 0 {
		return onnxComputed(c)
	}
	inputs := w.count() / d.outputs()
	if x.shape[len(x.shape)-1] != inputs {
		return nil, fmt.Errorf("its matrix has shape %v, what it multiplies %v", w.shape, x.shape)
	}
	d.feed = c.run.rowFeed(x, inputs)
	if d.feed.why != "" {
		return one(onnxOpaque(fmt.Sprintf("%s, which reads %s", onnxNodeName(c.node), d.feed.why))), nil
	}
	first := d.feed.units[0]
	u := &onnxUnit{dense: d, steps: first.steps, batch: first.batch, width: d.outputs(), count: first.batch * d.outputs()}
	if d.feed.order != onnxLastSteps {
		u.count *= first.steps
	}
	u, err := c.denseUnit(u)
	if err != nil {
		return nil, err
	}
	// Each row of x is one of the layer's: the number of a row is that of the row it is made of.
	rows, err := c.run.split(x, inputs)
	if err != nil {
		return nil, err
	}
	shape := append(slices.Clone(x.shape[:len(x.shape)-1]), u.width)
	v := &onnxValue{shape: shape, elem: onnxFloat, ids: make([]int32, 0, u.count)}
	for i, row := range rows.rows[0] {
		if u.lastOnly() {
			row = i
		}
		for f := range u.width {
			v.ids = append(v.ids, u.first+int32(row*u.width+f))
		}
	}
	return one(v), nil
}

func (c *onnxCall) denseUnit(u *onnxUnit) (*onnxUnit, error) {
	u.what = "the dense layer of " + onnxNodeName(c.node)
	u.dense.names = append(u.dense.names, c.node.Name)
	u, err := c.run.newUnit(u)
	if err == nil {
		c.run.dense = append(c.run.dense, u)
	}
	return u, err
}

// whole gives the dense layer that all elements of a tensor are of; rows says that its rows must be the layer's.
func (r *onnxRun) whole(v *onnxValue, rows bool) (*onnxUnit, bool) {
	if !v.tracked() || len(v.ids) == 0 || len(v.shape) == 0 {
		return nil, false
	}
	u := r.unit(v.ids[0])
	if u.dense == nil {
		return nil, false
	}
	if rows {
		split, err := r.split(v, v.shape[len(v.shape)-1])
		return u, err == nil && len(split.units) == 1
	}
	return u, !slices.ContainsFunc(v.ids, func(id int32) bool { return r.unit(id) != u })
}

// renew gives a tensor whose elements are those of a dense layer with more behind its product.
func (c *onnxCall) renew(v *onnxValue, u *onnxUnit, change func(*onnxDense)) ([]*onnxValue, error) {
	if err := c.run.spend(v.shape); err != nil {
		return nil, err
	}
	d, next := *u.dense, *u
	d.before, d.names = u, slices.Clone(d.names)
	change(&d)
	next.dense = &d
	to, err := c.denseUnit(&next)
	if err != nil {
		return nil, err
	}
	w := v.as(v.shape)
	w.ids = make([]int32, len(v.ids))
	for i, id := range v.ids {
		w.ids[i] = id - u.first + to.first
	}
	return one(w), nil
}

// onnxAddBias adds a dense layer's bias.
func onnxAddBias(c *onnxCall) ([]*onnxValue, error) {
	for i, v := range c.in[:2] {
		bias := c.in[1-i]
		u, ok := c.run.whole(v, true)
		if !ok || u.dense.bias != nil || u.dense.activation != "" || !u.dense.fits(bias) {
			continue
		}
		if len(bias.shape) > len(v.shape) {
			continue
		}
		return c.renew(v, u, func(d *onnxDense) { d.bias, d.biasScale = bias, 1 })
	}
	return onnxComputed(c)
}

// onnxActivate is an activation behind a dense layer.
func onnxActivate(name string) onnxOp {
	return func(c *onnxCall) ([]*onnxValue, error) {
		v, err := c.need(0)
		if err != nil {
			return nil, err
		}
		if v.opaque() {
			return one(v), nil
		}
		u, ok := c.run.whole(v, name == "softmax")
		if !ok {
			return onnxComputed(c)
		}
		if u.dense.activation != "" {
			return nil, fmt.Errorf("it follows the activation %s of the same dense layer", u.dense.activation)
		}
		if name == "softmax" {
			if err := c.softmaxAxis(v); err != nil {
				return nil, err
			}
		}
		return c.renew(v, u, func(d *onnxDense) { d.activation = name })
	}
}

// softmaxAxis checks that the sum goes over the layer's units. Before opset 13, it went over all axes from the given one on.
func (c *onnxCall) softmaxAxis(v *onnxValue) error {
	otherwise := int64(-1)
	if c.run.opset < 13 {
		otherwise = 1
	}
	axis, err := onnxAxis(c.int("axis", otherwise), len(v.shape))
	if err != nil {
		return err
	}
	last := len(v.shape) - 1
	if axis != last && (c.run.opset >= 13 || product(v.shape[axis:]) != v.shape[last]) {
		return errors.New("it sums over other axes than the units of the dense layer")
	}
	return nil
}
