package machine

import (
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// sketch is a program for tests: segments of instructions for a target, with register maps and a blob of the usual form. Its banks are
// used in their first few units only.
type sketch struct {
	target           *isa.Target
	batch            int
	blob             []byte
	init, loop, end  []isa.Instruction
	xUnits, hUnits   int
	x, h             xmodel.Transfer
	random           *rand.Rand
	shiftsBothWays   bool
	vectors, columns int // sizes of what is used of banks: elementwise vectors, and units of a vector bank
}

const sketchBlob = 1 << 14

func newSketch(target *isa.Target, batch int, seed uint64) *sketch {
	s := &sketch{target: target, batch: batch, random: rand.New(rand.NewPCG(seed, 5)), vectors: 8, columns: 8}
	s.blob = make([]byte, sketchBlob)
	for i := range s.blob {
		s.blob[i] = byte(s.random.Uint32())
	}
	s.x, s.h = xmodel.Transfer{Forward: true, Aligned: 64, Original: 64}, xmodel.Transfer{Forward: true, Aligned: 256, Original: 200}
	s.xUnits, s.hUnits = 64/target.TransferUnit, 256/target.TransferUnit
	return s
}

func (s *sketch) compiled(t require.TestingT) *xmodel.Compiled {
	bytes := func(words []isa.Instruction) []byte {
		data, err := isa.Segment{Name: "sketch", Words: words}.Bytes()
		require.NoError(t, err)
		return data
	}
	cell := xmodel.CompiledCell{Name: "sketch", Init: bytes(s.init), Loop: bytes(s.loop), LoadX: s.x, LoadH: s.h, SaveH: s.h}
	for lane := range s.batch {
		at := uint32(s.target.TransferBank(isa.Place{Kind: isa.VectorBank, Lane: lane}) << 16)
		cell.XLanes, cell.HLanes = append(cell.XLanes, at), append(cell.HLanes, at+uint32(s.xUnits))
	}
	return &xmodel.Compiled{
		Target: xmodel.Target(s.target.Name), Batch: s.batch, Weights: s.blob, End: bytes(s.end),
		InputPosition: 12, OutputPosition: 12, Cells: []xmodel.CompiledCell{cell},
	}
}

func (s *sketch) register(number int, t xmodel.Transfer, lane int) isa.Register {
	r := isa.Register{Lane: lane, Number: number, Op: isa.StepUp, Step: t.Aligned}
	if !t.Forward {
		r.Op = isa.StepDown
	}
	return r
}

func (s *sketch) loadX(lane int) isa.Instruction {
	l := &isa.Load{Length: s.xUnits}
	l.SetRegister(s.register(isa.RegisterFirst, s.x, lane))
	return l
}

func (s *sketch) loadH(lane int) isa.Instruction {
	l := &isa.Load{Length: s.hUnits}
	l.SetRegister(s.register(isa.RegisterState, s.h, lane))
	return l
}

func (s *sketch) saveH(lane, bank int) isa.Instruction {
	i := &isa.Save{Length: s.hUnits, Bank: s.target.TransferBank(isa.Place{Kind: isa.ElementwiseBank, Lane: lane, Index: bank})}
	i.SetRegister(s.register(isa.RegisterState, s.h, lane))
	return i
}

// fill loads all that the sketch uses of a bank with a random part of the blob.
func (s *sketch) fill(p isa.Place) isa.Instruction {
	bytes := s.vectors * isa.ElementwiseUnit
	switch p.Kind {
	case isa.WeightBank:
		bytes = 16 * isa.WeightUnit
	case isa.VectorBank:
		bytes = s.columns * 64
	}
	return &isa.Load{Bank: s.target.TransferBank(p), Length: bytes / s.target.TransferUnit, Address: s.address(bytes)}
}

// address is a random place in the blob, in one of the core's channels.
func (s *sketch) address(bytes int) int {
	core, _ := s.target.Core(s.batch)
	return core.VectorChannel*isa.ChannelSize + s.random.IntN((len(s.blob)-bytes)/granule)*granule
}

// fillAll loads every bank.
func (s *sketch) fillAll() []isa.Instruction {
	var all []isa.Instruction
	for bank := range isa.WeightBanks {
		all = append(all, s.fill(isa.Place{Index: bank}))
	}
	first, last := s.target.ElementwiseBanks()
	for lane := range s.batch {
		all = append(all, s.fill(isa.Place{Kind: isa.VectorBank, Lane: lane}))
		for bank := first; bank <= last; bank++ {
			all = append(all, s.fill(isa.Place{Kind: isa.ElementwiseBank, Lane: lane, Index: bank}))
		}
	}
	return all
}

func (s *sketch) shift(width int) int {
	if s.shiftsBothWays && s.random.IntN(4) == 0 {
		return -s.random.IntN(8)
	}
	return s.random.IntN(width)
}

// compute is a random instruction that keeps the rules.
func (s *sketch) compute() isa.Instruction {
	for {
		i := s.any()
		if isa.Validate(i, s.target, s.batch) == nil {
			return i
		}
	}
}

func (s *sketch) any() isa.Instruction {
	n := s.random.IntN
	first, last := s.target.ElementwiseBanks()
	bank := func() int { return first + n(last-first+1) }
	length := 1 + n(4)
	at := func() int { return n(s.vectors - length + 1) }
	switch n(6) {
	case 0:
		size := 1 + n(4)
		return &isa.MatMul{
			VectorLength: size, VectorBank: 1, VectorAddress: n(s.columns - size + 1), WeightAddress: n(12), WeightSize: size,
			ResultBank: bank(), ResultAddress: n(s.vectors), Shift: s.shift(31),
		}
	case 1:
		return &isa.Add{
			Addends: 2, Shift: s.shift(8), Sign: n(2), Length: length, ABank: bank(), AAddress: at(), BBank: bank(), BAddress: at(),
			CBank: first + n(8), ResultBank: bank(), ResultAddress: at(),
		}
	case 2:
		return &isa.Activation{Kind: n(2), Length: length, InputBank: bank(), InputAddress: at(), ResultBank: bank(), ResultAddress: at(), Shift: s.shift(20)}
	case 3:
		return &isa.Multiply{Shift: s.shift(34), Length: length, ABank: bank(), AAddress: at(), BBank: bank(), BAddress: at(), ResultBank: bank(), ResultAddress: at()}
	}
	place := isa.Place{Kind: isa.ElementwiseBank, Lane: n(s.batch), Index: bank()}
	if n(3) == 0 {
		place = isa.Place{Index: n(isa.WeightBanks)}
	}
	units := (1 + n(4)) * 64 / s.target.TransferUnit
	if n(2) == 0 {
		return &isa.Load{Bank: s.target.TransferBank(place), BankAddress: n(4) * 64 / s.target.TransferUnit, Length: units, Address: s.address(4 * 64)}
	}
	return &isa.Save{Bank: s.target.TransferBank(place), BankAddress: n(4) * 64 / s.target.TransferUnit, Length: units, Address: s.address(4 * 64)}
}

// draw makes a whole random program, rotated or not.
func (s *sketch) draw(words int) {
	lanes := func(word func(lane int) isa.Instruction) (all []isa.Instruction) {
		for lane := range s.batch {
			all = append(all, word(lane))
		}
		return all
	}
	computes := func() (all []isa.Instruction) {
		for range words {
			all = append(all, s.compute())
		}
		return all
	}
	first, last := s.target.ElementwiseBanks()
	saved := first + s.random.IntN(last-first+1)
	saves := lanes(func(lane int) isa.Instruction { return s.saveH(lane, saved) })
	s.init = append(append(s.fillAll(), lanes(s.loadX)...), computes()...)
	body := append(append(lanes(s.loadX), lanes(s.loadH)...), computes()...)
	if s.random.IntN(2) == 0 {
		s.init, s.loop = append(s.init, saves...), append(body, saves...)
	} else {
		s.loop, s.end = append(saves, body...), saves
	}
	s.end = append(s.end[:len(s.end):len(s.end)], &isa.End{})
}
