package isa

import "fmt"

// Target is what the instructions mean on one of the two accelerators: units of addresses, banks, memory channels. All of it is
// proven on compiled models [P] but for the capacities, which are the ones that the vendor's older compiler allocates by [S].
type Target struct {
	Name string // as compiled models have it: "U25", "U50"
	// TransferUnit is what lengths and bank addresses of LOAD and SAVE count, in bytes.
	TransferUnit int
	// VectorUnit is what vector lengths and addresses of MMUL count, in bytes. Weight addresses and sizes count WeightUnit.
	VectorUnit int
	// RowsPerBank is how many matrix rows a weight word of MMUL holds, interleaved value by value: each goes to a result bank
	// of its own.
	RowsPerBank int
	// ResultBanks are the elementwise banks that MMUL may write, the first of the pair where RowsPerBank is 2.
	ResultBanks []int
	// Groups are the sets of banks of which ADD and EMUL take both operands from one; one group where any two will do.
	Groups [][]int
	// Idle is the bank that ADD names as its third operand, 0 where it is any other one of the operands' group.
	Idle int
	// Capacities of a bank, in bytes [S].
	WeightCapacity, VectorCapacity, ElementwiseCapacity int
	// Cores are the accelerators of the card. A model's batch decides which of them it runs on.
	Cores []Core

	elementwiseBanks int // of each lane, from firstElementwise on
	transferBank     func(Place) int
}

// Core is one accelerator of a card.
type Core struct {
	Number int
	Batch  int // lanes
	// Copies are the memory channels that get a copy of the weight blob [S]. Channel n begins at address n·ChannelSize.
	Copies []int
	// WeightChannels are where weight bank i is loaded from: entry i mod 8. VectorChannel is where all else is loaded from and
	// scratch is saved to.
	WeightChannels []int
	VectorChannel  int
	// LaneBases are where each lane's x and h areas begin [S].
	LaneBases []int
}

// Geometry that both targets share.
const (
	WeightBanks      = 32 // of all lanes together
	WeightUnit       = 64 // bytes
	ElementwiseUnit  = 64 // bytes: 32 values, of every address and length of ADD, ACTV, EMUL and of results of MMUL
	ElementwiseWidth = ElementwiseUnit / 2
	// ChannelSize is how much memory a channel has.
	ChannelSize = 1 << 28

	firstElementwise = 2
)

// Areas of a channel's memory, as offsets from its begin [S]. The weight blob is at 0.
const (
	BlobSize      = 32 << 20
	VectorArea    = 0x03000000 // x of the first layer; of layer 2n+1 the result
	ResultArea    = 0x06000000 // the result of layer 2n
	AreaSize      = 16 << 20
	RegisterFirst = 0 // register number of x
	RegisterState = 1 // register number of h
)

// U25 is DPURADR16L: one lane, one memory channel.
var U25 = &Target{
	Name: "U25", TransferUnit: 64, VectorUnit: 64, RowsPerBank: 1,
	ResultBanks: []int{3, 4, 5}, Groups: [][]int{{2, 3, 4, 5, 6, 7, 8}}, Idle: 9,
	WeightCapacity: 128 << 10, VectorCapacity: 32 << 10, ElementwiseCapacity: 32 << 10,
	Cores:            []Core{{Batch: 1, Copies: []int{0}, WeightChannels: []int{0, 0, 0, 0, 0, 0, 0, 0}, LaneBases: []int{0}}},
	elementwiseBanks: 7,
	transferBank: func(p Place) int {
		switch p.Kind {
		case VectorBank:
			return 32
		case ElementwiseBank:
			return 31 + p.Index
		}
		return p.Index
	},
}

// U50 is DPURAHR16L, of the U50 and the U50LV: core 0 has three lanes, core 1 has four.
var U50 = &Target{
	Name: "U50", TransferUnit: 32, VectorUnit: 32, RowsPerBank: 2,
	ResultBanks: []int{4, 6}, Groups: [][]int{{2, 3, 4, 5}, {6, 7, 8, 9}},
	WeightCapacity: 128 << 10, VectorCapacity: 32 << 10, ElementwiseCapacity: 256 << 10,
	Cores: []Core{
		{
			Number: 0, Batch: 3, Copies: []int{0, 1, 2, 3, 5, 7, 9, 11, 13},
			WeightChannels: []int{1, 2, 3, 5, 7, 9, 11, 13}, VectorChannel: 5, LaneBases: []int{0x70000000, 0x90000000, 0xB0000000},
		},
		{
			Number: 1, Batch: 4, Copies: []int{0, 1, 2, 3, 6, 8, 10, 12, 14},
			WeightChannels: []int{1, 2, 3, 6, 8, 10, 12, 14}, VectorChannel: 6, LaneBases: []int{0x80000000, 0xA0000000, 0xC0000000, 0xE0000000},
		},
	},
	elementwiseBanks: 8,
	transferBank: func(p Place) int {
		switch p.Kind {
		case VectorBank:
			return 32 + p.Lane
		case ElementwiseBank:
			return 64 + 16*p.Lane + p.Index - firstElementwise
		}
		return p.Index
	},
}

// Targets are all targets.
func Targets() []*Target { return []*Target{U25, U50} }

// TargetNamed gives the target that compiled models call by the name.
func TargetNamed(name string) (*Target, error) {
	for _, t := range Targets() {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, fmt.Errorf("target %q is not known; %s and %s are", name, U25.Name, U50.Name)
}

// Core gives the core that runs models of the batch.
func (t *Target) Core(batch int) (*Core, error) {
	var batches []int
	for i := range t.Cores {
		if t.Cores[i].Batch == batch {
			return &t.Cores[i], nil
		}
		batches = append(batches, t.Cores[i].Batch)
	}
	return nil, fmt.Errorf("target %s has no core for batch %d; its cores have %d lanes", t.Name, batch, batches)
}
