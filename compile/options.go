package compile

import (
	"fmt"
	"strings"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// Options say what a model is compiled for.
type Options struct {
	Target xmodel.Target
	// Batch is how many sequences run at once: 1 on the U25, 3 or 4 on the U50. 0 is the target's first.
	Batch int
}

// ParseTarget gives the target of a card by its name: u25, u50 or u50lv, in either case.
func ParseTarget(card string) (xmodel.Target, error) {
	switch strings.ToLower(card) {
	case "u25":
		return xmodel.U25, nil
	case "u50", "u50lv":
		return xmodel.U50, nil
	}
	return "", fmt.Errorf("target %q is not known; u25 and u50lv are", card)
}

// resolve finds the target and the core.
func (o Options) resolve() (*isa.Target, *isa.Core, error) {
	target, err := isa.TargetNamed(string(o.Target))
	if err != nil {
		return nil, nil, err
	}
	if o.Batch == 0 {
		return target, &target.Cores[0], nil
	}
	core, err := target.Core(o.Batch)
	return target, core, err
}
