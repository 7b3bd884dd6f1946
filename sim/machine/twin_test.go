package machine

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// twin is the accelerator once more, slow and plain: bits of words as they are documented, memory byte by byte, values one by one,
// large integers, tables from their formulas.
type twin struct {
	t      require.TestingT
	c      *xmodel.Compiled
	u50    bool
	ddr    map[int64]byte
	banks  map[int]map[int]int16 // by LOAD and SAVE number: value by index
	source map[[2]int64]int64    // load_src by register and lane
	target map[int64]int64       // save_dst_reg_1 by lane
	tables [2][2048]int16
	log    [][]int16 // what compute instructions wrote, lane after lane
}

func newTwin(t require.TestingT, c *xmodel.Compiled, x [][]int16) *twin {
	m := &twin{t: t, c: c, u50: c.Target == xmodel.U50, ddr: map[int64]byte{}, banks: map[int]map[int]int16{}, source: map[[2]int64]int64{}, target: map[int64]int64{}}
	channels, bases := []int64{0}, []int64{0}
	if m.u50 && c.Batch == 3 {
		channels, bases = []int64{0, 1, 2, 3, 5, 7, 9, 11, 13}, []int64{7 << 28, 9 << 28, 11 << 28}
	} else if m.u50 {
		channels, bases = []int64{0, 1, 2, 3, 6, 8, 10, 12, 14}, []int64{8 << 28, 10 << 28, 12 << 28, 14 << 28}
	}
	for _, channel := range channels {
		for i, b := range c.Weights {
			m.ddr[channel<<28+int64(i)] = b
		}
	}
	for lane, values := range x {
		for i, v := range values {
			step, k := i/(c.Cells[0].LoadX.Original/2), i%(c.Cells[0].LoadX.Original/2)
			at := bases[lane] + 0x03000000 + int64(step*c.Cells[0].LoadX.Aligned+2*k)
			m.ddr[at], m.ddr[at+1] = byte(v), byte(uint16(v)>>8)
		}
	}
	for lane, base := range bases {
		m.source[[2]int64{0, int64(lane)}] = base + 0x03000000
		m.source[[2]int64{1, int64(lane)}] = base + 0x06000000
		m.target[int64(lane)] = base + 0x06000000
	}
	for i := range 2048 {
		m.tables[0][i] = table16(1 / (1 + math.Exp(-float64(i-1024)/128)))
		m.tables[1][i] = table16(math.Tanh(float64(i-1024) / 256))
	}
	return m
}

func table16(v float64) int16 {
	return int16(max(-32768, min(32767, math.Round(v*32768))))
}

func (m *twin) bank(number int) map[int]int16 {
	if m.banks[number] == nil {
		m.banks[number] = map[int]int16{}
	}
	return m.banks[number]
}

// elementwise is the LOAD and SAVE number of a lane's bank.
func (m *twin) elementwise(lane, bank int) map[int]int16 {
	if m.u50 {
		return m.bank(64 + 16*lane + bank - 2)
	}
	return m.bank(31 + bank)
}

// get reads a value that the program must have set.
func (m *twin) get(bank map[int]int16, i int) int64 {
	v, ok := bank[i]
	if !ok {
		require.Fail(m.t, "the program reads what it never wrote")
	}
	return int64(v)
}

