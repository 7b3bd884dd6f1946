package verify

import (
	"context"
	"fmt"
	"math"
	"sort"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/internal/fixed"
	"rnnsim/model"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// EvalJob is a whole network, float and quantized, to be judged by its answers: embedding, recurrent layers, dense head. The embedding
// and the head are those of the float network on both sides; the quantizer leaves them float.
type EvalJob struct {
	Float  *model.Network
	Model  *xmodel.Model
	Compat xmodel.Compat
	// Sequences holds the steps of each sequence, row-major [steps, features]: what the first recurrent layer reads. Token ids are
	// looked up before ([model.Network.Embed]).
	Sequences [][]float32
	// Labels is the class of each sequence, or nil.
	Labels  []int64
	Threads int
	// Progress is told now and then how many sequences are done. It may be nil.
	Progress func(done, total int64)
}

// Evaluation is what an EvalJob found.
type Evaluation struct {
	Sequences int `json:"sequences"`
	// FloatAccuracy and QuantizedAccuracy are the parts of the sequences with the right class; absent without labels.
	FloatAccuracy     *float64 `json:"float_accuracy,omitempty"`
	QuantizedAccuracy *float64 `json:"quantized_accuracy,omitempty"`
	// Agreement is the part of the sequences for which both give the same class.
	Agreement float64 `json:"agreement"`
	// Confusion counts the sequences on which they disagree, most frequent first.
	Confusion []Disagreement `json:"confusion,omitempty"`
	// SQNR is that of the head's values, in dB, over all sequences; absent where they are equal.
	SQNR       *float64 `json:"head_sqnr_db,omitempty"`
	LargestErr float64  `json:"head_largest_error"`
}

// Disagreement is a pair of classes that the two networks gave to the same sequences.
type Disagreement struct {
	Float     int `json:"float_class"`
	Quantized int `json:"quantized_class"`
	Count     int `json:"count"`
	// FloatRight and QuantizedRight count those whose label the one or the other gave.
	FloatRight     int `json:"float_right"`
	QuantizedRight int `json:"quantized_right"`
}

// Eval runs a network in float64 and quantized and compares the answers. A network without a head and sequences that do not fit are
// errors.
func Eval(ctx context.Context, job EvalJob) (*Evaluation, error) {
	if len(job.Float.Head) == 0 {
		return nil, fmt.Errorf("evaluate %s: it has no dense head, so it gives no answers to compare", job.Float.Source)
	}
	steps := job.Sequences
	if len(steps) == 0 {
		return nil, fmt.Errorf("evaluate %s: there is no sequence", job.Float.Source)
	}
	if job.Labels != nil && len(job.Labels) != len(steps) {
		return nil, fmt.Errorf("evaluate: there are %d labels for %d sequences", len(job.Labels), len(steps))
	}
	reference, err := golden.NewFloat(job.Float, nil)
	if err != nil {
		return nil, err
	}
	plan, err := sim.Compile(job.Model, sim.Options{Compat: job.Compat, Threads: job.Threads})
	if err != nil {
		return nil, err
	}
	tally := newTally(job.Float.Head[len(job.Float.Head)-1].Activation)
	features := job.Float.Input()
	// A slice of the sequences at a time keeps memory flat.
	const batch = 64
	for from := 0; from < len(steps); from += batch {
		to := min(from+batch, len(steps))
		stimulus := make([]dump.Sequence, to-from)
		for i := range stimulus {
			stimulus[i] = dump.Sequence{Float: steps[from+i]}
		}
		result, err := plan.Run(ctx, stimulus, nil)
		if err != nil {
			return nil, err
		}
		for i, output := range result.Output {
			float, err := reference.Infer(ctx, golden.FloatSequence{X: widen(steps[from+i])})
			if err != nil {
				return nil, fmt.Errorf("sequence %d: %w", from+i, err)
			}
			real, last := realOutput(job.Model, plan, output, len(steps[from+i])/features)
			tally.take(lastRow(float.Head), lastRow(reference.HeadOf(real, last)), job.label(from+i))
		}
		if job.Progress != nil {
			job.Progress(int64(to), int64(len(steps)))
		}
	}
	return tally.evaluation(job.Labels != nil), nil
}

func (job *EvalJob) label(i int) int64 {
	if job.Labels == nil {
		return -1
	}
	return job.Labels[i]
}

func widen(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}

func lastRow(rows [][]float64) []float64 { return rows[len(rows)-1] }

// realOutput turns the simulator's output into real numbers, and gives the last executed step of each direction with it.
func realOutput(m *xmodel.Model, plan *sim.Plan, output []int16, steps int) (real, last []float64) {
	lastInts, positions := lastOutputs(m, plan, output, steps)
	last = make([]float64, len(lastInts))
	for i, q := range lastInts {
		last[i] = fixed.Real(int64(q), positions[i])
	}
	real = make([]float64, len(output))
	for i, q := range output {
		real[i] = fixed.Real(int64(q), positions[i%len(positions)])
	}
	return real, last
}

// tally collects the answers of the two networks.
type tally struct {
	activation                 string
	sequences                  int
	floatRight, quantizedRight int
	same                       int
	pairs                      map[[2]int]*Disagreement
	signal, noise, largest     float64
}

func newTally(activation string) *tally {
	return &tally{activation: activation, pairs: map[[2]int]*Disagreement{}}
}

func (t *tally) take(float, quantized []float64, label int64) {
	t.sequences++
	for i, want := range float {
		err := quantized[i] - want
		t.signal += want * want
		t.noise += err * err
		t.largest = max(t.largest, math.Abs(err))
	}
	a, b := classOf(float, t.activation), classOf(quantized, t.activation)
	t.floatRight += count(int64(a) == label)
	t.quantizedRight += count(int64(b) == label)
	if a == b {
		t.same++
		return
	}
	pair := t.pairs[[2]int{a, b}]
	if pair == nil {
		pair = &Disagreement{Float: a, Quantized: b}
		t.pairs[[2]int{a, b}] = pair
	}
	pair.Count++
	pair.FloatRight += count(int64(a) == label)
	pair.QuantizedRight += count(int64(b) == label)
}

func (t *tally) evaluation(labelled bool) *Evaluation {
	e := &Evaluation{Sequences: t.sequences, Agreement: float64(t.same) / float64(t.sequences), LargestErr: t.largest}
	if labelled {
		float, quantized := float64(t.floatRight)/float64(t.sequences), float64(t.quantizedRight)/float64(t.sequences)
		e.FloatAccuracy, e.QuantizedAccuracy = &float, &quantized
	}
	if t.noise > 0 && t.signal > 0 {
		ratio := 10 * math.Log10(t.signal/t.noise)
		e.SQNR = &ratio
	}
	for _, pair := range t.pairs {
		e.Confusion = append(e.Confusion, *pair)
	}
	sort.Slice(e.Confusion, func(i, j int) bool {
		a, b := e.Confusion[i], e.Confusion[j]
		if a.Count != b.Count {
			return a.Count > b.Count
		}
		if a.Float != b.Float {
			return a.Float < b.Float
		}
		return a.Quantized < b.Quantized
	})
	return e
}
