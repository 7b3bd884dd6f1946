package machine

import (
	"context"
	"testing"

	"rnnsim/dump"
	"rnnsim/sim/isa"
)

// FuzzMutatedStreams flips bits of a sound program. Whatever comes of it is refused, or runs to its end.
func FuzzMutatedStreams(f *testing.F) {
	f.Add(uint64(1), []byte{})
	f.Add(uint64(2), []byte{0, 0, 16, 3, 1, 200})
	f.Add(uint64(3), []byte{1, 5, 7, 9, 200, 13, 0, 3, 80})
	f.Fuzz(func(t *testing.T, seed uint64, flips []byte) {
		target := isa.Targets()[seed%2]
		s := newSketch(target, target.Cores[0].Batch, seed)
		s.draw(6)
		c := s.compiled(t)
		streams := [][]byte{c.Cells[0].Init, c.Cells[0].Loop, c.End, c.Weights}
		for ; len(flips) >= 3; flips = flips[3:] {
			stream := streams[flips[0]&3]
			stream[(int(flips[1])<<8|int(flips[2]))%len(stream)] ^= 1 << (flips[0] >> 5)
		}
		if len(flips) == 1 {
			c.Cells[0].Loop = c.Cells[0].Loop[:min(len(c.Cells[0].Loop), int(flips[0]))]
		}
		_, _ = CheckTokens(c, 3)
		_, _ = NewEstimate(c, 100, DefaultCosts())
		m, err := New(c, Options{Seed: seed})
		if err != nil {
			return
		}
		x := dump.Sequence{Fixed: make([]int16, 32*3)}
		if _, err := m.Run(context.Background(), []dump.Sequence{x, x}, dump.NewMemory()); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParseCosts(f *testing.F) {
	f.Add(DefaultCostsText())
	f.Add("load: {latency: -1}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCosts([]byte(text))
		if err != nil {
			return
		}
		for u := range isa.EndUnit {
			if c.of(u).PerCycle < 1 {
				t.Fatal("a unit that never issues")
			}
		}
	})
}
