package bench

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

func checksumOf(t testing.TB, c Config) string {
	t.Helper()
	w, err := NewWorkload(c)
	require.NoError(t, err)
	result, err := w.Run(context.Background())
	require.NoError(t, err)
	return Checksum(result)
}

// exactChecksum has the exact reference run the workload.
func exactChecksum(t testing.TB, c Config) string {
	t.Helper()
	w, err := NewWorkload(c)
	require.NoError(t, err)
	exact, err := golden.NewExact(w.Model(), xmodel.Sane)
	require.NoError(t, err)
	trace := dump.NewMemory()
	require.NoError(t, exact.Run(context.Background(), w.Sequences(), trace))
	cells, last := trace.Header.Cells, c.Shape.Steps-1
	result := &sim.Result{Output: make([][]int16, c.Shape.Batch), Final: make([][]dump.State, c.Shape.Batch)}
	for _, f := range trace.Frames {
		var state dump.State
		for i, n := range cells[f.Cell].Nodes {
			switch n.Name {
			case "h_next":
				state.H = f.Fixed[i]
			case "c_next":
				state.C = f.Fixed[i]
			}
		}
		if f.Cell == len(cells)-1 {
			result.Output[f.Sequence] = append(result.Output[f.Sequence], state.H...)
		}
		if f.Step == last {
			result.Final[f.Sequence] = append(result.Final[f.Sequence], state)
		}
	}
	return Checksum(result)
}

// recordedChecksums are those of the exact reference, shortened. No change of a kernel, a compiler or a machine may change them.
var recordedChecksums = map[string]string{
	"lstm 32,100,9,3 8 usual":         "a4c6902d3b13b1cb",
	"lstm 11,24+17,7,5 8 usual":       "3dea861df23cf619",
	"lstm 32,100,9,3 16 usual":        "df157c1c6c9edc38",
	"lstm 11,24+17,7,5 16 usual":      "92298d8f2b02dd6c",
	"lstm 32,100,9,3 8 zero":          "96c0ebe1a2a44fb2",
	"lstm 11,24+17,7,5 8 zero":        "3d58317418b47349",
	"lstm 32,100,9,3 16 zero":         "96c0ebe1a2a44fb2",
	"lstm 11,24+17,7,5 16 zero":       "3d58317418b47349",
	"lstm 32,100,9,3 8 saturating":    "1f3d0a045024e226",
	"lstm 11,24+17,7,5 8 saturating":  "b71b212e63f00722",
	"lstm 32,100,9,3 16 saturating":   "c02cce44a36b8b0e",
	"lstm 11,24+17,7,5 16 saturating": "b7bd3d059e089d6e",
	"lstm 32,100,9,3 8 extreme":       "7713cf91ec8d5bc5",
	"lstm 11,24+17,7,5 8 extreme":     "e96219a16d7efe25",
	"lstm 32,100,9,3 16 extreme":      "be54ebf2911b72ec",
	"lstm 11,24+17,7,5 16 extreme":    "8bd73094ad6bd569",
	"gru 32,100,9,3 8 usual":          "460a712fd79bdf13",
	"gru 11,24+17,7,5 8 usual":        "cdb074448df124d3",
	"gru 32,100,9,3 16 usual":         "b82e9cbf3bff387b",
	"gru 11,24+17,7,5 16 usual":       "ad3cd83b4850d004",
	"gru 32,100,9,3 8 zero":           "a6bedce1e512d653",
	"gru 11,24+17,7,5 8 zero":         "e61f41d57db208c5",
	"gru 32,100,9,3 16 zero":          "a6bedce1e512d653",
	"gru 11,24+17,7,5 16 zero":        "e61f41d57db208c5",
	"gru 32,100,9,3 8 saturating":     "76a90dc3d5f158ce",
	"gru 11,24+17,7,5 8 saturating":   "3cc986c7524e13a2",
	"gru 32,100,9,3 16 saturating":    "1563889a1f669eeb",
	"gru 11,24+17,7,5 16 saturating":  "9e55766bf0e5728b",
	"gru 32,100,9,3 8 extreme":        "32cb7a1ef575fad8",
	"gru 11,24+17,7,5 8 extreme":      "a0928ca2be8a9819",
	"gru 32,100,9,3 16 extreme":       "1d3cb7cebcb66669",
	"gru 11,24+17,7,5 16 extreme":     "cd70e2bfac0234a4",
}

