package directed

import (
	"fmt"
	"io"
	"strings"
)

// WriteText says which targets the sequences hit, which were not reached, and how many nothing can reach.
func (r *Result) WriteText(w io.Writer) error {
	var text strings.Builder
	graphs := map[string]bool{}
	for i := range r.Targets {
		graphs[r.Targets[i].Graph] = true
	}
	hit, missed := 0, 0
	var unreachable []string
	for i := range r.Targets {
		f := &r.Targets[i]
		name := f.Target.String()
		if len(graphs) > 1 {
			name = f.Graph + "/" + name
		}
		switch {
		case f.Hit:
			hit++
			fmt.Fprintf(&text, "reached      %s: sequence %d, step %d\n", name, f.Sequence, f.Step)
		case f.Unreachable:
			unreachable = append(unreachable, name)
		case f.Tries == 1:
			missed++
			fmt.Fprintf(&text, "not reached  %s: it takes real numbers off the grid of x\n", name)
		default:
			missed++
			fmt.Fprintf(&text, "not reached  %s: %d sequences tried, the nearest %d away\n", name, f.Tries, f.Nearest)
		}
	}
	for _, name := range unreachable {
		fmt.Fprintf(&text, "unreachable  %s: proved for every input\n", name)
	}
	fmt.Fprintf(&text, "%d bins: %d reached, %d not, %d proved unreachable\n", len(r.Targets), hit, missed, len(unreachable))
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("print what the stimuli reach: %w", err)
	}
	return nil
}
