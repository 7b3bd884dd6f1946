package machine

import (
	_ "embed"
	"fmt"
	"io"
	"os"

	"github.com/goccy/go-yaml"

	"rnnsim/sim/isa"
)

//go:embed costs.yaml
var defaultCosts []byte

// Cost is what the instructions of a unit take: Latency cycles, and one more for each PerCycle of their amount, for which the unit
// is busy. Amounts are bytes for LOAD and SAVE, words of 64 bytes of a weight bank for MMUL, and vectors of 32 values for the others.
type Cost struct {
	Latency  int `yaml:"latency"`
	PerCycle int `yaml:"per_cycle"`
}

// Costs are the parameters of the timing model.
type Costs struct {
	Load           Cost           `yaml:"load"`
	Save           Cost           `yaml:"save"`
	MatMul         Cost           `yaml:"mmul"`
	Add            Cost           `yaml:"add"`
	Activation     Cost           `yaml:"actv"`
	Multiply       Cost           `yaml:"emul"`
	ClockMegahertz map[string]int `yaml:"clock_mhz"` // by target
}

// maxCost bounds the parameters, so that times do not overflow.
const maxCost = 1 << 24

// DefaultCosts are the costs that the vendor's older compiler plans with [S].
func DefaultCosts() Costs {
	c, err := ParseCosts(defaultCosts)
	if err != nil {
		panic(fmt.Sprintf("machine: costs.yaml: %v", err))
	}
	return c
}

// DefaultCostsText is the parameter file of DefaultCosts, to begin an own one with.
func DefaultCostsText() string { return string(defaultCosts) }

// ReadCosts reads a parameter file.
func ReadCosts(path string) (Costs, error) {
	f, err := os.Open(path)
	if err != nil {
		return Costs{}, fmt.Errorf("read costs: %w", err)
	}
	defer f.Close()
	const most = 1 << 16
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	var c Costs
	if err == nil {
		c, err = ParseCosts(data)
	}
	if err != nil {
		return Costs{}, fmt.Errorf("read costs %s: %w", path, err)
	}
	return c, nil
}

// ParseCosts reads the text of a parameter file, YAML. All parameters have to be there, and no others.
func ParseCosts(data []byte) (Costs, error) {
	var c Costs
	if err := yaml.UnmarshalWithOptions(data, &c, yaml.DisallowUnknownField()); err != nil {
		return Costs{}, err
	}
	for u := range isa.EndUnit {
		cost := c.of(u)
		if cost.Latency < 0 || cost.Latency > maxCost || cost.PerCycle < 1 || cost.PerCycle > maxCost {
			return Costs{}, fmt.Errorf("%s: latency %d and per_cycle %d; 0 to %d and 1 to %d are wanted", u, cost.Latency, cost.PerCycle, maxCost, maxCost)
		}
	}
	for _, t := range isa.Targets() {
		if mhz := c.ClockMegahertz[t.Name]; mhz < 1 || mhz > maxCost {
			return Costs{}, fmt.Errorf("clock_mhz of %s is %d; 1 to %d is wanted", t.Name, mhz, maxCost)
		}
	}
	return c, nil
}

func (c *Costs) of(u isa.Unit) Cost {
	return [...]Cost{c.Load, c.Save, c.MatMul, c.Add, c.Activation, c.Multiply, {PerCycle: 1}}[u]
}

// amount is what an instruction's time depends on.
func amount(i isa.Instruction, t *isa.Target) int {
	switch i := i.(type) {
	case *isa.Load:
		return i.Length * t.TransferUnit
	case *isa.Save:
		return i.Length * t.TransferUnit
	case *isa.MatMul:
		return i.WeightSize
	case *isa.Add:
		return i.Length
	case *isa.Activation:
		return i.Length
	case *isa.Multiply:
		return i.Length
	}
	return 0
}

// cycles gives how long an instruction keeps its unit busy, and after how long it completes.
func (c *Costs) cycles(i isa.Instruction, t *isa.Target) (busy, completes int) {
	cost := c.of(i.Unit())
	busy = (amount(i, t) + cost.PerCycle - 1) / cost.PerCycle
	return busy, busy + cost.Latency
}