func TestChecksumsAreTheSameByEveryKernelAndThreadCount(t *testing.T) {
	shapes := []Shape{{32, []int{100}, 9, 3}, {11, []int{24, 17}, 7, 5}}
	for _, kind := range []xmodel.CellKind{xmodel.LSTM, xmodel.GRU} {
		for _, values := range AllValues() {
			for _, bits := range []int{8, 16} {
				for _, shape := range shapes {
					c := Config{Shape: shape, Kind: kind, WeightBits: bits, Threads: 1, Values: values}
					name := fmt.Sprintf("%v %s %d %s", kind, shape, bits, values)
					want := exactChecksum(t, c)
					assert.Equal(t, recordedChecksums[name], want[:16], name)
					c.NodeByNode = true
					assert.Equal(t, want, checksumOf(t, c), "%s, node by node", name)
					c.NodeByNode = false
					for _, c.Threads = range []int{1, 2, 3} {
						assert.Equal(t, want, checksumOf(t, c), "%s, %d threads", name, c.Threads)
					}
				}
			}
		}
	}
}

func TestChecksumTellsResultsApart(t *testing.T) {
	c := Config{Shape: Shape{5, []int{6}, 4, 2}, WeightBits: 16}
	seen := map[string]bool{}
	for _, values := range AllValues() {
		for _, bits := range []int{8, 16} {
			c.Values, c.WeightBits = values, bits
			seen[checksumOf(t, c)] = true
		}
	}
	assert.Len(t, seen, 7, "all zero gives the same with 8 and 16 bits, and nothing else does")
}

// TestUsualWorkloadsAreFused holds what the benchmark is for: the kernels take the shapes with one multiplication a product.
func TestUsualWorkloadsAreFused(t *testing.T) {
	for _, n := range Standard() {
		if testing.Short() && n.Shape.Hidden[0] > 200 {
			continue
		}
		for _, bits := range []int{8, 16} {
			s := n.Shape
			s.Steps, s.Batch = 1, 1
			w, err := NewWorkload(Config{Shape: s, WeightBits: bits})
			require.NoError(t, err)
			assert.NotContains(t, []string{"nodes", "general", ""}, w.Kernels(), n.Name)
			for _, plan := range w.Plans() {
				for _, p := range plan.Proofs {
					if p.Linear[2] == 'h' || bits == 8 {
						assert.Less(t, p.Norm*p.Bound, int64(1)<<31, "%s: %v", n.Name, p)
					} else { // x is looked at: it reaches ±4
						assert.GreaterOrEqual(t, p.Limit, int64(4<<Position), "%s: %v", n.Name, p)
					}
				}
			}
		}
	}
}

// TestUsualOutputIsAlive refuses a workload whose h has stopped: one that only saturates, or stays at zero, measures little.
func TestUsualOutputIsAlive(t *testing.T) {
	for _, bits := range []int{8, 16} {
		w, err := NewWorkload(Config{Shape: Shape{32, []int{100}, 50, 1}, WeightBits: bits, Values: Usual})
		require.NoError(t, err)
		result, err := w.Run(context.Background())
		require.NoError(t, err)
		different := map[int16]bool{}
		for _, h := range result.Output[0] {
			different[h] = true
			assert.Less(t, math.Abs(float64(h)), float64(1<<Position))
		}
		assert.Greater(t, len(different), 1000)
	}
}

func TestEightBitWeightsAreTheNearest(t *testing.T) {
	assert.Equal(t, []int16{0, 0, 1, 1, 0, -1, 127, -128}, toEightBits([]int16{0, 3, 4, 11, -4, -5, 32767, -32768}, Position-3))
	for hidden := 1; hidden < 5000; hidden++ {
		p := eightBitPosition(hidden)
		limit := (weightLimit(hidden) - 1) >> (Position - p)
		require.LessOrEqual(t, limit, 127, hidden)
		require.True(t, p == Position || limit > 63, "%d units: position %d loses a bit", hidden, p)
	}
}

func TestNewWorkloadRefuses(t *testing.T) {
	good := Config{Shape: Shape{1, []int{1}, 1, 1}, WeightBits: 8}
	for want, spoil := range map[string]func(*Config){
		"weights of 7 bits":             func(c *Config) { c.WeightBits = 7 },
		"-1 threads":                    func(c *Config) { c.Threads = -1 },
		`there are no values "strange"`: func(c *Config) { c.Values = "strange" },
		"0 layers":                      func(c *Config) { c.Shape.Hidden = nil },
	} {
		c := good
		spoil(&c)
		_, err := NewWorkload(c)
		assert.ErrorContains(t, err, want)
	}
}
