package kernel

import (
	"math/rand/v2"
	"time"
)

// Roofline is what the machine allows one thread, measured with the routine set that the cells use.
type Roofline struct {
	Kernel string // name of the routine set
	// Products is the rate of multiply-adds with all operands in registers: 16-bit pairs into 32-bit sums (VPMADDWD and
	// VPADDD, where there are vectors).
	Products float64 // a second
	// Read is the rate of reading a working set over and over, in bytes a second; the cache level that holds it decides.
	Read       float64
	WorkingSet int // bytes
	// Unit is the time that the elementwise part of one LSTM unit takes, in seconds.
	Unit float64
}

// MeasureRoofline measures for about the given time. Each figure is the best of many short trials, since whatever else runs on
// the machine can only slow a trial down. workingSet is in bytes.
func MeasureRoofline(workingSet int, budget time.Duration) Roofline {
	r := best()
	return Roofline{
		Kernel: r.name, WorkingSet: workingSet,
		Products: measurePeak(r, budget/3), Read: measureRead(r, workingSet, budget/3), Unit: measureUnit(r, budget/3),
	}
}

// StepsPerSecond is the limit for an LSTM layer, one thread: timesteps times sequences. The products with x run at the full
// rate; those with h do too, or wait for one reading of the weights for all sequences of a batch; the elementwise part
// comes on top.
func (r Roofline) StepsPerSecond(inputs, hidden, batch, weightBits int) float64 {
	rows := float64(4 * hidden)
	read := rows * float64(hidden*weightBits/8) / r.Read / float64(batch)
	step := rows*float64(inputs)/r.Products + max(rows*float64(hidden)/r.Products, read) + float64(hidden)*r.Unit
	return 1 / step
}

// bestRate repeats a trial for a while and gives the largest rate, in whatever the trial counts, a second.
func bestRate(budget time.Duration, trial func() int) float64 {
	largest := 0.0
	for begin := time.Now(); ; {
		start := time.Now()
		n := trial()
		now := time.Now()
		if d := now.Sub(start); d > 0 {
			largest = max(largest, float64(n)/d.Seconds())
		}
		if now.Sub(begin) >= budget {
			return largest
		}
	}
}

func measurePeak(r *routines, budget time.Duration) float64 {
	const rounds = 20000
	return bestRate(budget, func() int { return r.peak(rounds) })
}

func measureRead(r *routines, workingSet int, budget time.Duration) float64 {
	const turn, least = 256, 1 << 18
	set := aligned[int16](max(roundUp(workingSet, turn), turn) / 2)
	for k := range set {
		set[k] = 1 // pages that were never written are all the same page
	}
	times := max(1, least/(2*len(set)))
	return bestRate(budget, func() int {
		for range times {
			r.read(set)
		}
		return times * 2 * len(set)
	})
}

func measureUnit(r *routines, budget time.Duration) float64 {
	const blocks, times, position = 32, 50, 12
	random := rand.New(rand.NewPCG(1, 1))
	args := lstmArgs{
		sums: make([]int32, blocks*panelRows), wx: make([]int16, blocks*panelRows), c: make([]int32, blocks*blockUnits),
		h: make([]int16, blocks*blockUnits), wxStride: panelRows, cStride: blockUnits, hStride: blockUnits, n: blocks,
		at: newPositionArgs(position),
	}
	for k := range args.sums {
		args.sums[k], args.wx[k] = random.Int32N(1<<26)-1<<25, int16(random.IntN(1<<14)-1<<13)
	}
	for g := range args.shift {
		args.shift[g] = count{position}
	}
	return 1 / bestRate(budget, func() int {
		for range times {
			r.lstm(&args)
		}
		return times * blocks * blockUnits
	})
}
