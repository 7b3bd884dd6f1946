package compile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// Compile makes instruction streams and a weight blob of a quantized model: LSTM or GRU cells with 16-bit weights, one or several
// layers, of one direction or both. Errors say what no instruction can express, or what does not fit the target and what would.
func Compile(m *xmodel.Model, o Options) (*xmodel.Compiled, error) {
	target, core, err := o.resolve()
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", m.Source, err)
	}
	c, err := compileFor(target, core, m)
	if err != nil {
		return nil, fmt.Errorf("compile %s for %s: %w", m.Source, target.Name, err)
	}
	return c, nil
}

func compileFor(target *isa.Target, core *isa.Core, m *xmodel.Model) (*xmodel.Compiled, error) {
	plans, err := newPlans(target, core, m)
	if err != nil {
		return nil, err
	}
	c := &xmodel.Compiled{
		Source: m.Source, Target: xmodel.Target(target.Name), Batch: core.Batch, ModelType: xmodel.LSTM.String(),
		InputPosition: plans[0].position("input_0"), OutputPosition: plans[len(plans)-1].saved,
		Runner: map[string]string{"run": "libvart-rnn-runner.so"}, Branch: "rnnsim", Commit: "rnnsim",
	}
	for _, p := range plans {
		p.base = len(c.Weights)
		cell, end, err := p.compile()
		if err != nil {
			return nil, err
		}
		blob, err := xmodel.PackBlob(p.kind, c.Target, core.Batch, p.width(), p.hidden, p.blobValues())
		if err != nil {
			return nil, err
		}
		c.Cells, c.Weights = append(c.Cells, *cell), append(append(c.Weights, blob...), p.constants(len(blob))...)
		c.End = end
	}
	if len(c.Weights) > isa.BlobSize {
		return nil, fmt.Errorf("the weight blob has %d bytes, and the memory map has %d for it (%d too few): fewer layers or units are needed",
			len(c.Weights), isa.BlobSize, len(c.Weights)-isa.BlobSize)
	}
	return c, nil
}

// newPlans reads the cells and says how each follows the one before.
func newPlans(target *isa.Target, core *isa.Core, m *xmodel.Model) ([]*plan, error) {
	if len(m.Cells) == 0 {
		return nil, fmt.Errorf("the model has no cells")
	}
	var sources []*source
	for _, c := range m.Cells {
		s, err := readSource(c.Graph)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	var plans []*plan
	connected, _ := connect(sizes(m, sources))
	for i, f := range connected {
		// A cell is run in the order in which the one before has left its frames, or against it.
		turned := i > 0 && m.Cells[i-1].Backward
		p := &plan{source: sources[i], target: target, core: core, first: i == 0, last: i == len(m.Cells)-1, reversed: m.Cells[i].Backward != turned, frames: f}
		if err := p.checkCapacity(); err != nil {
			return nil, err
		}
		if err := p.prepare(); err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	return plans, setSaved(m, plans)
}

// blobValues are the parameters as the blob holds them: biases at the position of the sums they are added to.
func (p *plan) blobValues() map[string][]int16 {
	values := map[string][]int16{}
	for label, v := range p.values {
		values[label] = v
		if strings.HasPrefix(label, "weight_i") {
			values[label] = p.spread(v)
		}
	}
	for label, v := range p.aligned {
		values[label] = v
	}
	return values
}

// constants are the bytes behind the parameters: powers of two, and zeros for scratch.
func (p *plan) constants(from int) []byte {
	data := make([]byte, p.extra-from)
	for _, s := range p.splats {
		for i := range p.units * isa.ElementwiseWidth {
			binary.LittleEndian.PutUint16(data[s.offset-from+2*i:], 1<<s.exponent)
		}
	}
	return data
}

// alignBiases brings the biases to the positions of the sums they are added to.
func (p *plan) alignBiases() {
	p.aligned = map[string][]int16{}
	for _, n := range xmodel.Nodes(p.kind) {
		if n.Bias == "" || p.formats[n.Bias].Bits == 0 {
			continue // a cell without biases has no position for them
		}
		aligned := make([]int16, p.hidden)
		for i, v := range p.values[n.Bias] {
			var err error
			if aligned[i], err = alignBias(v, p.position(n.Bias), p.position(n.Label)); err != nil {
				p.fail("value %d of %s: %w", i, n.Bias, err)
			}
		}
		p.aligned[n.Bias] = aligned
	}
}

// compile makes a cell's streams, and the end segment that it would have as the last one.
func (p *plan) compile() (*xmodel.CompiledCell, []byte, error) {
	p.alignBiases()
	p.write()
	if len(p.errs) > 0 {
		return nil, nil, errors.Join(p.errs...)
	}
	initial, loop := schedule(p.initial), schedule(p.loop)
	if err := p.allocate(initial, loop); err != nil {
		return nil, nil, err
	}
	segments, err := p.assemble(initial, loop)
	if err != nil {
		return nil, nil, err
	}
	var data [3][]byte
	for i, s := range segments {
		if err := s.Validate(p.target, p.core.Batch); err != nil {
			return nil, nil, fmt.Errorf("graph %q: %w", p.name, err)
		}
		if data[i], err = s.Bytes(); err != nil {
			return nil, nil, fmt.Errorf("graph %q: %w", p.name, err)
		}
	}
	cell := p.registers()
	cell.Init, cell.Loop = data[0], data[1]
	return cell, data[2], nil
}

// registers are the register maps of a cell.
func (p *plan) registers() *xmodel.CompiledCell {
	h := xmodel.Transfer{Forward: true, Aligned: p.out.step(), Original: p.savedOriginal()}
	cell := &xmodel.CompiledCell{
		LoadX: xmodel.Transfer{Forward: !p.reversed, Aligned: p.in.step(), Original: p.in.original()}, LoadH: h, SaveH: h,
		XRegisters: []string{"load_src_reg_0", "load_dst_reg_0"}, HRegisters: []string{"load_src_reg_1", "load_dst_reg_1", "save_dst_reg_1"},
	}
	for lane := range p.core.Batch {
		bank := uint32(p.target.TransferBank(isa.Place{Kind: isa.VectorBank, Lane: lane})) << 16
		cell.XLanes = append(cell.XLanes, bank+uint32(p.xFrame.address))
		cell.HLanes = append(cell.HLanes, bank+uint32(p.hFrame.address))
	}
	return cell
}
