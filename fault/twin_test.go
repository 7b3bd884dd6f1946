package fault_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/xmodel"
)

// subject is a network with stimuli.
type subject struct {
	name      string
	base      *fault.Base
	network   *twinNetwork
	sequences []dump.Sequence
}

func newSubject(t *testing.T, name string, m *xmodel.Model, sequences []dump.Sequence) *subject {
	t.Helper()
	base, err := fault.New(m, xmodel.Sane)
	require.NoError(t, err)
	return &subject{name, base, newTwinNetwork(t, m), sequences}
}

// tinySubjects are cells of either kind and width, at one position and at several, on random and boundary stimuli: the ends of the
// range, from initial states that are as wild; and real numbers.
func tinySubjects(t *testing.T) []*subject {
	var all []*subject
	for i, kind := range []xmodel.CellKind{xmodel.LSTM, xmodel.GRU} {
		for _, bits := range []int{16, 8} {
			for _, apart := range []bool{false, true} {
				random := rand.New(rand.NewPCG(31, uint64(100*i+bits)))
				m := modelOf(t, tinyCell(random, kind, bits, 0, false, apart, 6))
				s := newSubject(t, fmt.Sprintf("%s, %d bits, apart %v", kind, bits, apart), m, nil)
				header := s.base.Header()
				position := header.Cells[0].Nodes[s.base.Input(0)].Position
				s.sequences = []dump.Sequence{wild(random, 6, 3, header), realSteps(random, 6, 3, position), ends(random, 6, 6)}
				all = append(all, s)
			}
		}
	}
	return all
}

// ends are steps of the largest and the smallest x.
func ends(random *rand.Rand, features, steps int) (s dump.Sequence) {
	for range features * steps {
		s.Fixed = append(s.Fixed, []int16{-32768, 32767}[random.IntN(2)])
	}
	return s
}

// recordedSubjects are the shipped models on their test sequences, and one that is held at the ends of the range.
func recordedSubjects(t *testing.T) []*subject {
	var all []*subject
	for _, name := range few([]string{"digits-lstm8", "digits-gru8", "digits-lstm16", "digits-gru16"}) {
		m, base := open(t, name)
		folder := filepath.Join("..", "vectors", name)
		random := rand.New(rand.NewPCG(33, 34))
		features := base.Header().Cells[0].Nodes[base.Input(0)].Width
		const steps = 5
		recorded := dump.Sequence{Float: stimulus(t, folder, 1)[0].Float[:steps*features]}
		all = append(all, newSubject(t, name, m, []dump.Sequence{recorded, wild(random, features, 2, base.Header())}))
	}
	return all
}

func few[T any](list []T) []T {
	if testing.Short() {
		return list[:1]
	}
	return list
}

// TestEveryFaultIsTheTwins holds the datapath with each fault of the catalogue equal to the twin, at every node.
func TestEveryFaultIsTheTwins(t *testing.T) {
	shown := map[string]bool{}
	kinds := map[string]bool{}
	for _, s := range append(tinySubjects(t), recordedSubjects(t)...) {
		t.Run(s.name, func(t *testing.T) {
			sound := s.network.run(nil, s.sequences)
			require.False(t, s.network.requireTwin(t, s.base, nil, s.sequences, sound))
			for i, f := range s.base.Catalogue() {
				kinds[f.Kind] = true
				if testing.Short() && i%5 != 0 {
					continue
				}
				if s.network.requireTwin(t, s.base, []*fault.Fault{f}, s.sequences, sound) {
					shown[f.Kind] = true
				}
			}
		})
	}
	if !testing.Short() {
		delete(kinds, "first-unsigned") // a sigmoid's output, which is never negative: only with another fault
		for kind := range kinds {
			assert.True(t, shown[kind], "no fault of the kind %s shows anywhere, so that nothing is held", kind)
		}
	}
}

// TestPairsOfFaultsAreTheTwins holds pairs, as a diagnosis tries them: any two, also two at one place, with wrong bits of parameters among
// them.
func TestPairsOfFaultsAreTheTwins(t *testing.T) {
	pairs := 800
	if testing.Short() {
		pairs = 100
	}
	for i, s := range tinySubjects(t) {
		t.Run(s.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(35, uint64(i)))
			draw := s.pairs(random)
			for range pairs {
				s.network.requireTwin(t, s.base, draw(), s.sequences, nil)
			}
		})
	}
}

