package verify

import "math"

// trend tells whether a quantity increases with the step, from sums only.
type trend struct{ y, yy, xy sum }

// frameSteps is what trends need to know of the steps of all frames, which is the same for all nodes.
type frameSteps struct{ n, x, xx sum }

func (f *frameSteps) add(step int) {
	x := float64(step)
	f.n.add(1)
	f.x.add(x)
	f.xx.add(float64(x * x))
}

func (t *trend) add(step int, value float64) {
	if value != 0 {
		t.y.add(value)
		t.yy.add(float64(value * value))
		t.xy.add(float64(float64(step) * value))
	}
}

// grows holds for a clear positive correlation over at least a handful of frames.
func (t *trend) grows(frames *frameSteps) bool {
	const enough, clear = 8, 0.4
	n, x, xx, y, yy, xy := frames.n.value(), frames.x.value(), frames.xx.value(), t.y.value(), t.yy.value(), t.xy.value()
	spread := (n*xx - x*x) * (n*yy - y*y)
	if n < enough || spread <= 0 {
		return false
	}
	return (n*xy-x*y)/math.Sqrt(spread) >= clear
}

// stepStats keeps statistics a step in bounded memory: when a run is longer than the table, two steps share a row, then four.
type stepStats struct {
	rows  []ErrorStats
	shift uint
}

const maxStepRows = 1024

// at is the row of a step.
func (s *stepStats) at(step int) *ErrorStats {
	for step>>s.shift >= maxStepRows {
		for i := 0; i < len(s.rows); i++ {
			if i%2 == 0 {
				s.rows[i/2] = s.rows[i]
			} else {
				s.rows[i/2].add(&s.rows[i])
			}
		}
		s.rows = s.rows[:(len(s.rows)+1)/2]
		s.shift++
	}
	row := step >> s.shift
	for len(s.rows) <= row {
		s.rows = append(s.rows, ErrorStats{})
	}
	return &s.rows[row]
}

// sum adds all rows to a total.
func (s *stepStats) sum(total *ErrorStats) {
	for i := range s.rows {
		total.add(&s.rows[i])
	}
}

func (s *stepStats) finish() []StepStats {
	var steps []StepStats
	for i := range s.rows {
		if s.rows[i].Compared == 0 {
			continue
		}
		s.rows[i].finish()
		steps = append(steps, StepStats{Step: i << s.shift, Count: 1 << s.shift, ErrorStats: s.rows[i]})
	}
	return steps
}
