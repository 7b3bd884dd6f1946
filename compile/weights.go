package compile

import (
	"errors"
	"fmt"
	"math"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// CellParameters names the parameters of a cell of a float model by their labels. The arguments are PyTorch's blocks, one gate
// behind another: weights [gates × hidden, input] and [gates × hidden, hidden], biases [gates × hidden] or nil. The two biases of
// an LSTM are added in float32, as the quantizer does.
func CellParameters(kind xmodel.CellKind, input, hidden int, weightIH, weightHH, biasIH, biasHH []float32) (map[string][]float32, error) {
	gates := kind.Gates()
	for _, t := range []struct {
		name      string
		got, want int
	}{
		{"weight_ih", len(weightIH), len(gates) * hidden * input}, {"weight_hh", len(weightHH), len(gates) * hidden * hidden},
		{"bias_ih", len(biasIH), len(gates) * hidden}, {"bias_hh", len(biasHH), len(gates) * hidden},
	} {
		if t.got != t.want && (t.got != 0 || t.name[0] == 'w') {
			return nil, fmt.Errorf("%s has %d values; %d gates of %d units and %d features want %d", t.name, t.got, len(gates), hidden, input, t.want)
		}
	}
	values := map[string][]float32{}
	for n, gate := range gates {
		block := func(all []float32, columns int) []float32 {
			if all == nil {
				return make([]float32, hidden*columns)
			}
			return all[n*hidden*columns : (n+1)*hidden*columns]
		}
		values["weight_i"+gate], values["weight_h"+gate] = block(weightIH, input), block(weightHH, hidden)
		x, h := block(biasIH, 1), block(biasHH, 1)
		if kind == xmodel.GRU {
			values["bias_i"+gate], values["bias_h"+gate] = x, h
			continue
		}
		sum := make([]float32, hidden)
		for i := range sum {
			sum[i] = x[i] + h[i]
		}
		values["bias_"+gate] = sum
	}
	return values, nil
}

// WeightReport tells whether a compiled model holds the parameters of a float model.
type WeightReport struct {
	Values     int               `json:"values"`
	Different  int               `json:"different"`
	First      *WeightDifference `json:"first,omitempty"`
	Parameters []ParameterReport `json:"parameters"`
}

// Equal tells whether every value is the float model's, rounded and clamped.
func (r *WeightReport) Equal() bool { return r.Different == 0 }

// ParameterReport is the comparison of one parameter.
type ParameterReport struct {
	Graph     string            `json:"graph"`
	Label     string            `json:"label"`
	Bits      int               `json:"bits"`
	Position  int               `json:"fix_position"`
	Values    int               `json:"values"`
	Different int               `json:"different"`
	Clamped   int               `json:"clamped"` // values of the float model that lie outside the format
	First     *WeightDifference `json:"first,omitempty"`
	// MaxError is the largest difference of a value of the blob, as a real number, from the float model's.
	MaxError float64 `json:"max_error"`
}

// WeightDifference is a value of the blob that is not the float model's.
type WeightDifference struct {
	Place  string  `json:"place"`  // "weight_hg[3,17]"
	Offset int     `json:"offset"` // byte of the weight blob; -1 where the streams never load the value
	Got    int     `json:"got"`
	Want   int     `json:"want"`
	Float  float32 `json:"float"`
	// Stray marks a value in padding or in a block of zeros, which is no parameter.
	Stray bool `json:"stray,omitempty"`
}

// String gives place, byte, both values and the float.
func (d *WeightDifference) String() string {
	at := "which the streams do not load"
	if d.Offset >= 0 {
		at = fmt.Sprintf("byte %d of the weight blob", d.Offset)
	}
	if d.Stray {
		return fmt.Sprintf("%s, %s: %d, and it must be zero", d.Place, at, d.Got)
	}
	return fmt.Sprintf("%s, %s: %d, and the model's %g gives %d", d.Place, at, d.Got, d.Float, d.Want)
}

// CompareWeights holds every weight and bias that the streams of a compiled model use against a float model: each must be the
// float, times two to the fix position that the shifts say, rounded half away from zero and clamped. There is a map for each cell,
// by label: see CellParameters. A blob that is laid out as the vendor's compiler does has to be zero around them, whether a product reads
// it or not; a value there is reported alone, since the streams may then compute something else. Errors are those of Lift, or
// say what does not fit: another kind of cell, other sizes.
func CompareWeights(c *xmodel.Compiled, cells []map[string][]float32) (*WeightReport, error) {
	if stray := strayValue(c); stray != nil {
		return &WeightReport{Values: 1, Different: 1, First: stray}, nil
	}
	l, err := Lift(c)
	if err != nil {
		return nil, fmt.Errorf("compare weights: %w", err)
	}
	if len(cells) != len(l.Cells) {
		return nil, fmt.Errorf("compare weights: the compiled model has %d cells, the float model %d", len(l.Cells), len(cells))
	}
	r := &WeightReport{}
	for i := range l.Cells {
		if err := r.compare(&l.Cells[i], cells[i]); err != nil {
			return nil, fmt.Errorf("compare weights: cell %d: %w", i, err)
		}
	}
	return r, nil
}

// strayValue is the first value in what must be zero of a blob whose layout is known, or nil.
func strayValue(c *xmodel.Compiled) *WeightDifference {
	kind, err := xmodel.BlobKind(c)
	if err != nil {
		return nil
	}
	_, err = xmodel.UnpackBlob(c, kind)
	var stray *xmodel.StrayValue
	if !errors.As(err, &stray) {
		return nil
	}
	return &WeightDifference{Place: stray.Place, Offset: stray.Offset, Got: int(stray.Value), Stray: true}
}

func (r *WeightReport) compare(cell *LiftedCell, floats map[string][]float32) error {
	for _, label := range xmodel.Parameters(cell.Spec.Kind, true) {
		reals, got := floats[label], cell.Values[label]
		if len(reals) != len(got) {
			return fmt.Errorf("%s of the compiled %s with %d features and %d units has %d values, the float model has %d of it",
				label, cell.Spec.Kind, cell.Spec.Input, cell.Spec.Hidden, len(got), len(reals))
		}
		p := compareParameter(cell, label, reals)
		r.Parameters = append(r.Parameters, p)
		r.Values += p.Values
		r.Different += p.Different
		if r.First == nil {
			r.First = p.First
		}
	}
	return nil
}

func compareParameter(cell *LiftedCell, label string, reals []float32) ParameterReport {
	f := cell.Spec.Formats[label]
	p := ParameterReport{Graph: cell.Spec.Name, Label: label, Bits: f.Bits, Position: f.Position, Values: len(reals)}
	for i, q := range cell.Values[label] {
		real := float64(reals[i])
		want := f.Min()
		if !math.IsNaN(real) {
			want = fixed.HalfAway.Quantize(real, f)
		}
		if scaled := math.Ldexp(real, f.Position); scaled >= float64(f.Max())+0.5 || scaled <= float64(f.Min())-0.5 {
			p.Clamped++
		}
		p.MaxError = math.Max(p.MaxError, math.Abs(fixed.Real(int64(q), f.Position)-real))
		if int64(q) == want && !math.IsNaN(real) {
			continue
		}
		p.Different++
		if p.First == nil {
			p.First = &WeightDifference{
				Place: placeIn(cell, label, i), Offset: int(cell.Offsets[label][i]), Got: int(q), Want: int(want), Float: reals[i],
			}
		}
	}
	return p
}

// placeIn names an element of a parameter.
func placeIn(cell *LiftedCell, label string, index int) string {
	width := map[byte]int{'i': cell.Spec.Input, 'h': cell.Spec.Hidden}[label[len(label)-2]]
	if label[0] == 'b' {
		return fmt.Sprintf("%s[%d]", label, index)
	}
	return fmt.Sprintf("%s[%d,%d]", label, index/width, index%width)
}
