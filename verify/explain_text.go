package verify

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// WriteText writes the explanation for a person: the value, the terms of its sum, the steps, and what can be told.
func (x *Explanation) WriteText(w io.Writer) error {
	t := &textWriter{}
	t.linef("%s", x.Address)
	t.linef("  %s, %s, %s", x.Label, x.Op, x.Format)
	rows := []string{"\tdecimal\thex\treal"}
	for _, side := range []struct {
		name  string
		value *Value
	}{{"got", x.Got}, {"follows", x.Follows}, {"want", x.Want}} {
		if side.value != nil {
			rows = append(rows, fmt.Sprintf("%s\t%d\t%s\t%s", side.name, side.value.Int, side.value.Hex, realText(side.value.Real)))
		}
	}
	t.table("  ", rows)
	t.terms(x.Terms)
	t.explainedAs(x.Steps)
	for _, finding := range x.Findings {
		t.linef("%s", finding)
	}
	if _, err := io.WriteString(w, t.text.String()); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

// WriteJSON writes the explanation as one indented document.
func (x *Explanation) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(x); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

func realText(v float64) string { return strconv.FormatFloat(v, 'g', 9, 64) }

func (t *textWriter) terms(terms []Term) {
	if len(terms) == 0 {
		return
	}
	rows := []string{"operand\tdecimal\thex\treal"}
	for i := range terms {
		term := &terms[i]
		row := fmt.Sprintf("%s\t%d\t%s\t%s", term.Name, term.A.Int, term.A.Hex, realText(term.A.Real))
		if term.B != nil {
			rows[0] = "operand\tdecimal\thex\treal\tweight\tdecimal\thex\treal\tproduct\thex\treal"
			row += fmt.Sprintf("\t%s\t%d\t%s\t%s\t%d\t%s\t%s", term.BName, term.B.Int, term.B.Hex, realText(term.B.Real), term.Product.Int, term.Product.Hex, realText(term.Product.Real))
		}
		if term.Want != nil {
			row += fmt.Sprintf("\twanted %d", term.Want.Int)
		}
		rows = append(rows, row)
	}
	t.table("  ", rows)
}

func (t *textWriter) explainedAs(steps []ExplainedAs) {
	var rows []string
	for _, s := range steps {
		if s.Number == nil {
			rows = append(rows, fmt.Sprintf("%s\t\t\t\t%s", s.Name, s.Note))
			continue
		}
		rows = append(rows, fmt.Sprintf("%s\t%d\t%s\t%s\t%s", s.Name, s.Number.Int, s.Number.Hex, realText(s.Number.Real), s.Note))
	}
	if len(rows) > 0 {
		t.table("  ", append([]string{"step\tdecimal\thex\treal"}, rows...))
	}
}
