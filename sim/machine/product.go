package machine

import (
	"rnnsim/sim/isa"
	"rnnsim/sim/kernel"
)

// product is MMUL: one row of each weight bank, or two, times a vector; clamp(sum >> shift). Sums are exact.
type product struct {
	vector, columns int   // of a lane's vector bank
	weights         int   // from here on in every weight bank
	results         []int // one for each row that a bank holds
	shift           int

	// matrices are the weights, one for each result, taken from the banks when these had the given version.
	matrices []*kernel.Rows
	version  int
}

// gather takes the rows out of the banks, where they may lie interleaved value by value.
func (o *product) gather(s *state) {
	perBank := len(o.results)
	o.matrices = o.matrices[:0]
	for k := range perBank {
		rows := make([]int16, isa.WeightBanks*o.columns)
		for bank := range s.weights {
			words := s.weights[bank][o.weights:][:perBank*o.columns]
			for i := range o.columns {
				rows[bank*o.columns+i] = words[i*perBank+k]
			}
		}
		o.matrices = append(o.matrices, kernel.NewRows(rows, isa.WeightBanks, o.columns, o.shift))
	}
	o.version = s.weightsVersion
}

func (o *product) execute(s *state) {
	if o.version != s.weightsVersion {
		o.gather(s)
	}
	for lane := range s.lanes {
		x := s.lanes[lane].vector[o.vector:][:o.columns]
		for k, at := range o.results {
			o.matrices[k].Apply(s.lanes[lane].elementwise[at:][:isa.WeightBanks], x)
		}
	}
}
