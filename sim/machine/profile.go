package machine

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// profileEvent is one event of the Chrome trace format.
type profileEvent struct {
	Name      string         `json:"name"`
	Category  string         `json:"cat,omitempty"`
	Phase     string         `json:"ph"`
	Time      float64        `json:"ts"` // in microseconds
	Duration  *float64       `json:"dur,omitempty"`
	Process   int            `json:"pid"`
	Thread    int            `json:"tid"`
	ID        int            `json:"id,omitempty"`
	BindPoint string         `json:"bp,omitempty"`
	Args      map[string]any `json:"args,omitempty"`
}

// WriteProfile writes the timing model's course of so many steps in the Chrome trace format, which Perfetto opens: a track for each
// unit, a slice for each word while it is issued, named by the node that it computes, an arrow for each token. Times are estimates, which the file says; see
// EstimateNote. What is written grows with the steps, 1 to 1024 of them.
func WriteProfile(w io.Writer, c *xmodel.Compiled, steps int, costs Costs) error {
	m, err := New(c, Options{})
	if err != nil {
		return err
	}
	p := m.program
	if steps < 1 || steps > maxSteps {
		return fmt.Errorf("profile %d steps: 1 to %d can be shown", steps, maxSteps)
	}
	out := &profile{w: bufio.NewWriter(w), target: p.target, mhz: costs.ClockMegahertz[p.target.Name]}
	note, _ := json.Marshal(EstimateNote)
	out.printf("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"note\":%s},\"traceEvents\":[", note)
	out.event(&profileEvent{Name: "process_name", Phase: "M", Process: 1, Args: map[string]any{"name": p.target.Name + ", estimated cycles, not measured"}})
	for u := range isa.Units {
		out.event(&profileEvent{Name: "thread_name", Phase: "M", Process: 1, Thread: int(u) + 1, Args: map[string]any{"name": u.String()}})
	}
	t := &timeline{target: p.target, costs: &costs, observe: out.place}
	for i := range p.cells {
		for out.step = 0; out.step < steps && err == nil; out.step++ {
			segment := &p.cells[i].loop
			if out.step == 0 {
				segment = &p.cells[i].init
			}
			out.labels = m.labels(i, segment)
			err = t.run(segment)
		}
	}
	if err == nil {
		out.labels = nil
		err = t.run(&p.end)
	}
	if err != nil {
		return sourced(c, err)
	}
	out.printf("\n]}\n")
	if out.err == nil {
		out.err = out.w.Flush()
	}
	return out.err
}

// profile writes events; it keeps the first error.
type profile struct {
	w      *bufio.Writer
	target *isa.Target
	mhz    int
	step   int
	labels map[int]string // of the words of the segment that is placed
	events int
	arrows int
	// sent are the slices that sent the tokens under way, by sender and receiver.
	sent [isa.Units][isa.Units][]placed
	err  error
}

func (p *profile) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func (p *profile) event(e *profileEvent) {
	text, err := json.Marshal(e)
	if err != nil {
		p.err = err
		return
	}
	if p.events++; p.events > 1 {
		p.printf(",")
	}
	p.printf("\n%s", text)
}

// time is when a cycle begins, in whole nanoseconds: Perfetto counts in these, and drops slices of a track that overlap by one.
func (p *profile) time(cycle int) float64 {
	return math.Round(float64(cycle)*1000/float64(p.mhz)) / 1000
}

func (p *profile) place(at *placed) {
	word := at.segment.Words[at.word]
	u, d := word.Unit(), word.Dependencies()
	start, name := p.time(at.start), p.labels[at.word]
	busy := math.Round((p.time(at.start+at.busy)-start)*1000) / 1000
	if name == "" {
		name = fmt.Sprintf("%s %s:%d", u, at.segment.Name, at.word)
	}
	p.event(&profileEvent{
		Name: name, Category: at.segment.Name, Phase: "X",
		Time: start, Duration: &busy, Process: 1, Thread: int(u) + 1,
		Args: map[string]any{
			"step": p.step, "segment": at.segment.Name, "word": at.word, "text": isa.Format(word, p.target), "issue_cycle": at.start, "busy_cycles": at.busy,
			"completes_cycle": at.completes, "waited_cycles": at.waited,
		},
	})
	for from := range isa.Units {
		if d.On.Has(from) {
			sender := p.sent[from][u][0]
			p.sent[from][u] = p.sent[from][u][1:]
			p.arrows++
			arrow := profileEvent{Name: "token", Category: "token", Phase: "s", Time: p.time(sender.start), Process: 1, Thread: int(from) + 1, ID: p.arrows}
			p.event(&arrow)
			arrow.Phase, arrow.BindPoint, arrow.Time, arrow.Thread = "f", "e", start, int(u)+1
			p.event(&arrow)
		}
		if d.By.Has(from) {
			p.sent[u][from] = append(p.sent[u][from], *at)
		}
	}
}
