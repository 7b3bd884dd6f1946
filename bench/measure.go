package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rnnsim/sim/kernel"
	"rnnsim/xmodel"
)

// Result is what was measured of a workload.
type Result struct {
	Cell       string `json:"cell"`  // "lstm" or "gru"
	Shape      string `json:"shape"` // as ParseShape reads it
	WeightBits int    `json:"weight_bits"`
	Threads    int    `json:"threads"`
	Values     Values `json:"values"`
	Kernel     string `json:"kernel"`
	// StepsPerSecond is timesteps times sequences a second in the best run, which other work on the machine has disturbed
	// least; MedianStepsPerSecond is that of the run in the middle.
	StepsPerSecond       float64 `json:"steps_per_second"`
	MedianStepsPerSecond float64 `json:"steps_per_second_median"`
	Runs                 int     `json:"runs"`
	GMACs                float64 `json:"gmacs"` // products of weights, in billions a second, of the best run
	// RooflineStepsPerSecond is the machine's limit for the shape, measured in turn with the runs: Threads times that of one
	// thread. It and RooflineFraction, StepsPerSecond's part of it, are absent for a GRU, for which no limit is known.
	RooflineStepsPerSecond float64 `json:"roofline_steps_per_second,omitempty"`
	RooflineFraction       float64 `json:"roofline_fraction,omitempty"`
	// Checksum is that of the output: the same on every machine, by every kernel, with any number of threads.
	Checksum string `json:"checksum"`
}

// slices in which the runs and the measurement of the roofline take turns, so that a busy moment of the machine does not meet
// one alone.
const turns = 5

// Measure draws a workload and runs it for about the given time, besides what the roofline takes: as long again, but at most two
// seconds.
func Measure(ctx context.Context, c Config, d time.Duration) (*Result, error) {
	w, err := NewWorkload(c)
	if err != nil {
		return nil, err
	}
	c = w.config
	first, err := w.Run(ctx) // brings the weights into the caches
	if err != nil {
		return nil, fmt.Errorf("benchmark %s: %w", c.Shape, err)
	}
	var rates []float64
	limits := NewLimits(c.Shape, c.WeightBits)
	for range turns {
		if c.Kind == xmodel.LSTM {
			limits.Measure(min(d, 2*time.Second) / turns)
		}
		more, err := w.Rates(ctx, d/turns)
		if err != nil {
			return nil, fmt.Errorf("benchmark %s: %w", c.Shape, err)
		}
		rates = append(rates, more...)
	}
	slices.Sort(rates)
	result := &Result{
		Cell: c.Kind.String(), Shape: c.Shape.String(), WeightBits: c.WeightBits, Threads: c.Threads, Values: c.Values,
		Kernel: w.Kernels(), StepsPerSecond: rates[len(rates)-1], MedianStepsPerSecond: rates[len(rates)/2], Runs: len(rates),
		Checksum: Checksum(first),
	}
	result.GMACs = result.StepsPerSecond * float64(c.Shape.products(len(c.Kind.Gates()))) / 1e9
	if c.Kind == xmodel.LSTM {
		result.RooflineStepsPerSecond = float64(c.Threads) * limits.StepsPerSecond()
		result.RooflineFraction = result.StepsPerSecond / result.RooflineStepsPerSecond
	}
	return result, nil
}

// Limits is the roofline of a shape for one thread, measured in pieces.
type Limits struct {
	shape      Shape
	weightBits int
	layers     []kernel.Roofline
}

// NewLimits gives the roofline of LSTM layers of a shape before anything is measured.
func NewLimits(s Shape, weightBits int) *Limits {
	return &Limits{shape: s, weightBits: weightBits, layers: make([]kernel.Roofline, len(s.Hidden))}
}

// Measure measures for about the given time. Figures of several measurements are the best of each.
func (l *Limits) Measure(d time.Duration) {
	for i, hidden := range l.shape.Hidden {
		if i > 0 && hidden == l.shape.Hidden[i-1] {
			l.layers[i] = l.layers[i-1]
			continue
		}
		now := kernel.MeasureRoofline(4*hidden*hidden*l.weightBits/8, d/time.Duration(len(l.shape.Hidden)))
		if before := l.layers[i]; before.Unit > 0 {
			now.Products, now.Read = max(now.Products, before.Products), max(now.Read, before.Read)
			now.Unit = min(now.Unit, before.Unit)
		}
		l.layers[i] = now
	}
}

// StepsPerSecond is the limit: timesteps times sequences a second.
func (l *Limits) StepsPerSecond() float64 {
	step := 0.0
	for i, r := range l.layers {
		step += 1 / r.StepsPerSecond(l.shape.inputsOf(i), l.shape.Hidden[i], l.shape.Batch, l.weightBits)
	}
	return 1 / step
}
