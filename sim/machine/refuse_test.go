package machine

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// plainSketch is a small program: h is what a product of x gives.
func plainSketch(target *isa.Target, batch int) *sketch {
	s := newSketch(target, batch, 1)
	result := target.ResultBanks[0]
	size := 64 / target.VectorUnit
	s.init = s.fillAll()
	for lane := range batch {
		s.init = append(s.init, s.loadX(lane))
		s.loop = append(s.loop, s.loadX(lane))
	}
	product := &isa.MatMul{VectorLength: size, VectorBank: 1, WeightSize: size, ResultBank: result, Shift: 12}
	again := *product
	s.init, s.loop = append(s.init, product), append(s.loop, &again)
	for lane := range batch {
		s.init, s.loop = append(s.init, s.saveH(lane, result)), append(s.loop, s.saveH(lane, result))
	}
	s.end = []isa.Instruction{&isa.End{}}
	return s
}

func TestNewRefuses(t *testing.T) {
	load := func(alter func(*isa.Load)) func(*sketch) {
		return func(s *sketch) {
			i := *s.init[0].(*isa.Load)
			alter(&i)
			s.init[0] = &i
		}
	}
	loopX := func(r isa.Register, units int) func(*sketch) {
		return func(s *sketch) {
			i := &isa.Load{Length: units}
			i.SetRegister(r)
			s.loop[0] = i
		}
	}
	up := isa.Register{Op: isa.StepUp, Step: 64}
	for _, c := range []struct {
		want  string
		alter func(*sketch)
	}{
		{"segment init, word 0, field ddr_addr: 0x10000000 is in memory channel 1, and core 0 of U25 has the weight blob in channels [0]", load(func(i *isa.Load) { i.Address = 1 << 28 })},
		{"segment init, word 0, field ddr_addr: 0x3f00: 1024 bytes from here on end at byte 17152 of the weight blob, which has 16384: the address is outside, or the blob too short", load(func(i *isa.Load) { i.Address = 0x3f00 })},
		{"segment init, word 0, field ddr_addr: 0x1 is no multiple of 32 bytes", load(func(i *isa.Load) { i.Address = 1 })},
		{"segment init, word 0, field bank: bank 77 does not exist on U25 with batch 1", load(func(i *isa.Load) { i.Bank = 77 })},
		{"segment loop, word 0, field ddr_addr: a step of 128 bytes, and aligned_size of register map load_src_reg_0 is 64", loopX(isa.Register{Op: isa.StepUp, Step: 128}, 1)},
		{"segment loop, word 0, field ddr_addr: op 0, and dir of register map load_src_reg_0 says the other direction", loopX(isa.Register{Op: isa.StepDown, Step: 64}, 1)},
		{"segment loop, word 0, field len: 2 units are 128 bytes; register map load_src_reg_0 has original_size 64 and aligned_size 64", loopX(up, 2)},
		{"segment loop, word 0, field ddr_addr: lane 1 does not exist with batch 1", loopX(isa.Register{Lane: 1, Op: isa.StepUp, Step: 64}, 1)},
		{"segments init, loop and end load x of lane 0 1, 2 and 0 times", func(s *sketch) { s.loop = append(s.loop, s.loadX(0)) }},
		{"segments init, loop and end load h of lane 0 1, 0 and 0 times", func(s *sketch) { s.init = append(s.init, s.loadH(0)) }},
		{"segments init, loop and end save h of lane 0 1, 1 and 1 times", func(s *sketch) { s.end = append([]isa.Instruction{s.saveH(0, 3)}, s.end...) }},
		{"segment loop, word 3, field opcode: end is the last word of segment end, and no other", func(s *sketch) { s.loop = append(s.loop, &isa.End{}) }},
		{"segment end: 0 words, the last of which must be end: the stream is truncated", func(s *sketch) { s.end = nil }},
		{"segment loop, word 2, field ddr_addr: register save_dst_reg_0 has no register map", func(s *sketch) {
			i := *s.loop[2].(*isa.Save)
			i.SetRegister(up)
			s.loop[2] = &i
		}},
		{"load_src_reg_1: original_size 200 and aligned_size 100", func(s *sketch) { s.h.Aligned = 100 }},
		{"load_src_reg_0: original_size 64 and aligned_size 65", func(s *sketch) { s.x.Aligned = 65 }},
	} {
		s := plainSketch(isa.U25, 1)
		c.alter(s)
		_, err := New(s.compiled(t), Options{})
		require.Error(t, err, c.want)
		assert.Contains(t, err.Error(), c.want)
		_, err = CheckTokens(s.compiled(t), 3)
		require.Error(t, err)
		_, err = NewEstimate(s.compiled(t), 3, DefaultCosts())
		require.Error(t, err)
	}
}

