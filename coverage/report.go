package coverage

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Report is the coverage of a stimulus.
type Report struct {
	Sequences int `json:"sequences"`
	Frames    int `json:"frames"`
	// Bins is how many there are; each is hit, proved unreachable, or missed.
	Bins        int    `json:"bins"`
	Hit         int    `json:"hit"`
	Unreachable int    `json:"unreachable"`
	Missed      int    `json:"missed"`
	Nodes       []Node `json:"nodes"`
}

// Node is the bins of a node.
type Node struct {
	Graph string `json:"graph"`
	Name  string `json:"name"`
	Op    string `json:"op"`
	Bins  []Bin  `json:"bins"`
}

func (k *collector) report(sequences int) *Report {
	r := &Report{Sequences: sequences, Frames: k.frames}
	for _, c := range k.cells {
		for _, n := range c.nodes {
			for i := range n.seen {
				bin := &n.seen[i]
				bin.Unreachable = !n.reachable[i]
				r.Bins++
				switch {
				case bin.Hit:
					r.Hit++
				case bin.Unreachable:
					r.Unreachable++
				default:
					r.Missed++
				}
			}
			r.Nodes = append(r.Nodes, Node{Graph: c.graph, Name: n.info.Name, Op: n.info.Op, Bins: n.seen})
		}
	}
	return r
}

// Percent is the part of the bins that are not proved unreachable which were hit.
func (r *Report) Percent() float64 {
	if r.Hit+r.Missed == 0 {
		return 100
	}
	return 100 * float64(r.Hit) / float64(r.Hit+r.Missed)
}

// WriteText writes a line a node, and below it the bins that were missed.
func (r *Report) WriteText(w io.Writer) error {
	var text strings.Builder
	graph := ""
	for _, n := range r.Nodes {
		if n.Graph != graph {
			graph = n.Graph
			fmt.Fprintf(&text, "%s\n", graph)
		}
		hit, unreachable := 0, 0
		var missed []string
		for _, b := range n.Bins {
			switch {
			case b.Hit:
				hit++
			case b.Unreachable:
				unreachable++
			default:
				missed = append(missed, b.Name)
			}
		}
		fmt.Fprintf(&text, "  %-28s %2d hit, %2d unreachable, %2d missed\n", n.Name, hit, unreachable, len(missed))
		for _, name := range missed {
			fmt.Fprintf(&text, "    missed: %s\n", name)
		}
	}
	fmt.Fprintf(&text, "%d of %d bins hit, %d proved unreachable, %d missed: %.1f %% of what can be hit\n", r.Hit, r.Bins, r.Unreachable, r.Missed, r.Percent())
	_, err := io.WriteString(w, text.String())
	return err
}

// WriteJSON writes the report as one indented document, with a newline at its end.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}