func (m *twin) run(data []byte) {
	for ; len(data) > 0; data = data[16:] {
		w := new(big.Int)
		for i := 15; i >= 0; i-- {
			w.Or(w.Lsh(w, 8), big.NewInt(int64(data[i])))
		}
		bits := func(hi, lo int) int64 {
			v := new(big.Int).Rsh(w, uint(lo))
			return v.And(v, big.NewInt(1<<(hi-lo+1)-1)).Int64()
		}
		switch bits(127, 120) {
		case 0x01:
			m.transfer(bits(1, 0), bits(47, 16), bits(87, 80), bits(79, 64), bits(63, 48)+1, true)
		case 0x02:
			m.transfer(bits(1, 0), bits(87, 56), bits(39, 32), bits(31, 16), bits(55, 40)+1, false)
		case 0x04:
			m.product(bits)
		case 0x08:
			trunc := bits(101, 96)
			if trunc >= 32 {
				trunc -= 64
			}
			bankA, atA, bankB, atB, sign := int(bits(79, 74)), bits(73, 62), int(bits(61, 56)), bits(55, 44), bits(93, 92)
			m.vectors(bits(91, 80)+1, bits(17, 12), bits(11, 0), func(lane int, i int64) int16 {
				a := m.get(m.elementwise(lane, bankA), int(atA*32+i))
				b := m.get(m.elementwise(lane, bankB), int(atB*32+i))
				if sign == 1 {
					b = -b
				}
				return shiftAndClamp(big.NewInt(a+b), trunc)
			})
		case 0x10:
			kind, bank, at, trunc := bits(103, 102), int(bits(79, 76)), bits(75, 64), signed8(bits(47, 40))
			m.vectors(bits(91, 80)+1, bits(63, 60), bits(59, 48), func(lane int, i int64) int16 {
				return m.activate(kind, m.get(m.elementwise(lane, bank), int(at*32+i)), trunc)
			})
		case 0x20:
			bankA, atA, bankB, atB, trunc := int(bits(79, 76)), bits(75, 64), int(bits(63, 60)), bits(59, 48), signed8(bits(103, 96))
			m.vectors(bits(91, 80)+1, bits(47, 44), bits(43, 32), func(lane int, i int64) int16 {
				a := m.get(m.elementwise(lane, bankA), int(atA*32+i))
				b := m.get(m.elementwise(lane, bankB), int(atB*32+i))
				return shiftAndClamp(big.NewInt(a*b), trunc)
			})
		}
	}
}

func signed8(v int64) int64 { return int64(int8(v)) }

func shiftAndClamp(v *big.Int, right int64) int16 {
	if right >= 0 {
		v = new(big.Int).Rsh(v, uint(right)) // rounds down
	} else {
		v = new(big.Int).Lsh(v, uint(-right))
	}
	switch {
	case v.Cmp(big.NewInt(32767)) > 0:
		return 32767
	case v.Cmp(big.NewInt(-32768)) < 0:
		return -32768
	}
	return int16(v.Int64())
}

func (m *twin) activate(kind, x, position int64) int16 {
	// floor(x · 2^7 / 2^p), or 2^8 for tanh
	scaled := math.Floor(float64(x) * math.Pow(2, float64(7+kind-position)))
	switch {
	case scaled >= 1024:
		return 32767
	case scaled < -1024 && kind == 0:
		return 0
	case scaled < -1024:
		return -32768
	}
	return m.tables[kind][int(scaled)+1024]
}

// vectors computes on all lanes; all is read before anything is written.
func (m *twin) vectors(units, bank, address int64, value func(lane int, i int64) int16) {
	for lane := range m.c.Batch {
		var results []int16
		for i := range units * 32 {
			results = append(results, value(lane, i))
		}
		for i, v := range results {
			m.elementwise(lane, int(bank))[int(address)*32+i] = v
		}
		m.log = append(m.log, results)
	}
}

func (m *twin) transfer(kind, address, bank, bankAddress, units int64, isLoad bool) {
	unit := int64(64)
	if m.u50 {
		unit = 32
	}
	if kind == 1 {
		lane, register, step := address>>20&15, address>>18&3, address&0xffff
		if isLoad {
			address = m.source[[2]int64{register, lane}]
			m.source[[2]int64{register, lane}] += step
			d := m.c.Cells[0].XLanes[lane]
			if register == 1 {
				d = m.c.Cells[0].HLanes[lane]
			}
			bank, bankAddress = int64(d>>16), int64(d&0xffff)
		} else {
			address = m.target[lane]
			m.target[lane] += step
		}
	}
	for i := range units * unit / 2 {
		at, place := address+2*i, int(bankAddress*unit/2+i)
		if isLoad {
			lo, ok := m.ddr[at]
			if !ok {
				require.Failf(m.t, "the program reads memory that was never written", "%#x", at)
			}
			m.bank(int(bank))[place] = int16(uint16(lo) | uint16(m.ddr[at+1])<<8)
			continue
		}
		v := m.get(m.bank(int(bank)), place)
		m.ddr[at], m.ddr[at+1] = byte(v), byte(v>>8)
	}
}