func TestNewRefusesModels(t *testing.T) {
	for _, c := range []struct {
		want  string
		alter func(*xmodel.Compiled)
	}{
		{"target U25 has no core for batch 3; its cores have [1] lanes", func(c *xmodel.Compiled) { c.Batch = 3 }},
		{`target "U99" is not known`, func(c *xmodel.Compiled) { c.Target = "U99" }},
		{"the model has no cells", func(c *xmodel.Compiled) { c.Cells = nil }},
		{"segment init: 17 bytes are no whole number of 16-byte words", func(c *xmodel.Compiled) { c.Cells[0].Init = make([]byte, 17) }},
		{"segment loop, word 0, field opcode: 0x00", func(c *xmodel.Compiled) { c.Cells[0].Loop = make([]byte, 16) }},
		{"load_dst_reg_1 has 0 addresses, and there are 1 lanes", func(c *xmodel.Compiled) { c.Cells[0].HLanes = nil }},
		{"load_dst_reg_0: address 0x210000 of lane 0; it must lie in the lane's vector bank, 0x200000 and on", func(c *xmodel.Compiled) { c.Cells[0].XLanes[0] = 0x210000 }},
		{"field len: 1 units of 64 bytes from load_dst_reg_0 on end at byte 1048640 of the vector bank", func(c *xmodel.Compiled) { c.Cells[0].XLanes[0] = 0x204000 }},
		{"fix position 40 is outside", func(c *xmodel.Compiled) { c.InputPosition = 40 }},
		{"load_src_reg_1 and save_dst_reg_1 differ", func(c *xmodel.Compiled) { c.Cells[0].LoadH.Original = 100 }},
	} {
		m := plainSketch(isa.U25, 1).compiled(t)
		m.Source = "small.xmodel"
		c.alter(m)
		_, err := New(m, Options{})
		require.ErrorContains(t, err, c.want)
		assert.Contains(t, err.Error(), "compiled model small.xmodel: ")
	}
	_, err := New(plainSketch(isa.U25, 1).compiled(t), Options{View: &xmodel.View{Cells: make([]xmodel.CellView, 2)}})
	assert.ErrorContains(t, err, "the view is of 2 cells, the model has 1")
	for _, cell := range []xmodel.CellView{{Units: 101}, {First: 99, Units: 2}, {Units: 0}, {Units: 1, Input: []int{32}}, {Units: 1, Input: []int{-1}}} {
		_, err = New(plainSketch(isa.U25, 1).compiled(t), Options{View: &xmodel.View{Cells: []xmodel.CellView{cell}}})
		assert.ErrorContains(t, err, "view of cell 0")
	}
	_, err = New(plainSketch(isa.U25, 1).compiled(t), Options{View: &xmodel.View{Cells: []xmodel.CellView{{Units: 1}}, Columns: []int{100}}})
	assert.ErrorContains(t, err, "column 100 of the result")
}

func TestRunRefuses(t *testing.T) {
	m, err := New(plainSketch(isa.U25, 1).compiled(t), Options{})
	require.NoError(t, err)
	nan := make([]float32, 32)
	nan[3] /= nan[3]
	for want, sequences := range map[string][]dump.Sequence{
		"there are no sequences":      {},
		"sequence 0: it has no steps": {{}},
		"sequence 1: 31 values of x are no whole number of steps of 32 features": {{Fixed: make([]int16, 32)}, {Fixed: make([]int16, 31)}},
		"x is given twice":                                                     {{Fixed: make([]int16, 32), Float: make([]float32, 32)}},
		"step 0, feature 3: NaN cannot be quantized":                           {{Float: nan}},
		"initial state of cell 0: value 1 is 5; compiled models begin at zero": {{Fixed: make([]int16, 32), Initial: []dump.State{{H: []int16{0, 5}}}}},
		"65537 steps of 256 bytes do not fit into the 16777216 bytes that a lane has for them; 65536 steps do": {{Fixed: make([]int16, 32*65537)}},
	} {
		_, err := m.Run(context.Background(), sequences, nil)
		assert.ErrorContains(t, err, want)
	}
}