// pairs draws pairs of faults, half of them at one place.
func (s *subject) pairs(random *rand.Rand) func() []*fault.Fault {
	faults := append(s.base.Catalogue(), s.base.StuckBits(4, 1)...)
	for node, n := range s.base.Header().Cells[0].Nodes {
		if n.Op == "matmul" {
			for _, f := range s.base.WeightBits(0, node, 2)[:20] {
				faults = append(faults, f.Everywhere())
			}
		}
	}
	byPlace := map[string][]*fault.Fault{}
	for _, f := range faults {
		byPlace[f.Place] = append(byPlace[f.Place], f)
	}
	return func() []*fault.Fault {
		for {
			a, b := faults[random.IntN(len(faults))], faults[random.IntN(len(faults))]
			if random.IntN(2) == 0 {
				b = byPlace[a.Place][random.IntN(len(byPlace[a.Place]))]
			}
			if a.ID != b.ID {
				return []*fault.Fault{a, b}
			}
		}
	}
}

// TestLayersAndDirectionsAreTheTwins holds a network of two layers in both directions, with faults in all cells and in one.
func TestLayersAndDirectionsAreTheTwins(t *testing.T) {
	for _, kind := range []xmodel.CellKind{xmodel.LSTM, xmodel.GRU} {
		random := rand.New(rand.NewPCG(37, uint64(kind)))
		m := modelOf(t, tinyCell(random, kind, 8, 0, false, true, 3), tinyCell(random, kind, 8, 0, true, true, 3),
			tinyCell(random, kind, 8, 1, false, true, 10), tinyCell(random, kind, 8, 1, true, true, 10))
		s := newSubject(t, kind.String(), m, nil)
		header := s.base.Header()
		s.sequences = []dump.Sequence{wild(random, 3, 4, header), wild(random, 3, 2, header)}
		sound := s.network.run(nil, s.sequences)
		require.False(t, s.network.requireTwin(t, s.base, nil, s.sequences, sound))
		shown, tried := 0, 0
		catalogue := s.base.Catalogue()
		for range 60 {
			f := catalogue[random.IntN(len(catalogue))]
			for _, faults := range [][]*fault.Fault{{f}, {f.In(random.IntN(4))}, {f.In(1), catalogue[random.IntN(len(catalogue))].In(1 + random.IntN(2))}} {
				tried++
				if s.network.requireTwin(t, s.base, faults, s.sequences, sound) {
					shown++
				}
			}
		}
		assert.Greater(t, shown, tried/2)
	}
}

// TestFollowingIsTheTwins follows what a device with some faults has recorded, all of it or a part, under other faults: a node is computed
// from what is recorded for those that it reads, and from what follows for those that are not.
func TestFollowingIsTheTwins(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 15
	}
	for i, s := range tinySubjects(t) {
		t.Run(s.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(39, uint64(i)))
			draw := s.pairs(random)
			nodes := s.network.cells[0].Nodes
			for round := range rounds {
				recording, tried := s.network.run(draw(), s.sequences), draw()[round%2:]
				lacks := map[string]bool{}
				for round%3 > 0 && len(lacks) < 1+random.IntN(8) {
					lacks[nodes[random.IntN(len(nodes))].Name] = true
				}
				s.requireFollowing(t, recording, lacks, tried, round%2 == 0)
			}
		})
	}
}

// requireFollowing holds what a follower computes equal to the twin.
func (s *subject) requireFollowing(t *testing.T, recording map[[3]int]map[string][]int64, lacks map[string]bool, faults []*fault.Fault, every bool) {
	t.Helper()
	path := s.base.With(faults...)
	follower, twin := path.Follow(0, every), s.network.models[0].with(0, faults)
	nodes := s.network.cells[0].Nodes
	visited := 0
	for number, sequence := range s.sequences {
		stream, err := s.base.First(&sequence)
		require.NoError(t, err)
		var initial fault.Initial
		if len(sequence.Initial) > 0 {
			initial = fault.Initial(sequence.Initial[0])
		}
		follower.Begin(initial)
		twin.begin(sequence, 0)
		for step, x := range s.network.offered(sequence) {
			recorded, columns := map[string][]int64{}, make([][]int16, len(nodes))
			for i, node := range nodes {
				if lacks[node.Name] {
					continue
				}
				recorded[node.Name] = recording[[3]int{0, number, step}][node.Name]
				for _, v := range recorded[node.Name] {
					columns[i] = append(columns[i], int16(v))
				}
			}
			want := twin.next(x, recorded)
			follower.Frame(stream[step], columns, func(node int, computed []int16) {
				visited++
				if !equalValues(want[nodes[node].Name], computed) {
					require.Equal(t, want[nodes[node].Name], widened(computed), "%s: sequence %d, step %d, %s, without %v", path, number, step, nodes[node].Name, lacks)
				}
			})
		}
	}
	require.Positive(t, visited)
}