func (m *twin) product(bits func(hi, lo int) int64) {
	unit, rows, vector := int64(32), 1, 32
	if m.u50 {
		unit, rows = 16, 2
	}
	columns, weightAt, vectorAt, trunc := unit*(bits(103, 92)+1), bits(71, 60)*32, bits(87, 76)*unit, signed8(bits(15, 8))
	for lane := range m.c.Batch {
		var results []int16
		for row := range rows {
			for bank := range 32 {
				sum := int64(0) // at most 2^12 · 2^5 products of 2^30
				for j := range columns {
					sum += m.get(m.bank(bank), int(weightAt+j*int64(rows)+int64(row))) * m.get(m.bank(vector+lane), int(vectorAt+j))
				}
				results = append(results, shiftAndClamp(big.NewInt(sum), trunc))
			}
		}
		for i, v := range results {
			m.elementwise(lane, int(bits(31, 28))+i/32)[int(bits(27, 16))*32+i%32] = v
		}
		m.log = append(m.log, results)
	}
}

// requireTwin runs a model on both machines and compares all that compute instructions wrote, and h.
func requireTwin(t require.TestingT, c *xmodel.Compiled, x [][]int16, seed uint64) {
	slow := newTwin(t, c, x)
	steps := len(x[0]) / (c.Cells[0].LoadX.Original / 2)
	slow.run(c.Cells[0].Init)
	for range steps - 1 {
		slow.run(c.Cells[0].Loop)
	}
	slow.run(c.End)

	n := 0
	m, err := New(c, Options{Seed: seed, Results: func(r *WordResult) error {
		if u := r.Instruction.Unit(); u == isa.LoadUnit || u == isa.SaveUnit {
			return nil
		}
		require.Less(t, n, len(slow.log))
		require.Equal(t, slow.log[n], r.Values, "%s, word %d, step %d, lane %d: %s", r.Segment, r.Word, r.Step, r.Lane, isa.Format(r.Instruction, nil))
		n++
		return nil
	}})
	require.NoError(t, err)
	var sequences []dump.Sequence
	for _, values := range x {
		sequences = append(sequences, dump.Sequence{Fixed: values})
	}
	got, err := m.Run(context.Background(), sequences, nil)
	require.NoError(t, err)
	require.Equal(t, len(slow.log), n)
	core, _ := m.program.target.Core(c.Batch)
	units := c.Cells[0].SaveH.Original / 2
	for lane := range x {
		for i, v := range got.Output[lane] {
			at := int64(core.LaneBases[lane] + isa.ResultArea + i/units*c.Cells[0].SaveH.Aligned + i%units*2)
			require.Equal(t, int16(uint16(slow.ddr[at])|uint16(slow.ddr[at+1])<<8), v)
		}
	}
	// Without anybody looking on, the same.
	quiet, err := New(c, Options{Seed: seed + 1})
	require.NoError(t, err)
	again, err := quiet.Run(context.Background(), sequences, nil)
	require.NoError(t, err)
	require.Equal(t, got.Output, again.Output)
}

func randomInput(random *rand.Rand, lanes, values int) [][]int16 {
	x := make([][]int16, lanes)
	for lane := range x {
		for range values {
			x[lane] = append(x[lane], int16(random.Uint32()))
		}
	}
	return x
}

func TestRealModelsEqualTheTwin(t *testing.T) {
	for name, c := range realPrograms(t) {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(len(name)), 1))
			requireTwin(t, c, randomInput(random, c.Batch, 32*2), 3)
		})
		if testing.Short() {
			break
		}
	}
}

func TestRandomProgramsEqualTheTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		core := rapid.SampledFrom([]struct {
			target *isa.Target
			batch  int
		}{{isa.U25, 1}, {isa.U50, 3}, {isa.U50, 4}}).Draw(t, "core")
		s := newSketch(core.target, core.batch, rapid.Uint64().Draw(t, "seed"))
		s.shiftsBothWays = true
		s.draw(rapid.IntRange(1, 25).Draw(t, "words"))
		steps := rapid.IntRange(1, 4).Draw(t, "steps")
		requireTwin(t, s.compiled(t), randomInput(s.random, core.batch, 32*steps), s.random.Uint64())
	})
}
