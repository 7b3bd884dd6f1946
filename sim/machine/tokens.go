package machine

import (
	"fmt"

	"rnnsim/xmodel"
)

// HazardKind is what two accesses that no token orders do to each other.
type HazardKind int

// The kinds of hazards.
const (
	ReadAfterWrite HazardKind = iota
	WriteAfterRead
	WriteAfterWrite
)

// String gives the usual short name.
func (k HazardKind) String() string { return [...]string{"RAW", "WAR", "WAW"}[k] }

// Site is one execution of a word.
type Site struct {
	Segment string
	Word    int
	Step    int    // in execution order; the number of steps for the end segment
	Text    string // the mnemonic
}

// String gives "segment loop, word 17 (add) at step 2".
func (s Site) String() string {
	return fmt.Sprintf("segment %s, word %d (%s) at step %d", s.Segment, s.Word, s.Text, s.Step)
}

// Token is a dependency token: From sends it when it completes, To waits for it. In a TokenReport one of the two may be empty.
type Token struct{ From, To Site }

// Race is two accesses to one place that no token orders although one of them writes.
type Race struct {
	Kind          HazardKind
	First, Second Site // in the order of the program
	// Bank is "ddr", or a bank by its name (isa.Place). The bytes From up to To of it are touched by both.
	Bank     string
	From, To int
}

// String names the race: kind, words, bank, addresses.
func (r Race) String() string {
	return fmt.Sprintf("%s: %s and %s: nothing orders their accesses to bytes %#x to %#x of %s", r.Kind, r.First, r.Second, r.From, r.To-1, r.Bank)
}

// TokenReport is what the tokens of a program do, followed as units would that run in parallel, each in order.
type TokenReport struct {
	Steps  int
	Words  int // executions that were followed
	Tokens int // of them, those that found who consumes them
	// Left are tokens that nobody consumes (To is empty but for Text, the unit). Missing are waits for a token that nobody sends (From
	// likewise). Late are tokens that are sent later in the program than they are consumed: units with queues that are long enough
	// cope, and a sequential executor does not. How long the queues are is not known [?].
	Left, Missing, Late []Token
	// Deadlock holds the words at which units stand for ever, waiting for each other.
	Deadlock []Site
	Races    []Race
}

// Clean tells whether nothing is wrong.
func (r *TokenReport) Clean() bool { return len(r.Findings()) == 0 }

// Findings says in a line each what is wrong.
func (r *TokenReport) Findings() []string {
	var all []string
	for _, t := range r.Missing {
		all = append(all, fmt.Sprintf("token missing: %s waits for one from %s that nothing sends", t.To, t.From.Text))
	}
	for _, t := range r.Left {
		all = append(all, fmt.Sprintf("token left over: %s sends one to %s that nothing consumes", t.From, t.To.Text))
	}
	for _, t := range r.Late {
		all = append(all, fmt.Sprintf("token late: %s waits for one that %s sends only later in the program", t.To, t.From))
	}
	for _, s := range r.Deadlock {
		all = append(all, fmt.Sprintf("deadlock: %s never starts", s))
	}
	for _, race := range r.Races {
		all = append(all, race.String())
	}
	return all
}

// maxSteps bounds the steps that are unrolled, which differ from each other only in the registers; maxUnrolled their words, and
// maxTouched what they touch.
const (
	maxSteps    = 1 << 10
	maxUnrolled = 1 << 20
	maxTouched  = 1 << 26
)

// touched counts the granules that executions read and write.
func touched(all []executed) int {
	n := 0
	for i := range all {
		for _, spans := range [][]span{all[i].reads, all[i].writes} {
			for _, s := range spans {
				n += (s.to - s.from) / granule
			}
		}
	}
	return n
}

// CheckTokens follows the dependency tokens of init, the loop for each later step, and end. Hazards are looked for in all banks and
// in memory. Three or four steps show all that a loop can do to itself. Errors are those of New, or of a number of steps that is
// not 1 to 1024.
func CheckTokens(c *xmodel.Compiled, steps int) (*TokenReport, error) {
	p, err := decode(c)
	if err != nil {
		return nil, sourced(c, err)
	}
	if steps < 1 || steps > maxSteps {
		return nil, fmt.Errorf("check tokens of %d steps: 1 to %d can be followed, and a few show all", steps, maxSteps)
	}
	if n := p.words() * steps; n > maxUnrolled {
		return nil, sourced(c, fmt.Errorf("check tokens of %d steps: %d words in all, more than the %d that are followed; take fewer steps", steps, n, maxUnrolled))
	}
	all := p.unroll(steps, true)
	if n := touched(all); n > maxTouched {
		return nil, sourced(c, fmt.Errorf("check tokens of %d steps: %d words touch %d places, more than the %d that are followed; take fewer steps", steps, len(all), n, maxTouched))
	}
	return newTokenCheck(all, steps).report(-1), nil
}

// tokenCheck is the part of a check that stays the same when a token is left out.
type tokenCheck struct {
	steps         int
	all           []executed
	paired        []token
	left, missing []lonely
	conflicts     []conflict
}

func newTokenCheck(all []executed, steps int) *tokenCheck {
	t := &tokenCheck{steps: steps, all: all}
	t.paired, t.left, t.missing = pairTokens(t.all)
	t.conflicts = conflicts(t.all)
	return t
}

func (t *tokenCheck) site(n int) Site {
	e := &t.all[n]
	return Site{Segment: e.segment.Name, Word: e.word, Step: e.step, Text: e.Unit().String()}
}

// report judges the program without one of its tokens; -1 leaves out none.
func (t *tokenCheck) report(without int) *TokenReport {
	r := &TokenReport{Steps: t.steps, Words: len(t.all), Tokens: len(t.paired)}
	for _, l := range t.left {
		r.Left = append(r.Left, Token{From: t.site(l.at), To: Site{Text: l.unit.String()}})
	}
	for _, l := range t.missing {
		r.Missing = append(r.Missing, Token{From: Site{Text: l.unit.String()}, To: t.site(l.at)})
	}
	for i, k := range t.paired {
		if i != without && k.from >= k.to {
			r.Late = append(r.Late, Token{From: t.site(k.from), To: t.site(k.to)})
		}
	}
	o := newOrder(t.all, t.paired, without)
	for _, n := range o.deadlock {
		r.Deadlock = append(r.Deadlock, t.site(n))
	}
	for _, c := range t.conflicts {
		if o.started[c.second] && !o.before(c.first, c.second) {
			r.Races = append(r.Races, Race{
				Kind: c.kind, First: t.site(c.first), Second: t.site(c.second),
				Bank: c.where.space.String(), From: c.where.from, To: c.where.to,
			})
		}
	}
	return r
}
