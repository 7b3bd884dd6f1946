package compile

import (
	"fmt"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// plan is a cell on its way to instructions.
type plan struct {
	*source
	target *isa.Target
	core   *isa.Core
	// first says that no cell comes before this one, last that none follows.
	first, last bool
	reversed    bool // its x is read from the last frame to the first
	saved       int  // fix position of the h that it saves
	frames

	units   int // of 32 values, of h with its padding
	columns int // of x with its padding, in values
	regions []xmodel.BlobRegion
	base    int // of its part of the blob, in bytes

	weights   map[string]*resource
	biases    map[string]*resource
	splats    []splat
	xFrame    *resource   // what is loaded as x, in the vector banks
	hFrame    *resource   // what was saved before, in the vector banks
	x, h      *resource   // the parts of them that are multiplied
	outFrame  *resource   // what is saved
	output    *resource   // the h in it
	handed    *resource   // the part of xFrame that is saved too, on its way in DDR
	frame     *resource   // h as it is saved, in the memory of the lanes
	scratch   *resource   // c of an LSTM, h of a GRU
	recurrent *resource   // h for the products, where it is not the h that is saved
	vectors   []*resource // all elementwise vectors
	extra     int         // bytes of the blob behind the regions

	initial, loop []*action
	body          *[]*action // the one that is being written
	errs          []error
}

// splat is a constant vector, 2^exponent in all values.
type splat struct {
	*resource
	exponent int
}

// fail notes what is wrong, so that all of it can be told at once.
func (p *plan) fail(format string, args ...any) {
	err := fmt.Errorf("graph %q: "+format, append([]any{p.name}, args...)...)
	for _, known := range p.errs {
		if known.Error() == err.Error() {
			return // the first step and the others have most instructions in common
		}
	}
	p.errs = append(p.errs, err)
}

func (p *plan) position(label string) int { return p.formats[label].Position }

// vector makes an elementwise vector of as many values as h.
func (p *plan) vector(name string) *resource {
	r := &resource{name: name, space: elementwiseSpace, size: p.units}
	p.vectors = append(p.vectors, r)
	return r
}

func (p *plan) keptVector(name string) *resource {
	r := p.vector(name)
	r.kept = true
	return r
}

func (p *plan) add(a *action, amount int) *action {
	*p.body = append(*p.body, a.cost(amount))
	return a
}

// transferUnits is the length of h in transfer units.
func (p *plan) transferUnits() int { return p.units * isa.ElementwiseUnit / p.target.TransferUnit }

// prepare makes the resources that live from step to step.
func (p *plan) prepare() error {
	p.units = len32(p.hidden, 2)
	p.columns = len32(p.width(), 1) * isa.ElementwiseWidth
	p.weights, p.biases = map[string]*resource{}, map[string]*resource{}
	var err error
	if p.regions, err = xmodel.BlobLayout(p.kind, xmodel.Target(p.target.Name), p.core.Batch, p.width(), p.hidden); err != nil {
		return fmt.Errorf("graph %q: %w", p.name, err)
	}
	address := 0
	var zeros []xmodel.BlobRegion
	for _, r := range p.regions {
		switch {
		case r.Label == "":
			zeros = append(zeros, r)
		case r.Rows > 1 || r.Label[0] == 'w':
			words := r.Size / isa.WeightBanks / isa.WeightUnit
			p.weights[r.Label] = &resource{name: r.Label, space: weightSpace, size: words, address: address, offset: r.Offset}
			address += words
		default:
			p.biases[r.Label] = p.keptVector(r.Label)
			p.biases[r.Label].offset = r.Offset
		}
	}
	perUnit := p.target.TransferUnit / 2
	unit := isa.ElementwiseWidth / perUnit
	p.xFrame = &resource{name: "x", space: vectorSpace, size: p.in.units * unit}
	p.x = p.xFrame.part(p.in.at*unit, p.columns/perUnit)
	p.hFrame = &resource{name: "h", space: vectorSpace, size: p.out.units * unit, address: p.xFrame.size}
	p.h = p.hFrame.part(p.out.at*unit, p.units*unit)
	p.outFrame = p.keptVector("h")
	p.outFrame.size = p.out.units
	p.output = p.outFrame.part(p.out.at, p.units)
	p.frame = &resource{name: "saved h", space: frameSpace, size: 1}
	// The second zero block of an LSTM begins with the scratch of c; that of a GRU ends with the scratch of h.
	p.scratch = &resource{name: "scratch", space: ddrSpace, size: 1, offset: zeros[1].Offset}
	if p.kind == xmodel.GRU {
		p.scratch.offset += zeros[1].Size / 2
	}
	p.extra = p.regions[len(p.regions)-1].Offset + p.regions[len(p.regions)-1].Size
	if p.handedOn > 0 {
		p.handed = &resource{name: "handed on", space: ddrSpace, size: 1, offset: p.extra}
		p.extra += p.core.Batch * p.handedOn * isa.ElementwiseUnit
	}
	return nil
}

// zeroBlock gives the offset of a lane's zero vector: of h (0) or of c, in a GRU of h for products with a gate (1).
func (p *plan) zeroBlock(n int) int {
	var offsets []int
	for _, r := range p.regions {
		if r.Label == "" {
			offsets = append(offsets, r.Offset)
		}
	}
	if n == 1 && p.kind == xmodel.LSTM {
		return offsets[1] + p.core.Batch*p.units*isa.ElementwiseUnit
	}
	return offsets[n]
}

// len32 is how many units of 32 values hold n values, in multiples of the given number.
func len32(n, multiple int) int {
	step := isa.ElementwiseWidth * multiple
	return (n + step - 1) / step * multiple
}
