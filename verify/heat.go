package verify

import (
	"fmt"
	"math"
	"strings"
)

// Heat is the largest |delta| of a node in LSB over steps and units, in a table of bounded size: where a run is longer or a node
// wider, neighbours share a field.
type Heat struct {
	// StepsAField and UnitsAField are how many steps and units share a field.
	StepsAField int `json:"steps_a_field"`
	UnitsAField int `json:"units_a_field"`
	// Rows are the steps; Rows[i][j] is the field's largest |delta|.
	Rows [][]float32 `json:"rows"`

	width int
}

const (
	maxHeatRows    = 64
	maxHeatColumns = 128
)

func newHeat(width int) *Heat {
	h := &Heat{StepsAField: 1, UnitsAField: 1, width: width}
	for (width+h.UnitsAField-1)/h.UnitsAField > maxHeatColumns {
		h.UnitsAField *= 2
	}
	return h
}

func (h *Heat) add(step, unit int, delta float64) {
	for step/h.StepsAField >= maxHeatRows {
		h.halve()
	}
	row := step / h.StepsAField
	for len(h.Rows) <= row {
		h.Rows = append(h.Rows, make([]float32, max(1, (h.width+h.UnitsAField-1)/h.UnitsAField)))
	}
	if column := unit / h.UnitsAField; column < len(h.Rows[row]) {
		h.Rows[row][column] = max(h.Rows[row][column], float32(min(delta, math.MaxFloat32)))
	}
}

// halve lets two rows share one.
func (h *Heat) halve() {
	for i := 1; i < len(h.Rows); i++ {
		to := h.Rows[i/2]
		if i%2 == 0 {
			copy(to, h.Rows[i])
			continue
		}
		for j, v := range h.Rows[i] {
			to[j] = max(to[j], v)
		}
	}
	h.Rows = h.Rows[:(len(h.Rows)+1)/2]
	h.StepsAField *= 2
}

// heatLevels are the marks of growing deltas: none, one LSB, then up to 16, 256 and more.
var heatLevels = []struct {
	upTo float32
	mark rune
	text string
}{{0, '·', "0"}, {1, '░', "1 LSB"}, {16, '▒', "to 16"}, {256, '▓', "to 256"}, {1 << 30, '█', "more"}}

// Text draws the table in so many columns of a terminal: a line a step, a mark a unit. Steps and units that do not fit share
// a mark, which shows the largest of them.
func (h *Heat) Text(columns int) []string {
	const margin, mostLines = 10, 16
	if len(h.Rows) == 0 || columns <= margin {
		return nil
	}
	fold := func(n, most int) int { return (n + most - 1) / most }
	tall, wide := fold(len(h.Rows), mostLines), fold(len(h.Rows[0]), columns-margin)
	var lines []string
	for at := 0; at < len(h.Rows); at += tall {
		var line strings.Builder
		fmt.Fprintf(&line, "%*d ", margin-2, at*h.StepsAField)
		for left := 0; left < len(h.Rows[0]); left += wide {
			var largest float32
			for _, row := range h.Rows[at:min(at+tall, len(h.Rows))] {
				for _, v := range row[left:min(left+wide, len(row))] {
					largest = max(largest, v)
				}
			}
			line.WriteRune(heatMark(largest))
		}
		lines = append(lines, line.String())
	}
	return append(lines, fmt.Sprintf("%*s %s", margin-2, "", h.scale(tall, wide)))
}

func heatMark(v float32) rune {
	for _, level := range heatLevels {
		if v <= level.upTo {
			return level.mark
		}
	}
	return heatLevels[len(heatLevels)-1].mark
}

func (h *Heat) scale(tall, wide int) string {
	text := fmt.Sprintf("line: %s, mark: %s; |delta|", plural(int64(tall*h.StepsAField), "step"), plural(int64(wide*h.UnitsAField), "unit"))
	for _, level := range heatLevels {
		text += fmt.Sprintf(" %c %s", level.mark, level.text)
	}
	return text
}

// enoughColumns is the narrowest terminal that gets heat maps.
const enoughColumns = 80

// heats draws the nodes that differ, the first few.
func (t *textWriter) heats(c *Comparison) {
	const most = 3
	if t.options.Columns < enoughColumns {
		return
	}
	drawn := 0
	for i := range c.Nodes {
		n := &c.Nodes[i]
		if n.Heat == nil || n.Different == 0 {
			continue
		}
		if drawn++; drawn > most {
			t.linef("%sand more nodes differ", indent)
			return
		}
		t.linef("%s%s by step and unit", indent, n.place())
		for _, line := range n.Heat.Text(t.options.Columns - len(indent)) {
			t.linef("%s%s", indent, line)
		}
	}
}
