package bench

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"
	"time"

	"rnnsim/dump"
	"rnnsim/sim"
	"rnnsim/sim/kernel"
	"rnnsim/xmodel"
)

// Config is what is measured.
type Config struct {
	Shape      Shape
	Kind       xmodel.CellKind
	WeightBits int // 8 or 16
	Threads    int // 0 is one a processor
	Values     Values
	// NodeByNode leaves the kernels out, for comparison.
	NodeByNode bool
}

// Workload is a model with random weights and the sequences that it is run on.
type Workload struct {
	config    Config
	layers    []Layer
	model     *xmodel.Model
	plan      *sim.Plan
	sequences []dump.Sequence
}

// NewWorkload draws the weights and the inputs, and prepares the model.
func NewWorkload(c Config) (*Workload, error) {
	if err := c.Shape.validate(); err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	if c.WeightBits != 8 && c.WeightBits != 16 {
		return nil, fmt.Errorf("benchmark: weights of %d bits; there are 8 and 16", c.WeightBits)
	}
	if c.Threads < 0 {
		return nil, fmt.Errorf("benchmark: %d threads", c.Threads)
	}
	if c.Threads == 0 {
		c.Threads = runtime.GOMAXPROCS(0)
	}
	values, err := ParseValues(string(c.Values))
	if err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	c.Values = values
	w := &Workload{config: c, layers: drawLayers(c.Shape, len(c.Kind.Gates()), c.Values)}
	if w.model, err = buildModel(c.Kind, w.layers, c.WeightBits); err != nil {
		return nil, fmt.Errorf("benchmark %s: %w", c.Shape, err)
	}
	if w.plan, err = sim.Compile(w.model, sim.Options{Threads: c.Threads, NodeByNode: c.NodeByNode}); err != nil {
		return nil, fmt.Errorf("benchmark %s: %w", c.Shape, err)
	}
	for n := range c.Shape.Batch {
		w.sequences = append(w.sequences, dump.Sequence{Fixed: drawSequence(c.Shape, c.Values, n)})
	}
	return w, nil
}

// Layers gives the weights before they are brought to 8 bits.
func (w *Workload) Layers() []Layer { return w.layers }

// Model gives the quantized model.
func (w *Workload) Model() *xmodel.Model { return w.model }

// Sequences gives what the model is run on.
func (w *Workload) Sequences() []dump.Sequence { return w.sequences }

// Kernels names the kernels of the layers, each once.
func (w *Workload) Kernels() string {
	var names []string
	seen := map[string]bool{}
	for _, k := range w.plan.Kernels() {
		if !seen[k.Kernel] {
			seen[k.Kernel] = true
			names = append(names, k.Kernel)
		}
	}
	return strings.Join(names, "+")
}

// Plans says how each layer is run.
func (w *Workload) Plans() []kernel.Plan { return w.plan.Kernels() }

// Run runs the model once over all sequences.
func (w *Workload) Run(ctx context.Context) (*sim.Result, error) {
	return w.plan.Run(ctx, w.sequences, nil)
}

// stepsPerRun is timesteps times sequences.
func (w *Workload) stepsPerRun() int { return w.config.Shape.Steps * w.config.Shape.Batch }

// Rates runs the model again and again for about the given time, at least once, and gives each run's timesteps times sequences a
// second.
func (w *Workload) Rates(ctx context.Context, d time.Duration) ([]float64, error) {
	var rates []float64
	for begin := time.Now(); ; {
		start := time.Now()
		if _, err := w.Run(ctx); err != nil {
			return nil, err
		}
		now := time.Now()
		rates = append(rates, float64(w.stepsPerRun())/max(now.Sub(start), 1).Seconds())
		if now.Sub(begin) >= d {
			return rates, nil
		}
	}
}

// Checksum is the SHA-256 of every output value and final state of a run, each as two bytes, the lower first: per sequence the
// output in the order of time, then h and, for an LSTM, c of each layer.
func Checksum(r *sim.Result) string {
	hash := sha256.New()
	var buffer []byte
	put := func(values []int16) {
		buffer = buffer[:0]
		for _, v := range values {
			buffer = binary.LittleEndian.AppendUint16(buffer, uint16(v))
		}
		hash.Write(buffer)
	}
	for i, output := range r.Output {
		put(output)
		for _, state := range r.Final[i] {
			put(state.H)
			put(state.C)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}
