package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// compiledFaults are what can be wrong with a compiled model, one at a time, and what is said of it.
var compiledFaults = map[string]struct {
	spoil func(t *testing.T, c *xmodel.Compiled)
	want  string
}{
	"a flipped bit of the opcode": {flip("loop", 3, 121), "segment loop, word 3, field opcode: 0x"},
	"a flipped bit of no field":   {flip("loop", 2, 2), "segment loop, word 2, field reserved: bit 2 is set in a word of"},
	"a flipped bit of a mask":     {flip("init", 0, 119), "segment init, word 0, field on: 0x80 has a bit that is no unit's"},
	"a truncated segment": {func(_ *testing.T, c *xmodel.Compiled) { c.End = c.End[:len(c.End)-isa.WordSize] },
		"segment end: 1 words, the last of which must be end: the stream is truncated"},
	"a truncated loop": {func(_ *testing.T, c *xmodel.Compiled) { c.Cells[0].Loop = c.Cells[0].Loop[:2*isa.WordSize] },
		"segments init, loop and end load x of lane 0 1, "},
	"a segment of no whole words": {func(_ *testing.T, c *xmodel.Compiled) { c.Cells[0].Loop = c.Cells[0].Loop[:len(c.Cells[0].Loop)-9] },
		`attribute "loop_bin_instr"`},
	"an address outside the map": {set("init", 1, func(l *isa.Load) { l.Address = 0xf0000000 }),
		"segment init, word 1, field ddr_addr: 0xf0000000 is in memory channel 15, and core 0 of U25 has the weight blob in channels [0]"},
	"an address behind the blob": {set("init", 1, func(l *isa.Load) { l.Address = 0x1ffff00 }),
		"segment init, word 1, field ddr_addr: 0x1ffff00: "},
	"a bank that does not exist": {set("init", 1, func(l *isa.Load) { l.Bank = 63 }),
		"segment init, word 1, field bank: bank 63 does not exist on U25 with batch 1"},
	"a blob that is too short": {func(_ *testing.T, c *xmodel.Compiled) { c.Weights = c.Weights[:len(c.Weights)-1024] },
		"of the weight blob, which has "},
	"a register map with another step": {func(_ *testing.T, c *xmodel.Compiled) { c.Cells[0].LoadX.Aligned *= 2 },
		"field ddr_addr: a step of 64 bytes, and aligned_size of register map load_src_reg_0 is 128"},
	"a register map with another direction": {func(_ *testing.T, c *xmodel.Compiled) { c.Cells[0].LoadX.Forward = false },
		"field ddr_addr: op 1, and dir of register map load_src_reg_0 says the other direction"},
	"a register map with more values": {func(_ *testing.T, c *xmodel.Compiled) { c.Cells[0].LoadX.Original, c.Cells[0].LoadX.Aligned = 128, 128 },
		"register map load_src_reg_0"},
	"a batch that the target lacks": {func(_ *testing.T, c *xmodel.Compiled) {
		c.Batch = 3
		for i := range c.Cells {
			c.Cells[i].XLanes, c.Cells[i].HLanes = []uint32{0x200000, 0x200000, 0x200000}, []uint32{0x200001, 0x200001, 0x200001}
		}
	}, "target U25 has no core for batch 3; its cores have [1] lanes"},
}

// flip changes a bit of a word.
func flip(segment string, word, bit int) func(*testing.T, *xmodel.Compiled) {
	return func(_ *testing.T, c *xmodel.Compiled) {
		streamOf(c, segment)[word*isa.WordSize+bit/8] ^= 1 << (bit % 8)
	}
}

// set changes a LOAD.
func set(segment string, word int, change func(*isa.Load)) func(*testing.T, *xmodel.Compiled) {
	return func(t *testing.T, c *xmodel.Compiled) {
		s, err := isa.ParseSegment(segment, streamOf(c, segment))
		require.NoError(t, err)
		change(s.Words[word].(*isa.Load))
		data, err := s.Bytes()
		require.NoError(t, err)
		copy(streamOf(c, segment), data)
	}
}

func streamOf(c *xmodel.Compiled, segment string) []byte {
	return map[string][]byte{"init": c.Cells[0].Init, "loop": c.Cells[0].Loop, "end": c.End}[segment]
}

// TestBadCompiledModelsAreToldByEveryCommand gives faulty files to all commands that read them: the error names the place, the exit
// code is that of unreadable input, and nothing is written.
func TestBadCompiledModelsAreToldByEveryCommand(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.xmodel")
	code, _, stderr := inProcess(t, "compile", "--target", "u25", "-o", good, "../../vectors/digits-lstm16")
	require.Zero(t, code, stderr)
	x := "../../vectors/digits-lstm16/x_test.npy"
	for name, fault := range compiledFaults {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			bad, out := filepath.Join(dir, "bad.xmodel"), filepath.Join(dir, "out")
			compiled, err := xmodel.ReadCompiled(good)
			require.NoError(t, err)
			fault.spoil(t, compiled)
			require.NoError(t, xmodel.WriteCompiled(bad, compiled))
			for _, line := range [][]string{
				{"run", "--input", x, "--h-out", out, bad}, {"run", "--input", x, "-o", out, bad}, {"run", "--input", x, "--words", out, bad},
				{"verify", bad}, {"verify", "--input", x, bad}, {"estimate", bad}, {"estimate", "--profile", out, bad},
				{"inspect", "--disassemble", bad}, {"inspect", "--lift", "-o", out, bad},
				{"inspect", "--against", "../../vectors/digits-lstm16/model.npz", bad},
			} {
				code, stdout, stderr := inProcess(t, line...)
				require.Equal(t, exitFailed, code, "%v: %s", line, stdout)
				if line[0] != "inspect" || line[1] == "--disassemble" { // lifting has words of its own for some of them
					require.Contains(t, stderr, fault.want, line)
				}
				require.Contains(t, stderr, "bad.xmodel")
				left, err := os.ReadDir(dir)
				require.NoError(t, err)
				require.Len(t, left, 1, "%v leaves something behind", line)
			}
		})
	}
}
