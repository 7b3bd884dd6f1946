package report

import (
	"fmt"
	"math"
	"strings"

	"rnnsim/verify"
)

// histogram is how the values of a node lie in its range.
type histogram struct {
	Place, Format string
	// Got and Want are paths over the range, Want empty where both sides have the same values; Parts is their width. Bits is a path
	// over widths, and Width how many there are.
	Got, Want string
	Parts     int
	Bits      string
	Width     int
	Low, High string // the ends of the range
	Facts     []fact
	Alt       string
}

// fact is a name with its value; Loud ones are to be seen.
type fact struct {
	Name, Value string
	Loud        bool
}

// tall is the height of a histogram in its own units.
const tall = 24

func newHistogram(n *verify.NodeStats) histogram {
	d := n.GotValues
	h := histogram{Place: placeOf(n), Format: n.Format, Parts: len(d.Parts), Width: len(d.Bits)}
	most := highest(d.Parts)
	if n.WantValues != nil {
		most = max(most, highest(n.WantValues.Parts))
		h.Want = outline(n.WantValues.Parts, most)
	}
	h.Got = bars(d.Parts, most)
	h.Bits = bars(d.Bits, highest(d.Bits))
	scale := func(v int64) string { return fmt.Sprint(v) }
	if bits, position, ok := format(n.Format); ok {
		scale = func(v int64) string { return lsbText(math.Ldexp(float64(v), -position)) }
		h.Low, h.High = lsbText(-math.Ldexp(1, bits-1-position)), lsbText(math.Ldexp(1, bits-1-position))
	}
	used := bitsUsed(d.Bits)
	h.Facts = append(h.Facts,
		fact{Name: "from, to", Value: scale(d.Smallest) + ", " + scale(d.Largest)},
		fact{Name: "bits used", Value: fmt.Sprintf("%d of %d", used, len(d.Bits))})
	h.Facts = append(h.Facts, endsOf("", d)...)
	if w := n.WantValues; w != nil {
		h.Facts = append(h.Facts, fact{Name: "wanted", Value: scale(w.Smallest) + ", " + scale(w.Largest)})
		h.Facts = append(h.Facts, endsOf("wanted, ", w)...)
	}
	h.Alt = fmt.Sprintf("%s in the range from %s to %s: %s", plural(d.Values, "value"), h.Low, h.High, h.Facts[0].Value)
	return h
}

// endsOf tells what was clamped, and what lies at the ends of the range and beyond.
func endsOf(side string, d *verify.Distribution) []fact {
	var facts []fact
	if d.Saturated > 0 {
		facts = append(facts, fact{Name: side + "clamped", Value: grouped(d.Saturated), Loud: true})
	}
	if d.AtLow > 0 || d.AtHigh > 0 {
		facts = append(facts, fact{Name: side + "at the ends", Value: grouped(d.AtLow) + ", " + grouped(d.AtHigh)})
	}
	if d.Outside > 0 {
		facts = append(facts, fact{Name: side + "outside", Value: grouped(d.Outside), Loud: true})
	}
	return facts
}

func highest(counts []int64) int64 {
	most := int64(0)
	for _, n := range counts {
		most = max(most, n)
	}
	return most
}

// bitsUsed is the most bits that a value needs.
func bitsUsed(counts []int64) int {
	used := 0
	for i, n := range counts {
		if n > 0 {
			used = i + 1
		}
	}
	return used
}

// height is that of a bar: a logarithm, so that one value is seen beside a million.
func height(n, most int64) float64 {
	if n <= 0 || most <= 0 {
		return 0
	}
	return tall * (0.1 + 0.9*math.Log1p(float64(n))/math.Log1p(float64(most)))
}

// bars is a path with a bar of width 1 for each count.
func bars(counts []int64, most int64) string {
	var path strings.Builder
	for i, n := range counts {
		if h := height(n, most); h > 0 {
			fmt.Fprintf(&path, "M%d.05 %dv-%.2fh.9v%.2fz", i, tall, h, h)
		}
	}
	return path.String()
}

// outline is a path along the tops of the bars.
func outline(counts []int64, most int64) string {
	var path strings.Builder
	fmt.Fprintf(&path, "M0 %d", tall)
	for i, n := range counts {
		fmt.Fprintf(&path, "V%.2fH%d", tall-height(n, most), i+1)
	}
	fmt.Fprintf(&path, "V%d", tall)
	return path.String()
}
