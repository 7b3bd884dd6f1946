package compile

import "rnnsim/sim/isa"

// The scheduler plans with the costs that the vendor's older compiler plans with, in cycles. They are not measured. See
// docs/accelerator.md.
const (
	transferLatency    = 60
	transferPerCycle   = 32 // bytes
	productLatency     = 64
	elementwiseLatency = 18
)

// cost sets how long an action takes: bytes of a transfer, weight words of a product, units of 32 values of the others.
func (a *action) cost(amount int) *action {
	a.busy = amount
	switch a.unit {
	case isa.LoadUnit, isa.SaveUnit:
		a.busy, a.latency = (amount+transferPerCycle-1)/transferPerCycle, transferLatency
	case isa.MatMulUnit:
		a.latency = productLatency
	default:
		a.latency = elementwiseLatency
	}
	return a
}

// completes is when the result is there.
func (a *action) completes() int { return a.start + a.busy + a.latency }
