package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/verify"
)

func pageOf(t *testing.T, r *verify.Report) string {
	t.Helper()
	var text strings.Builder
	require.NoError(t, Write(&text, r))
	return text.String()
}

// Every report has a page, also one that found nothing.
func TestAnEmptyReportHasAPage(t *testing.T) {
	page := pageOf(t, &verify.Report{Schema: 1, Verdict: verify.Nothing})
	require.Contains(t, page, "NOTHING")
	require.Contains(t, page, "No check was made.")
	require.Contains(t, page, "</html>")
}

// What a report says is text on the page, whatever it is.
func TestWhatIsShownIsEscaped(t *testing.T) {
	const evil = `</script><script>alert(1)</script>"'<img src=x onerror=alert(2)>`
	found := &verify.Divergence{
		Address: verify.Address{Node: evil}, Graph: evil, Label: evil, Op: evil, Format: evil, Note: evil,
		Course: &verify.Course{Got: []float64{1}, Want: []float64{2}},
	}
	node := verify.NodeStats{Node: evil, Label: evil, Op: evil, Format: evil, Heat: &verify.Heat{StepsAField: 1, UnitsAField: 1, Rows: [][]float32{{3}}}}
	node.Compared, node.Different, node.MaxDelta = 1, 1, 3
	node.Steps = []verify.StepStats{{Count: 1, ErrorStats: node.ErrorStats}}
	page := pageOf(t, &verify.Report{
		Schema: 1, Version: evil, Verdict: verify.Fail, Case: evil, Compat: evil, Notes: []string{evil},
		Model: verify.Model{Source: evil, Digest: evil, Cells: []verify.Cell{{Graph: evil, Direction: evil}}}, Stimulus: verify.Stimulus{Source: evil},
		Checks: []verify.Check{{
			Name: evil, Title: evil, Got: evil, Against: evil, Verdict: verify.Fail, Findings: []string{evil}, Below: []string{evil},
			Comparison: &verify.Comparison{
				First: found, More: []verify.Divergence{*found}, Nodes: []verify.NodeStats{node}, Notes: []string{evil},
				OnlyGot: verify.Missing{Graphs: []string{evil}, Nodes: []string{evil}, Units: []string{evil}, Frames: 1, Ranges: []verify.FrameRange{{Graph: evil}}},
			},
			Explanation: &verify.Explanation{
				Findings: []string{evil}, Terms: []verify.Term{{Name: evil, B: &verify.Number{}, BName: evil, Product: &verify.Number{}}},
				Steps: []verify.ExplainedAs{{Name: evil, Note: evil}},
			},
			Diagnosis: &verify.Diagnosis{
				Outcome: verify.Explained, Cause: &verify.Cause{Text: evil, Faults: []string{evil}}, Same: []verify.Cause{{Text: evil}},
				Partial: []verify.Cause{{Text: evil}}, Nodes: []verify.WrongNode{{Node: evil}}, First: &verify.Address{}, Notes: []string{evil},
			},
		}},
	})
	require.NotContains(t, page, "<script>alert")
	require.NotContains(t, page, "<img src=x")
	require.Equal(t, 2, strings.Count(page, "</script>"), "the page has two scripts, data and code")
	require.Greater(t, strings.Count(page, "&lt;/script&gt;"), 30)
}

// The page names no place outside itself but in the comments of the library's code.
func TestThePageIsSelfContained(t *testing.T) {
	page := pageOf(t, &verify.Report{Schema: 1, Verdict: verify.Nothing})
	outside := strings.ReplaceAll(page, "https://github.com/leeoniya/uPlot", "")
	outside = strings.ReplaceAll(outside, "http://www.w3.org/2000/svg", "") // a name, not a place
	for _, reference := range []string{"http://", "https://", "//cdn", "@import", "url(", "src=\"/", "<link", "<iframe", "fetch(", "XMLHttpRequest", "WebSocket"} {
		require.NotContains(t, outside, reference)
	}
	require.Contains(t, page, "default-src &#39;none&#39;")
}
