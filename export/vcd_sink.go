package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"rnnsim/dump"
	"rnnsim/internal/atomicfile"
)

// VCDOptions select what a waveform shows.
type VCDOptions struct {
	// Nodes are patterns (path.Match) of names of nodes; nil is all.
	Nodes []string
	// Units are the values of each node; nil is all.
	Units []int
}

// vcdHeader is what a waveform of ours says of itself, in a comment: the trace's header without parameters, with the
// units that are shown where they are not all.
type vcdHeader struct {
	Cells []dump.Cell       `json:"cells"`
	Meta  map[string]string `json:"meta,omitempty"`
	Units []int             `json:"units,omitempty"`
}

const (
	vcdMark  = "rnnsim-vcd "
	vcdScope = "rnnsim"
	// frameTime is the time from one frame to the next; frame rises with the frame and falls half way to the next.
	frameTime = 10
)

// VCDSink writes a trace as a waveform (IEEE 1364, value change dump). Frames follow one another in the order of the trace, each
// frameTime later than the one before; a graph's signal frame rises with each of its frames. The file appears under its name
// on Close.
type VCDSink struct {
	options VCDOptions
	pipe    *io.PipeWriter
	done    chan error
	text    *bufio.Writer
	cells   []*vcdCell
	time    int64
}

type vcdCell struct {
	frame, sequence, step vcdSignal
	nodes                 []vcdNode
	widths                []int // of all nodes of the trace
}

type vcdNode struct {
	index   int   // in the trace
	places  []int // of the values that are shown
	signals []vcdSignal
}

type vcdSignal struct {
	id    string
	bits  int
	value int64
	known bool
}

// NewVCDSink prepares a waveform file.
func NewVCDSink(file string, options VCDOptions) *VCDSink {
	s := &VCDSink{options: options, done: make(chan error, 1)}
	reader, writer := io.Pipe()
	s.pipe, s.text = writer, bufio.NewWriterSize(writer, 1<<16)
	go func() {
		err := atomicfile.Write(file, func(w io.Writer) error {
			_, err := io.Copy(w, reader)
			return err
		})
		reader.CloseWithError(err) // whoever still writes learns of it
		s.done <- err
	}()
	return s
}

// Begin writes the signals' names.
func (s *VCDSink) Begin(h dump.Header) error {
	said := vcdHeader{Meta: h.Meta, Units: s.options.Units}
	matched := make([]bool, len(s.options.Nodes))
	var scopes strings.Builder
	next := 0
	signal := func(kind, name string, bits int) vcdSignal {
		v := vcdSignal{id: vcdID(next), bits: bits}
		next++
		fmt.Fprintf(&scopes, "$var %s %d %s %s $end\n", kind, bits, v.id, name)
		return v
	}
	for _, c := range h.Cells {
		if err := checkToken(c.Graph); err != nil {
			return fmt.Errorf("write a VCD: graph name %q: %w", c.Graph, err)
		}
		cell := &vcdCell{}
		fmt.Fprintf(&scopes, "$scope module %s $end\n", c.Graph)
		cell.frame, cell.sequence, cell.step = signal("wire", "frame", 1), signal("integer", "sequence", 32), signal("integer", "step", 32)
		shown := dump.Cell{Graph: c.Graph, Layer: c.Layer, Backward: c.Backward}
		for i, n := range c.Nodes {
			cell.widths = append(cell.widths, n.Width)
			selected, err := s.selects(n.Name, matched)
			if err != nil {
				return err
			}
			if !selected {
				continue
			}
			if err := checkToken(n.Name); err != nil || n.Float {
				return fmt.Errorf("write a VCD: node %q: it has a space in its name, or holds floats", n.Name)
			}
			node := vcdNode{index: i}
			fmt.Fprintf(&scopes, "$scope module %s $end\n", n.Name)
			for place := range n.Width {
				unit := unitAt(&n, place)
				if s.options.Units != nil && !slices.Contains(s.options.Units, unit) {
					continue
				}
				node.places, node.signals = append(node.places, place), append(node.signals, signal("wire", fmt.Sprintf("u%d", unit), n.Bits))
			}
			fmt.Fprintf(&scopes, "$upscope $end\n")
			if n.Part != nil {
				n.Width, n.Part = n.Part.Of, nil // which are there is to be seen from the signals
			}
			cell.nodes, shown.Nodes = append(cell.nodes, node), append(shown.Nodes, n)
		}
		fmt.Fprintf(&scopes, "$upscope $end\n")
		s.cells, said.Cells = append(s.cells, cell), append(said.Cells, shown)
	}
	for i, ok := range matched {
		if !ok {
			return fmt.Errorf("write a VCD: no cell has a node that matches %q", s.options.Nodes[i])
		}
	}
	text, err := json.Marshal(said)
	if err != nil {
		return fmt.Errorf("write a VCD: %w", err)
	}
	// A dollar would end the comment early.
	about := strings.ReplaceAll(strings.ReplaceAll(string(text), "$", `\u0024`), " ", `\u0020`)
	fmt.Fprintf(s.text, "$comment %s%s $end\n$timescale 1ns $end\n$scope module %s $end\n%s$upscope $end\n$enddefinitions $end\n", vcdMark, about, vcdScope, scopes.String())
	fmt.Fprintf(s.text, "#0\n$dumpvars\n")
	for _, c := range s.cells {
		s.set(&c.frame, 0)
	}
	_, err = fmt.Fprintf(s.text, "$end\n")
	return err
}

