package machine

import (
	"encoding/json"
	"io"

	"rnnsim/sim/isa"
)

// ResultsAsJSON gives a function for Options.Results that writes what every instruction wrote, a JSON object a line:
//
//	{"step":1,"sequence":0,"lane":0,"segment":"loop","word":2,"instruction":"mmul vec_len=1 …","computes":"w_ig * input_0 [0:32]",
//	"bank":"e0.4","first":0,"values":[-321,17,…]}
//
// first is the index of the first value in the bank, in units of int16. A MMUL of the U50 has the values of its first bank, then those
// of the bank after it.
func (m *Machine) ResultsAsJSON(w io.Writer) func(*WordResult) error {
	encoder := json.NewEncoder(w)
	return func(r *WordResult) error {
		return encoder.Encode(struct {
			Step        int     `json:"step"`
			Sequence    int     `json:"sequence"`
			Lane        int     `json:"lane"`
			Segment     string  `json:"segment"`
			Word        int     `json:"word"`
			Instruction string  `json:"instruction"`
			Computes    string  `json:"computes,omitempty"`
			Bank        string  `json:"bank"`
			First       int     `json:"first"`
			Values      []int16 `json:"values"`
		}{r.Step, r.Sequence, r.Lane, r.Segment, r.Word, isa.Format(r.Instruction, m.program.target), r.Computes, r.Place.String(), r.First, r.Values})
	}
}
