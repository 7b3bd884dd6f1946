package export

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// The text protocol of docs/protocol.md: stimuli go to a device as lines of text, which the device passes on with its answers
// among them.
const (
	protocolWord  = "rnnsim-protocol"
	protocolMagic = protocolWord + " 1"
	// maxLine is the longest line that is read: a frame of several million values.
	maxLine = 16 << 20
	// maxValues is the largest number of values of a frame, so that a frame fits into a line.
	maxValues = maxLine / 5
)

// ProtocolHeader describes the stimuli to a device.
type ProtocolHeader struct {
	// Model is the digest of the model; it may be empty.
	Model string
	// Grid is that of x, the first cell's input_0.
	Grid     fixed.Format
	Features int
	// Trace names the cells and nodes that a device can answer with.
	Trace dump.Header
}

// ProtocolWriter writes stimuli for a device.
type ProtocolWriter struct {
	text      *bufio.Writer
	header    ProtocolHeader
	sequences int
	steps     int
	line      []byte
}

// NewProtocolWriter writes the header. Close ends the stimuli; a device takes a stream without its end for one that was cut off.
func NewProtocolWriter(w io.Writer, h ProtocolHeader) (*ProtocolWriter, error) {
	p := &ProtocolWriter{text: bufio.NewWriter(w), header: h}
	if err := h.Grid.Validate(); err != nil || h.Grid.Bits > 16 || h.Features < 1 || h.Features > maxValues {
		return nil, fmt.Errorf("write stimuli: %d features of %d bits at position %d; there are up to %d of up to 16 bits", h.Features, h.Grid.Bits, h.Grid.Position, maxValues)
	}
	fmt.Fprintln(p.text, protocolMagic)
	if h.Model != "" {
		fmt.Fprintf(p.text, "model %s\n", h.Model)
	}
	fmt.Fprintf(p.text, "input %d %d %d\n", h.Features, h.Grid.Bits, h.Grid.Position)
	for i, c := range h.Trace.Cells {
		direction := "forward"
		if c.Backward {
			direction = "backward"
		}
		if err := checkToken(c.Graph); err != nil {
			return nil, fmt.Errorf("write stimuli: graph name %q: %w", c.Graph, err)
		}
		fmt.Fprintf(p.text, "cell %d %s %d %s\n", i, c.Graph, c.Layer, direction)
		for _, n := range c.Nodes {
			if err := errors.Join(checkToken(n.Name), checkToken(n.Op)); err != nil {
				return nil, fmt.Errorf("write stimuli: node %q, op %q: %w", n.Name, n.Op, err)
			}
			fmt.Fprintf(p.text, "node %d %s %d %d %d %s\n", i, n.Name, n.Width, n.Bits, n.Position, n.Op)
		}
	}
	_, err := fmt.Fprintln(p.text, "begin")
	return p, err
}

func checkToken(name string) error {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return errors.New("it is empty or has a space in it, and stands in a line of words")
	}
	return nil
}

// WriteSequence writes the steps of the next sequence. Real numbers are floored to the grid and clamped.
func (p *ProtocolWriter) WriteSequence(s dump.Sequence) error {
	for _, state := range s.Initial {
		if state.H != nil || state.C != nil {
			return fmt.Errorf("write stimuli: sequence %d has an initial state; in this protocol sequences start at zero", p.sequences)
		}
	}
	values := max(len(s.Float), len(s.Fixed))
	if values%p.header.Features != 0 || values == 0 {
		return fmt.Errorf("write stimuli: sequence %d: %d values are not one or more steps of %d features", p.sequences, values, p.header.Features)
	}
	for step := range values / p.header.Features {
		p.line = fmt.Appendf(p.line[:0], "x %d %d", p.sequences, step)
		for i := step * p.header.Features; i < (step+1)*p.header.Features; i++ {
			var v int64
			switch {
			case s.Float == nil:
				v = int64(s.Fixed[i])
			case math.IsNaN(float64(s.Float[i])):
				return fmt.Errorf("write stimuli: sequence %d, step %d: a value is not a number", p.sequences, step)
			default:
				v = fixed.Floor.Quantize(float64(s.Float[i]), p.header.Grid)
			}
			p.line = appendWord(append(p.line, ' '), v, p.header.Grid.Bits)
		}
		if _, err := p.text.Write(append(p.line, '\n')); err != nil {
			return fmt.Errorf("write stimuli: %w", err)
		}
		p.steps++
	}
	p.sequences++
	return nil
}

// Close writes the end of the stimuli.
func (p *ProtocolWriter) Close() error {
	fmt.Fprintf(p.text, "end %d\n", p.steps)
	if err := p.text.Flush(); err != nil {
		return fmt.Errorf("write stimuli: %w", err)
	}
	return nil
}
