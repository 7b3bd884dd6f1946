package machine

import (
	"math/rand/v2"
	"slices"

	"rnnsim/sim/isa"
)

// extents are how much of each kind of bank a program can reach, in values. Programs address banks directly, so that this is known
// beforehand, and memory need not be had for whole banks.
type extents struct {
	weight      int // of every weight bank
	vector      int // of every lane's vector bank
	elementwise int // of every elementwise bank
}

func (e *extents) cover(kind isa.BankKind, values int) {
	switch kind {
	case isa.WeightBank:
		e.weight = max(e.weight, values)
	case isa.VectorBank:
		e.vector = max(e.vector, values)
	case isa.ElementwiseBank:
		e.elementwise = max(e.elementwise, values)
	}
}

// chip is the memory on the chip. Programs find random values in it.
type chip struct {
	extents
	weights [isa.WeightBanks][]int16
	// weightsVersion tells contents of the weight banks apart, for what is derived from them. No two contents have the same, in the
	// chip and its clones, which draw from one counter.
	weightsVersion int
	versions       *int
	lanes          []laneBanks
}

// laneBanks are the banks of one lane. The elementwise banks lie one after the other.
type laneBanks struct{ vector, elementwise []int16 }

// elementwiseNumbers is how many elementwise banks are held, by the numbers of the compute instructions.
const elementwiseNumbers = 10

func newChip(e extents, lanes int, seed uint64) *chip {
	c := &chip{extents: e, versions: new(int), lanes: make([]laneBanks, lanes)}
	random := rand.New(rand.NewPCG(seed, 0x63686970))
	fill := func(n int) []int16 {
		values := make([]int16, n)
		var v uint64
		for i := range values {
			if i%4 == 0 {
				v = random.Uint64()
			}
			values[i] = int16(v)
			v >>= 16
		}
		return values
	}
	for i := range c.weights {
		c.weights[i] = fill(e.weight)
	}
	for i := range c.lanes {
		c.lanes[i] = laneBanks{vector: fill(e.vector), elementwise: fill(e.elementwise * elementwiseNumbers)}
	}
	return c
}

// bank gives the values of a bank.
func (c *chip) bank(p isa.Place) []int16 {
	switch p.Kind {
	case isa.WeightBank:
		return c.weights[p.Index]
	case isa.VectorBank:
		return c.lanes[p.Lane].vector
	}
	return c.lanes[p.Lane].elementwise[p.Index*c.elementwise : (p.Index+1)*c.elementwise]
}

// weightsChanged takes note of a change of the weight banks.
func (c *chip) weightsChanged() {
	*c.versions++
	c.weightsVersion = *c.versions
}

// clone gives a chip with the same contents.
func (c *chip) clone() *chip {
	copied := *c
	for i := range c.weights {
		copied.weights[i] = slices.Clone(c.weights[i])
	}
	copied.lanes = nil
	for _, l := range c.lanes {
		copied.lanes = append(copied.lanes, laneBanks{slices.Clone(l.vector), slices.Clone(l.elementwise)})
	}
	return &copied
}
