package report

import "rnnsim/verify"

// cause is what a diagnosis came to.
type cause struct {
	Check *check
	*verify.Diagnosis
	Headline string
	Same     []verify.Cause
	SameLeft int
	Partial  []partial
}

// partial is a fault that explains a part of what is wrong.
type partial struct {
	Text    string
	Percent float64
	Leaves  int64
}

// mostSame is how many faults are listed that the stimuli cannot tell from the cause.
const mostSame = 12

func newCause(c *check) cause {
	d := c.Diagnosis
	shown := cause{Check: c, Diagnosis: d, Same: d.Same[:min(len(d.Same), mostSame)], SameLeft: max(0, len(d.Same)-mostSame)}
	switch d.Outcome {
	case verify.Explained:
		shown.Headline = "Explained by: " + d.Cause.Text
	case verify.NotExplained:
		shown.Headline = "Nothing in the catalogue of faults explains what is wrong, alone or in pairs"
	case verify.NothingWrong:
		shown.Headline = "Every value follows from what was recorded for its operands"
	case verify.NothingJudged:
		shown.Headline = "Nothing could be judged: the trace has no node whose operands it has too"
	}
	for i := range d.Partial {
		p := &d.Partial[i]
		share := 0.0
		if d.Wrong > 0 {
			share = 100 * float64(p.Explains) / float64(d.Wrong)
		}
		shown.Partial = append(shown.Partial, partial{p.Text, share, p.Leaves})
	}
	return shown
}
