package verify

import (
	"context"
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

// TestEveryFaultIsDiagnosed runs a device with each fault of the catalogue (some of each kind in a short test) and wants that fault
// named, first, or among those that the stimuli cannot tell from the first: the same trace comes out of them.
func TestEveryFaultIsDiagnosed(t *testing.T) {
	for _, name := range []string{"digits-lstm16", "digits-lstm8", "digits-gru16"} {
		t.Run(name, func(t *testing.T) {
			d := newDevice(t, name, 8)
			faults := d.base.Catalogue()
			if testing.Short() {
				random := rand.New(rand.NewPCG(3, 4))
				random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
				faults = faults[:12]
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
			require.Greater(t, seen, len(faults)/4)
		})
	}
}

func sameFrames(a, b *dump.Memory) bool {
	return slices.EqualFunc(a.Frames, b.Frames, func(x, y *dump.Frame) bool { return slices.EqualFunc(x.Fixed, y.Fixed, slices.Equal) })
}
