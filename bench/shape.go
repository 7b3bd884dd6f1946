package bench

import (
	"fmt"
	"strconv"
	"strings"
)

// Shape is what is run: layers of one direction, one above the other, over a batch of sequences of equal length.
type Shape struct {
	Inputs int   // features of a timestep
	Hidden []int // units of each layer
	Steps  int   // timesteps of a sequence
	Batch  int   // sequences
}

// Named is a shape of the project's benchmark.
type Named struct {
	Name  string
	Shape Shape
}

// Standard gives the shapes of the project's benchmark.
func Standard() []Named {
	return []Named{
		{"S1", Shape{32, []int{100}, 500, 1}},
		{"S2", Shape{32, []int{100}, 500, 32}},
		{"S3", Shape{128, []int{128}, 500, 1}},
		{"S4", Shape{512, []int{512}, 200, 1}},
		{"S5", Shape{1024, []int{1024}, 100, 1}},
		{"S6", Shape{1024, []int{1024}, 100, 16}},
		{"S7", Shape{700, []int{1024, 1024}, 100, 1}},
	}
}

// ParseShape reads "inputs,units,timesteps,batch", where the units of several layers are joined by "+", or the name of a
// standard shape.
func ParseShape(text string) (Shape, error) {
	for _, n := range Standard() {
		if strings.EqualFold(n.Name, text) {
			return n.Shape, nil
		}
	}
	parts := strings.Split(text, ",")
	if len(parts) != 4 {
		return Shape{}, fmt.Errorf("shape %q is neither S1 … S7 nor inputs,units,timesteps,batch (700,1024+1024,100,1 has two layers)", text)
	}
	numbers := strings.Split(strings.Join([]string{parts[0], parts[2], parts[3], strings.ReplaceAll(parts[1], "+", ",")}, ","), ",")
	var values []int
	for _, n := range numbers {
		v, err := strconv.Atoi(strings.TrimSpace(n))
		if err != nil {
			return Shape{}, fmt.Errorf("shape %q: %q is no whole number", text, n)
		}
		values = append(values, v)
	}
	s := Shape{Inputs: values[0], Steps: values[1], Batch: values[2], Hidden: values[3:]}
	if err := s.validate(); err != nil {
		return Shape{}, fmt.Errorf("shape %q: %w", text, err)
	}
	return s, nil
}

// A workload is held in memory as a whole: its weights, and x of all sequences.
const (
	maxUnits  = 1 << 13
	maxLayers = 16
	maxValues = 1 << 28
)

func (s Shape) validate() error {
	if len(s.Hidden) < 1 || len(s.Hidden) > maxLayers {
		return fmt.Errorf("%d layers; 1 to %d can be measured", len(s.Hidden), maxLayers)
	}
	for _, n := range append([]int{s.Inputs}, s.Hidden...) {
		if n < 1 || n > maxUnits {
			return fmt.Errorf("%d inputs or units; 1 to %d can be measured", n, maxUnits)
		}
	}
	widest := s.Inputs
	for _, n := range s.Hidden {
		widest = max(widest, n)
	}
	if s.Steps < 1 || s.Batch < 1 || s.Steps > maxValues/widest || s.Batch > maxValues/widest/s.Steps {
		return fmt.Errorf("%d timesteps of %d sequences; at least one of each, and at most %d values in all, can be measured",
			s.Steps, s.Batch, maxValues)
	}
	return nil
}

// String gives the form that ParseShape reads.
func (s Shape) String() string {
	layers := make([]string, len(s.Hidden))
	for i, n := range s.Hidden {
		layers[i] = strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%s,%d,%d", s.Inputs, strings.Join(layers, "+"), s.Steps, s.Batch)
}

// inputsOf is what a layer reads a timestep.
func (s Shape) inputsOf(layer int) int {
	if layer == 0 {
		return s.Inputs
	}
	return s.Hidden[layer-1]
}

// products is the multiplications of matrices with vectors that one timestep of one sequence takes.
func (s Shape) products(gates int) int {
	n := 0
	for i, hidden := range s.Hidden {
		n += gates * hidden * (s.inputsOf(i) + hidden)
	}
	return n
}
