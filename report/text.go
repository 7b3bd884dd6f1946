package report

import (
	"fmt"
	"strconv"

	"rnnsim/internal/words"
	"rnnsim/verify"
)

func grouped(n any) string {
	switch n := n.(type) {
	case int:
		return words.Grouped(int64(n))
	case int64:
		return words.Grouped(n)
	}
	return fmt.Sprint(n)
}

func plural(n any, noun string) string {
	if n, ok := n.(int); ok {
		return words.Plural(int64(n), noun)
	}
	count, _ := n.(int64)
	return words.Plural(count, noun)
}

func realText(v float64) string { return strconv.FormatFloat(v, 'g', 9, 64) }

// lsbText writes a distance in LSB.
func lsbText(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

func sqnrText(v *float64) string {
	if v == nil {
		return "–"
	}
	return strconv.FormatFloat(*v, 'f', 1, 64)
}

// signed writes a difference with its sign.
func signed(v float64) string {
	if v > 0 {
		return "+" + realText(v)
	}
	return realText(v)
}

// decimal is a value as the trace holds it.
func decimal(v verify.Value) string {
	if v.Float {
		return realText(v.Real)
	}
	return strconv.FormatInt(v.Int, 10)
}

// format reads the form [bits,position] of a fixed-point format.
func format(text string) (bits, position int, ok bool) {
	n, err := fmt.Sscanf(text, "[%d,%d]", &bits, &position)
	return bits, position, err == nil && n == 2 && bits >= 1 && bits <= 64 && position > -1024 && position < 1024
}

func direction(backward bool) string {
	if backward {
		return "bwd"
	}
	return "fwd"
}

// placeOf names a node by its cell: 0.fwd.h_next.
func placeOf(n *verify.NodeStats) string {
	return fmt.Sprintf("%d.%s.%s", n.Layer, direction(n.Backward), n.Node)
}