func (s *VCDSink) selects(name string, matched []bool) (selected bool, err error) {
	selected = s.options.Nodes == nil
	for i, pattern := range s.options.Nodes {
		ok, err := path.Match(pattern, name)
		if err != nil {
			return false, fmt.Errorf("pattern of node names %q: %w", pattern, err)
		}
		matched[i] = matched[i] || ok
		selected = selected || ok
	}
	return selected, nil
}

// vcdID gives the short name of a signal: a number in the printable characters.
func vcdID(n int) string {
	const first, count = '!', '~' - '!' + 1
	id := []byte{byte(first + n%count)}
	for n /= count; n > 0; n /= count {
		n--
		id = append(id, byte(first+n%count))
	}
	return string(id)
}

// set writes a value where it is not that of before.
func (s *VCDSink) set(v *vcdSignal, value int64) {
	if v.known && v.value == value {
		return
	}
	v.known, v.value = true, value
	if v.bits == 1 {
		fmt.Fprintf(s.text, "%d%s\n", value&1, v.id)
		return
	}
	fmt.Fprintf(s.text, "b%0*b %s\n", v.bits, uint64(value)&(1<<v.bits-1), v.id)
}

// Write shows a frame.
func (s *VCDSink) Write(f *dump.Frame) error {
	if f.Cell < 0 || f.Cell >= len(s.cells) || len(f.Fixed) != len(s.cells[f.Cell].widths) {
		return fmt.Errorf("write a VCD: a frame of cell %d with %d nodes, which is not in the header", f.Cell, len(f.Fixed))
	}
	c := s.cells[f.Cell]
	s.time += frameTime
	fmt.Fprintf(s.text, "#%d\n", s.time)
	s.set(&c.sequence, int64(f.Sequence))
	s.set(&c.step, int64(f.Step))
	for i := range c.nodes {
		n := &c.nodes[i]
		values := f.Fixed[n.index]
		if len(values) != c.widths[n.index] {
			return fmt.Errorf("write a VCD: node %d has %d values, not %d", n.index, len(values), c.widths[n.index])
		}
		for k, place := range n.places {
			s.set(&n.signals[k], int64(values[place]))
		}
	}
	s.set(&c.frame, 1)
	fmt.Fprintf(s.text, "#%d\n", s.time+frameTime/2)
	s.set(&c.frame, 0)
	if _, err := s.text.Write(nil); err != nil { // the first error of a buffered writer stays
		return fmt.Errorf("write a VCD: %w", err)
	}
	return nil
}

// Close ends the waveform and gives it its name.
func (s *VCDSink) Close() error {
	fmt.Fprintf(s.text, "#%d\n", s.time+frameTime)
	flush := s.text.Flush()
	return errors.Join(flush, s.pipe.CloseWithError(flush), <-s.done)
}

var errAborted = errors.New("aborted")

// Abort drops the waveform.
func (s *VCDSink) Abort() error {
	_ = s.pipe.CloseWithError(errAborted)
	if err := <-s.done; !errors.Is(err, errAborted) {
		return err
	}
	return nil
}
