package verify

import (
	"context"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/xmodel"
)

var flipsEach = flag.Int("flips", 150, "how many values are flipped in each recorded dump")

// readTrace reads a source into memory.
func readTrace(t *testing.T, open func() (dump.Source, error)) *dump.Memory {
	t.Helper()
	source, err := open()
	require.NoError(t, err)
	memory := &dump.Memory{Header: source.Header()}
	require.NoError(t, playback(source)(context.Background(), keepFrames{memory}))
	return memory
}

// keepFrames is a sink that does not check the order of the frames.
type keepFrames struct{ to *dump.Memory }

func (k keepFrames) Begin(dump.Header) error { return nil }
func (k keepFrames) Close() error            { return nil }
func (k keepFrames) Abort() error            { return nil }
func (k keepFrames) Write(frame *dump.Frame) error {
	k.to.Frames = append(k.to.Frames, frame.Clone())
	return nil
}

// flip changes one random value of a trace by one and gives its address, and a function that changes it back.
func flip(random *rand.Rand, trace *dump.Memory) (at Address, undo func()) {
	frame := trace.Frames[random.IntN(len(trace.Frames))]
	cell := trace.Header.Cells[frame.Cell]
	at = Address{Layer: cell.Layer, Backward: cell.Backward, Sequence: frame.Sequence, Step: frame.Step}
	var values []int16
	var bits int
	if random.IntN(10) == 0 {
		param := cell.Params[random.IntN(len(cell.Params))]
		at.Sequence, at.Step, at.Node = NoStep, NoStep, param.Name
		values, bits = param.Values, param.Bits
	} else {
		node := random.IntN(len(cell.Nodes))
		at.Node = cell.Nodes[node].Name
		values, bits = frame.Fixed[node], cell.Nodes[node].Bits
	}
	at.Index = random.IntN(len(values))
	value := &values[at.Index]
	was := *value
	limit := int16(1<<(bits-1) - 1)
	step := int16(random.IntN(2)*2 - 1)
	if was == limit {
		step = -1
	} else if was == -limit-1 {
		step = 1
	}
	*value += step
	return at, func() { *value = was }
}

// Every value of a recorded run that is changed by one is found, at its address and nowhere else: from the float64 run each,
// from the float32 run each that the bound does not explain, and those are matmuls and products.
func TestEachFlippedValueIsFoundWhereItIs(t *testing.T) {
	flips := *flipsEach
	if testing.Short() {
		flips = min(flips, 30)
	}
	for _, name := range recordedCases(t) {
		c := readRecordedCase(t, name)
		for _, folder := range []string{"deploy_check_f64", "deploy_check_data_int"} {
			path := filepath.Join(c.folder, folder)
			if matches, _ := filepath.Glob(path); len(matches) == 0 {
				continue
			}
			exact := folder == "deploy_check_f64"
			t.Run(name+"/"+folder, func(t *testing.T) {
				recording, err := DeployCheck(path, c.model, exact, 0)
				require.NoError(t, err)
				r, err := newRunner(Job{Model: c.model, Compat: xmodel.VAI20, Input: c.stimulus(t)})
				require.NoError(t, err)
				inputs, err := firstInputs(context.Background(), r.exact, r.job.Input.Sequences[0])
				require.NoError(t, err)
				trace := readTrace(t, recording.Open)
				options := ReplayOptions{Exact: exact, Compat: xmodel.VAI20, Stimulus: inputs}
				replay := func() *Comparison {
					result, err := Replay(context.Background(), opening(trace), c.exact, c.model, options)
					require.NoError(t, err)
					return result
				}
				clean := replay()
				require.Equal(t, Pass, clean.Verdict())
				random := rand.New(rand.NewPCG(1, uint64(len(name))))
				missed := 0
				for range flips {
					at, undo := flip(random, trace)
					result := replay()
					undo()
					if !exact && result.Counts.Wrong == 0 {
						require.NotEqual(t, clean.Counts.Explained, result.Counts.Explained, "%s is neither wrong nor explained", at)
						missed++
						continue
					}
					require.EqualValues(t, 1, result.Counts.Wrong, "flipped %s, found %+v", at, result.First)
					require.Equal(t, at, result.First.Address)
				}
				t.Logf("%d of %d flips lie within the float32 bound", missed, flips)
			})
		}
	}
}
