package verify

import (
	"math"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// NodeStats is what was found about one node over all frames.
type NodeStats struct {
	Graph    string `json:"graph"`
	Layer    int    `json:"layer"`
	Backward bool   `json:"backward"`
	Node     string `json:"node"`
	Label    string `json:"label"`
	Op       string `json:"op,omitempty"`
	Format   string `json:"format"` // [bits,position] of the wanted side, "float32" for a float node

	ErrorStats
	// Output says that this is what the cell yields; it is told where a float model is compared with.
	Output bool `json:"output,omitempty"`
	// FirstStep and LastStep are the smallest and the largest step with a difference, NoStep without one.
	FirstStep int `json:"first_step"`
	LastStep  int `json:"last_step"`
	// Grows says that |delta| increases with the step, by its correlation over all frames.
	Grows bool `json:"grows,omitempty"`
	// Steps holds the statistics a step, where they were asked for.
	Steps []StepStats `json:"steps,omitempty"`
	// Heat holds the largest |delta| over steps and units, where it was asked for and something differs.
	Heat *Heat `json:"heat,omitempty"`
	// GotValues and WantValues are how the values of each side lie in the node's range, and Lookups what the node looked up in its
	// table, where details were asked for. WantValues is nil where it is the same as GotValues.
	GotValues  *Distribution `json:"got_values,omitempty"`
	WantValues *Distribution `json:"want_values,omitempty"`
	Lookups    *Lookups      `json:"lookups,omitempty"`

	trend trend
}

// StepStats is what was found about one node at one step, or at a few steps in a row of a long run.
type StepStats struct {
	Step  int `json:"step"`
	Count int `json:"count"` // steps that are taken together
	ErrorStats
}

// ErrorStats sums up the deltas of many values. Counts are exact, and sums do not depend on the order of the frames.
type ErrorStats struct {
	Compared  int64 `json:"compared"`
	Different int64 `json:"different"` // beyond the tolerance
	Tolerated int64 `json:"tolerated,omitempty"`
	// Explained and Misreported are as in Counts.
	Explained   int64   `json:"explained,omitempty"`
	Misreported int64   `json:"misreported,omitempty"`
	MaxDelta    float64 `json:"max_delta_lsb"`
	MeanDelta   float64 `json:"mean_delta_lsb"` // mean |delta| over all compared values
	MaxError    float64 `json:"max_error"`      // as a real number
	MeanError   float64 `json:"mean_error"`
	// SQNR is 10·log10(Σ want² / Σ (got - want)²) in dB; absent where there is no noise or no signal.
	SQNR *float64 `json:"sqnr_db,omitempty"`

	sumDelta, sumError sum
	signal, noise      sum
}

// sqnr gives the ratio in dB: +Inf without noise, -Inf for noise on no signal.
func (e *ErrorStats) sqnr() float64 {
	if e.noise.value() == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(e.signal.value()/e.noise.value())
}

func (e *ErrorStats) finish() {
	if e.Compared > 0 {
		e.MeanDelta = e.sumDelta.value() / float64(e.Compared)
		e.MeanError = e.sumError.value() / float64(e.Compared)
	}
	e.MaxDelta, e.MeanDelta = finite(e.MaxDelta), finite(e.MeanDelta)
	e.MaxError, e.MeanError = finite(e.MaxError), finite(e.MeanError)
	if ratio := e.sqnr(); !math.IsInf(ratio, 0) && !math.IsNaN(ratio) {
		e.SQNR = &ratio
	}
}

func (e *ErrorStats) add(o *ErrorStats) {
	e.Compared += o.Compared
	e.Different += o.Different
	e.Tolerated += o.Tolerated
	e.Explained += o.Explained
	e.Misreported += o.Misreported
	e.MaxDelta = max(e.MaxDelta, o.MaxDelta)
	e.MaxError = max(e.MaxError, o.MaxError)
	e.sumDelta.join(o.sumDelta)
	e.sumError.join(o.sumError)
	e.signal.join(o.signal)
	e.noise.join(o.noise)
}

// outcome is the comparison of one node in one frame.
type outcome struct {
	ErrorStats
	first     int // index of the first value beyond the tolerance, -1 without one
	different int
}

// addSame adds values that are equal on both sides; signal is the sum of their squares.
func (e *ErrorStats) addSame(values int64, signal float64) {
	e.Compared += values
	e.signal.add(signal)
}

// compareColumns compares the values of one node in one frame. Where the numbers of values differ, those without a partner
// count as different.
func compareColumns(pair *nodePair, got, want column, result *outcome) {
	shared := min(got.len(), want.len())
	if got.floats == nil && want.floats == nil && pair.aligned {
		*result = compareInts(got.ints[:shared], want.ints[:shared], pair.lsb, pair.tolerance)
	} else {
		compareReals(pair, got, want, shared, result)
	}
	if lacking := max(got.len(), want.len()) - shared; lacking > 0 {
		result.Compared += int64(lacking)
		result.Different += int64(lacking)
		result.different += lacking
		if result.first < 0 {
			result.first = shared
		}
	}
}

// same says whether a node has integers in the same unit on both sides that are all equal, and gives their number and the sum of their
// squares. Nearly every column of every frame is so: it is the path that has to be quick.
func (p *nodePair) same(got, want *dump.Frame) (values int, signal float64, same bool) {
	if !p.aligned || p.shared != nil || p.got >= len(got.Fixed) || p.want >= len(want.Fixed) {
		return 0, 0, false
	}
	gotInts, wantInts := got.Fixed[p.got], want.Fixed[p.want]
	if gotInts == nil || wantInts == nil || len(gotInts) != len(wantInts) {
		return 0, 0, false
	}
	squares, same := sameInts(gotInts, wantInts)
	return len(wantInts), float64(squares) * p.lsb * p.lsb, same
}

// sameInts has no branch a value.
func sameInts(got, want []int16) (squares int64, same bool) {
	var differing int16
	got = got[:len(want)]
	for i, w := range want {
		squares += int64(w) * int64(w)
		differing |= got[i] ^ w
	}
	return squares, differing == 0
}

// compareInts compares integers at one position, where lsb is what one stands for.
func compareInts(got, want []int16, lsb, tolerance float64) outcome {
	var total, signal, noise, largest int64
	result := outcome{first: -1}
	for i, w := range want {
		signal += int64(w) * int64(w)
		delta := int64(got[i]) - int64(w)
		if delta == 0 {
			continue
		}
		noise += delta * delta
		delta = max(delta, -delta)
		total += delta
		largest = max(largest, delta)
		if float64(delta) <= tolerance {
			result.Tolerated++
			continue
		}
		if result.first < 0 {
			result.first = i
		}
		result.different++
	}
	result.Compared = int64(len(want))
	result.Different = int64(result.different)
	result.MaxDelta, result.sumDelta = float64(largest), sumOf(float64(total))
	result.MaxError, result.sumError = float64(largest)*lsb, sumOf(float64(total)*lsb)
	result.signal, result.noise = sumOf(float64(signal)*lsb*lsb), sumOf(float64(noise)*lsb*lsb)
	return result
}

// compareReals compares as real numbers; an integer at its position is exact in float64. A NaN differs from everything.
func compareReals(pair *nodePair, got, want column, shared int, result *outcome) {
	switch {
	case got.floats == nil && want.floats == nil:
		compareAs(pair, got.ints[:shared], pair.gotLSB, want.ints[:shared], pair.lsb, result)
	case got.floats == nil:
		compareAs(pair, got.ints[:shared], pair.gotLSB, want.floats[:shared], 1, result)
	case want.floats == nil:
		compareAs(pair, got.floats[:shared], 1, want.ints[:shared], pair.lsb, result)
	default:
		compareAs(pair, got.floats[:shared], 1, want.floats[:shared], 1, result)
	}
}

// errorSums is what compareAs adds up.
type errorSums struct {
	signal, noise, sumError, maxError float64
	first, different                  int
	tolerated                         int64
}

// compareAs compares numbers that count in units of their own. What is told in LSB is told as real numbers times a power of two,
// which is exact, so that it can be found from the sums.
func compareAs[G, W int16 | float32](pair *nodePair, got []G, gotUnit float64, want []W, wantUnit float64, result *outcome) {
	scale := pair.scale
	got = got[:len(want)]
	var s errorSums
	if pair.tolerance == 0 {
		s = compareExactly(got, gotUnit, want, wantUnit)
	}
	if pair.tolerance != 0 || math.IsNaN(s.sumError) {
		s = compareTolerantly(got, gotUnit, want, wantUnit, pair.tolerance/scale)
	}
	*result = outcome{first: s.first, different: s.different, ErrorStats: ErrorStats{
		Compared: int64(len(want)), Different: int64(s.different), Tolerated: s.tolerated,
		MaxDelta: s.maxError * scale, sumDelta: sumOf(s.sumError * scale), MaxError: s.maxError, sumError: sumOf(s.sumError),
		signal: sumOf(s.signal), noise: sumOf(s.noise),
	}}
}

// compareExactly tolerates nothing. It has no branch that depends on how large an error is; where there is a NaN, sumError is one, and the rest
// means nothing.
func compareExactly[G, W int16 | float32](got []G, gotUnit float64, want []W, wantUnit float64) errorSums {
	s := errorSums{first: -1}
	var signal, noise, sumError float64
	var largest uint64 // numbers from 0 on are in the order of their bits
	for i, v := range want {
		w := float64(v) * wantUnit
		signal += w * w
		magnitude := math.Abs(float64(got[i])*gotUnit - w)
		noise += magnitude * magnitude
		sumError += magnitude
		largest = max(largest, math.Float64bits(magnitude))
		if magnitude > 0 {
			if s.different == 0 {
				s.first = i
			}
			s.different++
		}
	}
	s.signal, s.noise, s.sumError, s.maxError = signal, noise, sumError, math.Float64frombits(largest)
	return s
}

// compareTolerantly takes a NaN for an infinite error.
func compareTolerantly[G, W int16 | float32](got []G, gotUnit float64, want []W, wantUnit, tolerance float64) errorSums {
	s := errorSums{first: -1}
	for i, v := range want {
		w := float64(v) * wantUnit
		s.signal += w * w
		magnitude := math.Abs(float64(got[i])*gotUnit - w)
		if magnitude == 0 {
			continue
		}
		if math.IsNaN(magnitude) {
			magnitude = math.Inf(1)
		}
		s.noise += magnitude * magnitude
		s.sumError += magnitude
		s.maxError = max(s.maxError, magnitude)
		if magnitude <= tolerance {
			s.tolerated++
			continue
		}
		if s.different == 0 {
			s.first = i
		}
		s.different++
	}
	return s
}

func realAt(c column, i int, n dump.Node) float64 {
	if c.floats != nil {
		return float64(c.floats[i])
	}
	return fixed.Real(int64(c.ints[i]), n.Position)
}
