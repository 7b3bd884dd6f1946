package grade

import (
	"rnnsim/dump"
	"rnnsim/fault"
)

// Report is the mutation score of stimuli.
type Report struct {
	Sequences int    `json:"sequences"`
	Steps     int    `json:"steps"`
	Seed      uint64 `json:"seed"`
	Faults    int    `json:"faults"`
	// Nodes is the score of a bench that compares every node, and Output that of one that compares h of the last layer.
	Nodes    Score    `json:"nodes"`
	Output   Score    `json:"output"`
	Families []Family `json:"families"`
	Results  []Result `json:"results"` // a fault
	// Searched says that what was missed has an input, a proof, or is open.
	Searched bool `json:"searched"`
	// Inputs are the sequences that show what the stimuli do not.
	Inputs []dump.Sequence `json:"-"`
}

// Score counts faults.
type Score struct {
	Noticed    int `json:"noticed"`
	Missed     int `json:"missed"`     // not noticed, and an input is known that shows it
	Impossible int `json:"impossible"` // proved: no input shows it
	Open       int `json:"open"`       // not noticed, and neither an input nor a proof is known
	// Percent is the part of what is not proved impossible that was noticed.
	Percent float64 `json:"percent"`
}

// Family is the score of the faults of one family.
type Family struct {
	Name   string `json:"name"`
	Faults int    `json:"faults"`
	Nodes  Score  `json:"nodes"`
	Output Score  `json:"output"`
}

// Result is what became of one fault.
type Result struct {
	ID     string `json:"id"`
	Family string `json:"family"`
	Kind   string `json:"kind"`
	Place  string `json:"place"`
	Text   string `json:"text"`
	Nodes  Sight  `json:"nodes"`
	Output Sight  `json:"output"`
}

// Outcome is what became of a fault, looked at in one way.
type Outcome string

// The outcomes.
const (
	Noticed    Outcome = "noticed"
	Missed     Outcome = "missed"
	Impossible Outcome = "impossible"
	Open       Outcome = "open"
)

// Sight is what is seen of a fault, of all nodes or of the output.
type Sight struct {
	Outcome Outcome `json:"outcome"`
	// At is where it shows first: in the stimuli, or where they miss it in the inputs from First on, of which it takes Count.
	At    *Place `json:"at,omitempty"`
	First int    `json:"first_input,omitempty"`
	Count int    `json:"inputs,omitempty"`
	Proof string `json:"proof,omitempty"`
}

// Place is a value of a run. Sequence is counted in the stimuli, or from the first of the inputs.
type Place struct {
	Sequence int    `json:"sequence"`
	Graph    string `json:"graph"`
	Step     int    `json:"step"` // in execution order
	Node     string `json:"node"`
	Index    int    `json:"index"`
}

func (g *grader) report(sequences []dump.Sequence) *Report {
	r := &Report{Sequences: len(sequences), Seed: g.options.Seed, Faults: len(g.mutants), Searched: !g.options.NoSearch, Inputs: g.inputs}
	features := g.header.Cells[0].Nodes[g.base.Input(0)].Width
	for _, s := range sequences {
		r.Steps += max(len(s.Fixed), len(s.Float)) / features
	}
	byName := map[string]int{}
	for _, name := range fault.Families() {
		byName[name] = len(r.Families)
		r.Families = append(r.Families, Family{Name: name})
	}
	for i, m := range g.mutants {
		f := m.fault
		result := Result{
			ID: f.ID, Family: f.Family(), Kind: f.Kind, Place: f.Place, Text: f.Text,
			Nodes: g.sight(i, atNodes, m.atNode), Output: g.sight(i, atOutput, m.atOutput),
		}
		r.Results = append(r.Results, result)
		family := &r.Families[byName[result.Family]]
		family.Faults++
		for _, s := range []*Score{&r.Nodes, &family.Nodes} {
			s.count(result.Nodes.Outcome)
		}
		for _, s := range []*Score{&r.Output, &family.Output} {
			s.count(result.Output.Outcome)
		}
	}
	return r
}

func (s *Score) count(o Outcome) {
	switch o {
	case Noticed:
		s.Noticed++
	case Missed:
		s.Missed++
	case Impossible:
		s.Impossible++
	default:
		s.Open++
	}
	if s.Percent = 100; s.Noticed+s.Missed+s.Open > 0 {
		s.Percent = 100 * float64(s.Noticed) / float64(s.Noticed+s.Missed+s.Open)
	}
}

func (g *grader) sight(at, way int, noticed *place) Sight {
	proof, proved := g.proofs[at]
	shown, isShown := g.found[way][at]
	switch {
	case noticed != nil:
		return Sight{Outcome: Noticed, At: g.place(*noticed)}
	case isShown:
		return Sight{Outcome: Missed, At: g.place(shown.at), First: shown.first, Count: shown.count}
	case proved && (proof.Everywhere || way == atOutput):
		return Sight{Outcome: Impossible, Proof: proof.Why}
	}
	return Sight{Outcome: Open}
}

func (g *grader) place(p place) *Place {
	cell := g.header.Cells[p.cell]
	return &Place{Sequence: p.sequence, Graph: cell.Graph, Step: p.step, Node: cell.Nodes[p.node].Name, Index: p.index}
}
