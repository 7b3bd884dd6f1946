package verify

import (
	"encoding/json"
	"fmt"
	"io"

	"rnnsim/coverage"
	"rnnsim/xmodel"
)

// ReportSchema is the version of the report's JSON form. It grows when a field changes its meaning or goes away; new fields
// may come without.
const ReportSchema = 1

// Report is what a verification found.
type Report struct {
	Schema   int      `json:"schema"`
	Version  string   `json:"rnnsim_version,omitempty"`
	Verdict  Verdict  `json:"verdict"`
	Case     string   `json:"case,omitempty"`
	Model    Model    `json:"model"`
	Compat   string   `json:"compat"` // "sane" or "vai2.0"
	Stimulus Stimulus `json:"stimulus"`
	Checks   []Check  `json:"checks"`
	// Coverage is what of the datapath the stimulus exercises, where details were asked for.
	Coverage *coverage.Report `json:"coverage,omitempty"`
	Notes    []string         `json:"notes,omitempty"`
}

// Model says what was verified.
type Model struct {
	Source string `json:"source"`
	Digest string `json:"digest"` // SHA-256 of its meaning, in hex
	Cells  []Cell `json:"cells"`
}

// Cell is one cell of the model.
type Cell struct {
	Graph     string `json:"graph"`
	Layer     int    `json:"layer"`
	Direction string `json:"direction"`
	Input     int    `json:"input"`  // features
	Hidden    int    `json:"hidden"` // units
	Nodes     int    `json:"nodes"`
}

// Stimulus says what the model was run on.
type Stimulus struct {
	Source    string `json:"source"` // a file, or "seeded random and corner patterns"
	Seeded    bool   `json:"seeded"`
	Seed      uint64 `json:"seed,omitempty"`
	Sequences int    `json:"sequences"`
	Steps     int    `json:"steps"` // of all sequences
	Features  int    `json:"features"`
}

// Check is one comparison of a verification.
type Check struct {
	// Name is stable: "exact_reference", "recorded", "deploy_check", "float", "quant_info", "graphs", "outputs", "accuracy";
	// of compiled models also "tokens", "lift", "weights", "machine".
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Got     string  `json:"got_source,omitempty"` // the file or folder that is judged, where it is not the model itself
	Against string  `json:"against,omitempty"`    // a file or folder
	Verdict Verdict `json:"verdict"`
	// Informative says that the check has no bound to fail by.
	Informative bool        `json:"informative,omitempty"`
	Comparison  *Comparison `json:"comparison,omitempty"`
	// MinSQNR is the bound in dB that was asked for, and Below the nodes that miss it.
	MinSQNR *float64 `json:"min_sqnr_db,omitempty"`
	Below   []string `json:"below_min_sqnr,omitempty"`
	// Findings are what is not said by a comparison: a line that differs, an accuracy.
	Findings []string `json:"findings,omitempty"`
	Compared int64    `json:"compared,omitempty"` // things compared, where there is no Comparison
	Wrong    int64    `json:"wrong,omitempty"`
	// Explanation is the way to the first divergence of a check that fails, and Diagnosis its cause, where details were asked for.
	Explanation *Explanation `json:"explanation,omitempty"`
	Diagnosis   *Diagnosis   `json:"diagnosis,omitempty"`
}

// conclude gives the verdict of all checks: Fail where one fails, otherwise Nothing where one, or all, compared nothing.
func (r *Report) conclude() {
	r.Verdict = Pass
	if len(r.Checks) == 0 {
		r.Verdict = Nothing
	}
	for _, check := range r.Checks {
		if check.Verdict == Fail {
			r.Verdict = Fail
			return
		}
		if check.Verdict == Nothing {
			r.Verdict = Nothing
		}
	}
}

// ExitCode is that of the verdict.
func (r *Report) ExitCode() int { return r.Verdict.ExitCode() }

// WriteJSON writes the report as one indented document, with a newline at its end.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// WriteResult writes the same document without indentation, as what programs read: with details there is much of it.
func (r *Report) WriteResult(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// CompatName is the name of a compatibility mode on the command line and in reports.
func CompatName(compat xmodel.Compat) string {
	if compat == xmodel.VAI20 {
		return "vai2.0"
	}
	return "sane"
}

func describeModel(m *xmodel.Model, nodes func(cell int) int) (Model, error) {
	description := Model{Source: m.Source, Digest: m.Digest()}
	for i := range m.Cells {
		cell := &m.Cells[i]
		input, err := cell.Input()
		if err != nil {
			return Model{}, err
		}
		hidden, err := cell.Output()
		if err != nil {
			return Model{}, err
		}
		direction := xmodel.Forward
		if cell.Backward {
			direction = xmodel.Backward
		}
		description.Cells = append(description.Cells, Cell{
			Graph: cell.Graph.Name, Layer: cell.Layer, Direction: string(direction), Input: input, Hidden: hidden, Nodes: nodes(i),
		})
	}
	return description, nil
}
