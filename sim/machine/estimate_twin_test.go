package machine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/sim/isa"
)

func TestEstimateEqualsPlacingEveryStep(t *testing.T) {
	costs := DefaultCosts()
	for name, c := range realPrograms(t) {
		p, err := decode(c)
		require.NoError(t, err)
		for _, steps := range []int{1, 2, 3, 7, 50} {
			e, err := NewEstimate(c, steps, costs)
			require.NoError(t, err)
			end, busy, stalled := slowTimes(p, &costs, steps)
			assert.Equal(t, end, e.Cycles, "%s, %d steps", name, steps)
			for u, load := range e.Units {
				assert.Equal(t, [2]int{busy[u], stalled[u]}, [2]int{load.Busy, load.Stalled}, "%s, %d steps, %s", name, steps, load.Unit)
			}
		}
	}
	for _, target := range isa.Targets() {
		c := serialSketch(target).compiled(t)
		p, err := decode(c)
		require.NoError(t, err)
		e, err := NewEstimate(c, 33, costs)
		require.NoError(t, err)
		end, _, _ := slowTimes(p, &costs, 33)
		assert.Equal(t, end, e.Cycles)
	}
}

// slowTimes places every word of every step by the tokens that are paired for it, word by word.
func slowTimes(p *program, costs *Costs, steps int) (end int, busy, stalled [isa.Units]int) {
	all := p.unroll(steps, false)
	paired, _, _ := pairTokens(all)
	completes := make([]int, len(all))
	var free [isa.Units]int
	for n := range all {
		u := all[n].Unit()
		start := free[u]
		for _, k := range paired {
			if k.to == n {
				start = max(start, completes[k.from])
			}
		}
		b, c := costs.cycles(all[n].Instruction, p.target)
		stalled[u] += start - free[u]
		busy[u] += b
		free[u], completes[n] = start+b, start+c
		end = max(end, completes[n])
	}
	return end, busy, stalled
}

func TestEstimateRefuses(t *testing.T) {
	s := serialSketch(isa.U25)
	s.loop[1].Dependencies().On |= isa.MultiplyUnit.Bit()
	_, err := NewEstimate(s.compiled(t), 4, DefaultCosts())
	assert.ErrorContains(t, err, "segment loop, word 1, field on: it waits for a token of emul, and none was sent")
	_, err = NewEstimate(serialSketch(isa.U25).compiled(t), 0, DefaultCosts())
	assert.ErrorContains(t, err, "estimate 0 steps")
	for text, want := range map[string]string{
		strings.Replace(DefaultCostsText(), "latency: 60", "latency: -1", 1):   "load: latency -1",
		strings.Replace(DefaultCostsText(), "per_cycle: 1", "per_cycle: 0", 1): "per_cycle 0",
		strings.Replace(DefaultCostsText(), "U25: 310", "U26: 310", 1):         "clock_mhz of U25 is 0",
		DefaultCostsText() + "\nwarp: {}\n":                                    "warp",
	} {
		_, err := ParseCosts([]byte(text))
		assert.ErrorContains(t, err, want)
	}
	_, err = ReadCosts("no-such-file.yaml")
	assert.ErrorContains(t, err, "read costs: open no-such-file.yaml")
}
