package report

import (
	"fmt"
	"html/template"
	"path/filepath"
	"strings"

	"rnnsim/verify"
)

// page is what the template shows.
type page struct {
	Style  template.CSS
	Script template.JS
	Policy string

	Report   *verify.Report
	Name     string // of what was verified
	Mark     mark
	Summary  string
	Checks   []check
	Firsts   []first
	Causes   []cause
	Coverage *coverageView
	Sections []link
	Reduced  []string
	Data     data
}

// link is an entry of the navigation.
type link struct {
	ID, Title string
	Of        string // what the check is held against, which tells checks of one title apart
	Mark      *mark
}

// mark shows a verdict: by a word, and by a class that colours it.
type mark struct{ Word, Class string }

func markOf(v verify.Verdict) mark {
	switch v {
	case verify.Pass:
		return mark{"PASS", "pass"}
	case verify.Fail:
		return mark{"FAIL", "fail"}
	}
	return mark{"NOTHING", "nothing"}
}

// check is one check with its figures.
type check struct {
	*verify.Check
	ID   string
	Mark mark
	// Values and Wrong count what was compared of any kind.
	Values, Wrong int64
	Kinds         string // what came of them
	Figures       *figures
}

// data is what the scripts read: the numbers behind the pictures.
type data struct {
	Heats  map[string]heatData  `json:"heats"`
	Charts map[string]chartData `json:"charts"`
}

func newPage(r *verify.Report) *page {
	p := &page{
		Report: r, Name: nameOf(r), Mark: markOf(r.Verdict), Summary: r.Summary(),
		Data: data{Heats: map[string]heatData{}, Charts: map[string]chartData{}},
	}
	values := checkWithValues(r)
	for i := range r.Checks {
		c := check{Check: &r.Checks[i], ID: fmt.Sprintf("check-%d", i+1)}
		c.Mark = markOf(c.Verdict)
		if c.Informative && c.Verdict == verify.Pass {
			c.Mark = mark{"INFO", "info"}
		}
		c.Values, c.Wrong = c.Compared, c.Check.Wrong
		if c.Comparison != nil {
			c.Values += c.Comparison.Counts.Values
			c.Kinds = c.Comparison.Counts.Kinds()
			if c.Name == verify.NameFloat { // whose values differ as a matter of course
				c.Kinds = outputsText(c.Comparison)
			} else {
				c.Wrong += c.Comparison.Counts.Wrong
			}
			c.Figures = p.draw(&c, i == values || c.Verdict == verify.Fail)
			p.tell(&c)
		}
		p.Checks = append(p.Checks, c)
	}
	if r.Coverage != nil {
		p.Coverage = newCoverageView(r.Coverage)
	}
	p.Reduced = append(p.Reduced, p.unshown(values)...)
	p.Sections = p.sections()
	return p
}

// tell adds the first divergence of a check, and its cause.
func (p *page) tell(c *check) {
	if c.Comparison.First != nil {
		p.Firsts = append(p.Firsts, newFirst(c, &p.Data))
	}
	if c.Diagnosis != nil {
		p.Causes = append(p.Causes, newCause(c))
	}
}

func nameOf(r *verify.Report) string {
	for i := range r.Checks {
		if c := &r.Checks[i]; c.Got != "" {
			return c.Got + " against " + c.Against
		}
	}
	switch {
	case r.Case != "":
		return r.Case
	case r.Model.Source != "":
		return r.Model.Source
	}
	return "a verification"
}

// outputsText says how near the cells' outputs are to the float model's.
func outputsText(c *verify.Comparison) string {
	var parts []string
	for i := range c.Nodes {
		if n := &c.Nodes[i]; n.Output {
			parts = append(parts, fmt.Sprintf("%s %s dB", placeOf(n), sqnrText(n.SQNR)))
		}
	}
	return "SQNR of outputs: " + strings.Join(parts, ", ")
}

// checkWithValues is the check with the most values, whose figures show how values lie in their ranges; -1 without one.
func checkWithValues(r *verify.Report) int {
	best := -1
	for i := range r.Checks {
		c := r.Checks[i].Comparison
		if c == nil || !hasValues(c) {
			continue
		}
		if best < 0 || c.Counts.Values > r.Checks[best].Comparison.Counts.Values {
			best = i
		}
	}
	return best
}

func hasValues(c *verify.Comparison) bool {
	for i := range c.Nodes {
		if c.Nodes[i].GotValues != nil {
			return true
		}
	}
	return false
}

func (p *page) sections() []link {
	links := []link{{ID: "checks", Title: "Checks"}, {ID: "compared", Title: "What was compared"}}
	if len(p.Firsts) > 0 {
		links = append(links, link{ID: "first", Title: "First divergence"})
	}
	if len(p.Causes) > 0 {
		links = append(links, link{ID: "cause", Title: "Cause"})
	}
	for i := range p.Checks {
		if c := &p.Checks[i]; c.Figures != nil {
			of := ""
			if c.Against != "" {
				of = filepath.Base(c.Against)
			}
			links = append(links, link{ID: c.ID, Title: c.Title, Of: of, Mark: &c.Mark})
		}
	}
	if p.Coverage != nil {
		links = append(links, link{ID: "coverage", Title: "Coverage"})
	}
	return append(links, link{ID: "reduced", Title: "What is left out"})
}

// unshown says what this page does not show, and where it is.
func (p *page) unshown(values int) []string {
	var said []string
	withValues := false
	others := 0
	for i := range p.Checks {
		c := p.Checks[i].Comparison
		if c == nil {
			continue
		}
		withValues = withValues || hasValues(c)
		if hasValues(c) && i != values && p.Checks[i].Verdict != verify.Fail {
			others++
		}
	}
	switch {
	case !withValues:
		said = append(said, "The result was made without details, so that there are no pictures: rnnsim verify --result and rnnsim compare --result keep them.")
	case others > 0:
		said = append(said, fmt.Sprintf("How values lie in their ranges, and what is looked up in tables, is shown for the check with the most values and for those that fail; %s left out. The result file has them.",
			areLeft(others)))
	}
	if p.Report.Coverage == nil {
		why := ""
		if len(p.Report.Checks) > 0 && p.Report.Checks[0].Name == verify.NameTraces {
			why = " For two traces, rnnsim compare --model measures it."
		}
		said = append(said, "Functional coverage was not measured."+why)
	}
	return said
}

func areLeft(n int) string {
	if n == 1 {
		return "1 other check is"
	}
	return fmt.Sprintf("%d other checks are", n)
}
