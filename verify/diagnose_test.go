package verify

import (
	"context"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

// device is a model with a stimulus that faulty devices are run on.
type device struct {
	model     *xmodel.Model
	base      *fault.Base
	sequences []dump.Sequence
}

func newDevice(t testing.TB, name string, most int) *device {
	t.Helper()
	folder := filepath.Join("..", "vectors", name)
	m, err := xmodel.ReadModel(folder)
	require.NoError(t, err)
	base, err := fault.New(m, xmodel.Sane)
	require.NoError(t, err)
	x, err := vectors.ReadSequences(filepath.Join(folder, "x_test.npy"), "")
	require.NoError(t, err)
	return &device{m, base, x.Sequences[:min(most, len(x.Sequences))]}
}

func (d *device) run(t testing.TB, faults ...*fault.Fault) *dump.Memory {
	t.Helper()
	trace := dump.NewMemory()
	require.NoError(t, d.base.With(faults...).Run(context.Background(), d.sequences, trace))
	return trace
}

func (d *device) diagnose(t testing.TB, trace *dump.Memory, options DiagnoseOptions) *Diagnosis {
	t.Helper()
	result, err := Diagnose(context.Background(), func() (dump.Source, error) { return trace.Source(), nil }, d.model, options)
	require.NoError(t, err)
	return result
}

// names lists the single faults that a diagnosis cannot tell apart.
func (d *Diagnosis) names() []string {
	var names []string
	for _, c := range append([]Cause{*d.Cause}, d.Same...) {
		if len(c.Faults) == 1 {
			names = append(names, c.Faults[0])
		}
	}
	return names
}

// everyFault tries the whole catalogue, which takes some minutes.
var everyFault = flag.Bool("every-fault", false, "diagnose every fault of the catalogue, not some of them")

// TestEveryFaultIsDiagnosed runs a device with faults of the catalogue, all of them with -every-fault, and wants each fault
// named, first, or among those that the stimuli cannot tell from the first: the same trace comes out of them.
func TestEveryFaultIsDiagnosed(t *testing.T) {
	for _, name := range few([]string{"digits-lstm8", "digits-lstm16", "digits-gru16"}) {
		t.Run(name, func(t *testing.T) {
			d := newDevice(t, name, 8)
			faults := d.base.Catalogue()
			random := rand.New(rand.NewPCG(3, 4))
			random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
			switch {
			case *everyFault:
			case testing.Short():
				faults = faults[:3]
			default:
				faults = faults[:30]
			}
			byID := map[string]*fault.Fault{}
			for _, f := range d.base.Catalogue() {
				byID[f.ID] = f
			}
			clean := d.run(t)
			seen, alone := 0, 0
			for _, f := range faults {
				trace := d.run(t, f)
				if sameFrames(clean, trace) {
					continue // these stimuli do not notice it
				}
				seen++
				result := d.diagnose(t, trace, DiagnoseOptions{Stimulus: d.sequences})
				require.Equal(t, Explained, result.Outcome, f.ID)
				names := result.names()
				require.Contains(t, names, f.ID, "%s: told is %s", f.ID, result.Cause.Text)
				if names[0] == f.ID {
					alone++
				}
				for _, other := range names[:min(len(names), 3)] {
					if same := byID[other]; same != nil {
						require.True(t, sameFrames(trace, d.run(t, same)), "%s and %s are said to be the same to these stimuli", f.ID, other)
					}
				}
			}
			t.Logf("%d faults, %d noticed, %d named first", len(faults), seen, alone)
			require.Greater(t, 5*seen, len(faults)-3)
		})
	}
}

// few gives a quarter of a list in a short test, and all of it otherwise.
func few[T any](list []T) []T {
	if testing.Short() {
		return list[:(len(list)+3)/4]
	}
	return list
}

func sameFrames(a, b *dump.Memory) bool {
	return slices.EqualFunc(a.Frames, b.Frames, func(x, y *dump.Frame) bool { return slices.EqualFunc(x.Fixed, y.Fixed, slices.Equal) })
}

// TestFaultsThatAreSearchedFor holds the faults that are found by search, not listed: single bits, stuck bits, units computed in groups.
func TestFaultsThatAreSearchedFor(t *testing.T) {
	d := newDevice(t, "digits-lstm16", 8)
	node := slices.IndexFunc(d.base.Header().Cells[0].Nodes, func(n dump.Node) bool { return n.Name == "w_hf___input_1" })
	faults := map[string]*fault.Fault{}
	for _, f := range slices.Concat(d.base.WeightBits(0, node, 5), d.base.StuckBits(4, 1), d.base.Catalogue()) {
		f = f.Everywhere()
		faults[f.ID] = f
	}
	ids := []string{"w_hf___input_1/weight-bit-5-9-7", "weights/bit-2-stuck-at-1-lane-1-of-4", "biases/bit-6-stuck-at-0-lane-1-of-4", "h/too-early-4"}
	for _, id := range few(ids) {
		require.NotNil(t, faults[id], id)
		result := d.diagnose(t, d.run(t, faults[id]), DiagnoseOptions{})
		require.Equal(t, Explained, result.Outcome, id)
		require.Equal(t, []string{id}, result.Cause.Faults)
	}
}

func TestTwoFaultsAtOnce(t *testing.T) {
	twoFaults(t, "digits-lstm16", few([][2]string{
		{"h_next/rounds-half-even", "h_next/high-one-short"},
		{"products/rounds-half-up", "ft/index-abs"},
		{"biases/bias-omitted", "h/stale"},
		{"w_ho___input_1/rounds-half-up", "w_ho___input_1/wraps"},
	}))
}

// TestTwoFaultsOfAGRU has, among others, faults at one product of which neither explains a single value without the other.
func TestTwoFaultsOfAGRU(t *testing.T) {
	twoFaults(t, "digits-gru16", few([][2]string{
		{"ft/index-abs", "h/stale"},
		{"w_hi___input_1___bias_hi/weights-next-unit", "w_hi___input_1___bias_hi/weights-reversed"},
		{"w_if___input_0___bias_if/weights-next-unit", "w_if___input_0___bias_if/bias-twice"},
		{"gates/order-fig", "it__w_hg___input_1___bias_hg_/rounds-half-up"},
	}))
	twoFaults(t, "digits-gru8", few([][2]string{
		{"ft_input_1/reads-narrowed-h", "cuts/rounds-half-up"},
		{"w_hi___input_1___bias_hi/last-column-left-out", "w_hi___input_1___bias_hi/weights-next-column"},
		{"it__w_hg___input_1___bias_hg_/reset-before-product", "ft_cct/rounds-half-even"},
	}))
}

func twoFaults(t *testing.T, model string, pairs [][2]string) {
	t.Helper()
	d := newDevice(t, model, len(few(make([]int, 8))))
	faults := map[string]*fault.Fault{}
	for _, f := range d.base.Catalogue() {
		faults[f.ID] = f
	}
	for _, pair := range pairs {
		require.NotNil(t, faults[pair[0]], pair[0])
		require.NotNil(t, faults[pair[1]], pair[1])
		trace := d.run(t, faults[pair[0]], faults[pair[1]])
		result := d.diagnose(t, trace, DiagnoseOptions{Stimulus: d.sequences})
		require.Equal(t, Explained, result.Outcome, pair)
		if len(result.Cause.Faults) == 1 {
			require.True(t, sameFrames(trace, d.run(t, faults[result.Cause.Faults[0]])), "%v: one fault was named, and does not do the same", pair)
			continue
		}
		require.True(t, sameFrames(trace, d.run(t, faults[result.Cause.Faults[0]], faults[result.Cause.Faults[1]])), "%v: %v", pair, result.Cause.Faults)
	}
}

func TestWhatNoFaultExplains(t *testing.T) {
	d := newDevice(t, "digits-lstm16", 2)
	trace := d.run(t)
	require.Equal(t, NothingWrong, d.diagnose(t, trace, DiagnoseOptions{Stimulus: d.sequences}).Outcome)
	for _, f := range trace.Frames[3:14] {
		for node := range f.Fixed[5:] {
			f.Fixed[5+node][node%32] ^= int16(0x5a5 >> (node % 7))
		}
	}
	result := d.diagnose(t, trace, DiagnoseOptions{})
	require.Equal(t, NotExplained, result.Outcome)
	require.Equal(t, Fail, result.Verdict())
	require.Nil(t, result.Cause)
	for _, c := range result.Partial {
		require.Positive(t, c.Leaves, c.Text)
		require.GreaterOrEqual(t, c.Explains+c.Leaves, result.Wrong, c.Text)
	}
}

// TestAPairIsToldOnlyWhereBothExplain has a fault and one value that nothing explains: the fault is told, not the many pairs of it with
// another that changes nothing.
func TestAPairIsToldOnlyWhereBothExplain(t *testing.T) {
	d := newDevice(t, "digits-lstm16", 2)
	catalogue := d.base.Catalogue()
	at := slices.IndexFunc(catalogue, func(f *fault.Fault) bool { return f.ID == "ot/index-next" })
	trace := d.run(t, catalogue[at])
	trace.Frames[3].Fixed[5][7] ^= 0x5a5
	result := d.diagnose(t, trace, DiagnoseOptions{})
	require.Equal(t, NotExplained, result.Outcome)
	require.Equal(t, []string{"ot/index-next"}, result.Partial[0].Faults)
	for _, c := range result.Partial[1:] {
		if slices.Contains(c.Faults, "ot/index-next") {
			require.Less(t, c.Leaves, result.Partial[0].Leaves, c.Text)
		}
	}
}

// TestTracesThatLackNodes diagnoses from h alone, and from what a debug port would show: the nodes between are computed under
// each fault anew.
func TestTracesThatLackNodes(t *testing.T) {
	d := newDevice(t, "digits-lstm16", 8)
	faults := map[string]*fault.Fault{}
	for _, f := range d.base.Catalogue() {
		faults[f.ID] = f
	}
	d.sequences = d.sequences[:3]
	all := map[string][]string{"products/rounds-half-up": {"h_next"}, "gates/order-igfo": {"input_0", "h_next", "c_next"}, "h/stale-carried": {"h_next"}}
	if testing.Short() {
		d.sequences = d.sequences[:2]
		all = map[string][]string{"h/stale-carried": {"h_next"}}
	}
	for id, nodes := range all {
		trace := d.run(t, faults[id])
		kept := dump.NewMemory()
		filtered, err := dump.FilterNodes(kept, nodes...)
		require.NoError(t, err)
		_, err = dump.Copy(context.Background(), filtered, trace.Source())
		require.NoError(t, err)
		result := d.diagnose(t, kept, DiagnoseOptions{Stimulus: d.sequences})
		require.Equal(t, Explained, result.Outcome, "%s from %v", id, nodes)
		require.Contains(t, result.names(), id)
		require.Contains(t, result.Notes[0], "the trace lacks")
	}
	// Without the stimulus, nothing follows from h alone.
	kept := dump.NewMemory()
	filtered, err := dump.FilterNodes(kept, "h_next")
	require.NoError(t, err)
	_, err = dump.Copy(context.Background(), filtered, d.run(t).Source())
	require.NoError(t, err)
	result := d.diagnose(t, kept, DiagnoseOptions{})
	require.Equal(t, NothingJudged, result.Outcome)
	require.Equal(t, Nothing, result.Verdict())
}

// TestLayersAndDirections diagnoses a fault of all cells, and one of a single cell, in a network of four.
func TestLayersAndDirections(t *testing.T) {
	d := newDevice(t, "digits-bilstm16", 4)
	faults := map[string]*fault.Fault{}
	for _, f := range d.base.Catalogue() {
		faults[f.ID] = f
	}
	for _, f := range few([]*fault.Fault{faults["c_next/second-left-out"].In(2), faults["products/rounds-half-up"], faults["input_0/shifts-one-less"].In(3)}) {
		result := d.diagnose(t, d.run(t, f), DiagnoseOptions{Stimulus: d.sequences})
		require.Equal(t, Explained, result.Outcome, f.ID)
		require.Contains(t, result.names(), f.ID)
		require.Equal(t, f.ID, result.Cause.Faults[0], result.Cause.Text)
	}
}