// TestRoundsDoNotShareAnything runs one sequence in every lane and round, beside shorter ones, and gets one result.
func TestRoundsDoNotShareAnything(t *testing.T) {
	for _, target := range []*isa.Target{isa.U25, isa.U50} {
		batch := target.Cores[0].Batch
		s := newSketch(target, batch, 9)
		s.draw(20)
		m, err := New(s.compiled(t), Options{Seed: 4})
		require.NoError(t, err)
		x := randomInput(s.random, 1, 32*5)[0]
		var sequences []dump.Sequence
		for i := range 2*batch + 1 {
			sequences = append(sequences, dump.Sequence{Fixed: x[:32*(5-i%3)]})
		}
		all, err := m.Run(context.Background(), sequences, nil)
		require.NoError(t, err)
		for i := range sequences {
			// Lanes that load their own parts of the blob differ; a round in the same lane does not.
			if i+batch < len(sequences) {
				n := min(len(all.Output[i]), len(all.Output[i+batch]))
				assert.Equal(t, all.Output[i][:n], all.Output[i+batch][:n])
			}
		}
	}
}

// TestReversedCellsBeginAtTheEnd runs a sketch whose x is read from the last step on: with no state of its own, it gives what the
// other direction gives.
func TestReversedCellsBeginAtTheEnd(t *testing.T) {
	forward := plainSketch(isa.U25, 1)
	backward := plainSketch(isa.U25, 1)
	backward.x.Forward = false
	n := len(backward.init)
	backward.init[n-3], backward.loop[0] = backward.loadX(0), backward.loadX(0)
	x := randomInput(forward.random, 1, 32*6)[0]
	sequences := []dump.Sequence{{Fixed: x}, {Fixed: x[:64]}}
	var results [2]*Result
	for i, s := range []*sketch{forward, backward} {
		m, err := New(s.compiled(t), Options{})
		require.NoError(t, err)
		assert.Equal(t, i == 1, m.Header().Cells[0].Backward)
		results[i], err = m.Run(context.Background(), sequences, nil)
		require.NoError(t, err)
	}
	assert.Equal(t, results[0].Output, results[1].Output)
}

// TestRunsShareNothing runs one machine several times at once, with programs that write into the blob.
func TestRunsShareNothing(t *testing.T) {
	s := newSketch(isa.U50, 3, 11)
	s.draw(25)
	c := s.compiled(t)
	blob := slices.Clone(c.Weights)
	m, err := New(c, Options{Seed: 2})
	require.NoError(t, err)
	var x []dump.Sequence
	for _, values := range randomInput(s.random, 4, 32*6) {
		x = append(x, dump.Sequence{Fixed: values})
	}
	results := make([]*Result, 4)
	var runs sync.WaitGroup
	for i := range results {
		runs.Go(func() {
			r, err := m.Run(context.Background(), x, dump.NewMemory())
			assert.NoError(t, err)
			results[i] = r
		})
	}
	runs.Wait()
	for _, r := range results[1:] {
		assert.Equal(t, results[0], r)
	}
	assert.Equal(t, blob, c.Weights)
}

// TestUnpairedUnitsAreAveraged estimates a program whose units no token holds together.
func TestUnpairedUnitsAreAveraged(t *testing.T) {
	e, err := NewEstimate(plainSketch(isa.U25, 1).compiled(t), 100000, DefaultCosts())
	require.NoError(t, err)
	assert.False(t, e.Settled)
	assert.InDelta(t, 8, e.Frame, 0.1, "256 bytes of h a step, by a unit that saves 32 a cycle")
	assert.InDelta(t, 8*100000, e.Cycles, 2000)
	var text bytes.Buffer
	require.NoError(t, e.WriteText(&text))
	assert.Contains(t, text.String(), "do not come into step")
}
