package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"rnnsim/dump"
)

// VCDReadOptions say what a waveform does not say itself. A waveform of NewVCDSink needs neither.
type VCDReadOptions struct {
	// Map says which signals are which nodes.
	Map *SignalMap
	// Like describes the cells and the nodes' widths and formats: the header of the model's trace. Without a map, a waveform that describes
	// itself goes by that.
	Like *dump.Header
}

// VCDSource is a trace that is taken out of a waveform.
type VCDSource struct {
	reader *vcdReader
	header dump.Header
	cells  []*vcdSampler
	// signals are those that the map names, by id; pending are their changes at the time that is being read.
	signals map[string]*vcdValue
	pending []*vcdValue
	ready   []*dump.Frame
	ended   bool
	// numbered are the units of the signals that fit a pattern with one star, ascending.
	numbered map[string][]int
	// left are the nodes that have no signal.
	left []string
}

// vcdValue is what a signal holds.
type vcdValue struct {
	name      string
	width     int
	now, then []byte // the bits, before and after the changes of the time that is being read
	changed   bool
}

// OpenVCD takes the frames out of a waveform, one pass, in memory that grows with the number of declared signals only. Of a node only some of
// whose units have a signal the header says which (dump.Node.Part); nodes without any are left out, and Left names them. Errors name the
// line, or the signal.
func OpenVCD(text io.Reader, options VCDReadOptions) (*VCDSource, error) {
	s := &VCDSource{reader: &vcdReader{text: bufio.NewReaderSize(text, 1<<16), line: 1}, signals: map[string]*vcdValue{}}
	if err := s.reader.readNames(); err != nil {
		return nil, err
	}
	about := vcdHeader{}
	if s.reader.about != nil {
		if err := json.Unmarshal(s.reader.about, &about); err != nil {
			return nil, fmt.Errorf("read the VCD: its comment: %w", err)
		}
	}
	like := dump.Header{Cells: about.Cells, Meta: about.Meta}
	if options.Like != nil && (options.Map != nil || len(like.Cells) == 0) {
		like = *options.Like // a map names the model's nodes; a waveform of ours knows its own
	}
	signals := options.Map
	if signals == nil {
		signals = s.ownSignals(like)
	}
	switch {
	case len(signals.Cells) == 0:
		return nil, errors.New("read the VCD: it is no waveform that rnnsim wrote, or of another model: a map must say which signals are which nodes (--signals FILE, see rtl/README.md)")
	case len(like.Cells) == 0:
		return nil, errors.New("read the VCD: it does not say what formats its nodes have: name the model (--model)")
	}
	s.header.Meta = like.Meta
	s.numberSignals(signals)
	for i := range signals.Cells {
		if err := s.bind(&signals.Cells[i], like); err != nil {
			return nil, fmt.Errorf("read the VCD: %w", err)
		}
	}
	if len(s.cells) == 0 {
		return nil, errors.New("read the VCD: no node has a signal")
	}
	return s, nil
}

// ownSignals is the map of a waveform that NewVCDSink wrote, with the cells that it has. Other programs drop the comment that says so.
func (s *VCDSource) ownSignals(like dump.Header) *SignalMap {
	m := ownMap(like)
	m.Cells = slices.DeleteFunc(m.Cells, func(c CellSignals) bool {
		_, found := s.reader.names[c.Sample]
		return !found
	})
	return m
}

// Header describes the cells and nodes that have signals.
func (s *VCDSource) Header() dump.Header { return s.header }

// Left names, as graph.node, the nodes of the model that have no signal.
func (s *VCDSource) Left() []string { return s.left }

// Close ends the reading. What the waveform is read from stays open.
func (s *VCDSource) Close() error { return nil }

// bind finds the signals of a cell.
func (s *VCDSource) bind(c *CellSignals, like dump.Header) error {
	at := -1
	for i := range like.Cells {
		if like.Cells[i].Graph == c.Graph || c.Graph == "" && len(like.Cells) == 1 {
			at = i
		}
	}
	if at < 0 {
		return fmt.Errorf("the model has no graph %q", c.Graph)
	}
	described := like.Cells[at]
	nodes := described.Nodes
	described.Nodes, described.Params = nil, nil
	v := &vcdSampler{edge: c.Edge, index: len(s.cells)}
	for _, part := range []struct {
		name string
		to   **vcdValue
	}{{c.Sample, &v.sample}, {c.When, &v.when}, {c.Sequence, &v.sequence}, {c.Step, &v.step}, {c.Start, &v.start}} {
		if part.name == "" {
			continue
		}
		if *part.to = s.signal(part.name); *part.to == nil {
			return fmt.Errorf("there is no signal %q, which the map names", part.name)
		}
	}
	named := map[string][]ValueSignal{}
	for _, signal := range c.Values {
		named[signal.Node] = append(named[signal.Node], signal)
	}
	for _, n := range nodes {
		n.Part = nil
		parts, err := s.units(&n, named[n.Name])
		if err != nil {
			return err
		}
		delete(named, n.Name)
		if parts == nil {
			s.left = append(s.left, described.Graph+"."+n.Name)
			continue
		}
		v.nodes, described.Nodes = append(v.nodes, vcdSampled{node: n, parts: parts}), append(described.Nodes, n)
	}
	for name := range named {
		return fmt.Errorf("graph %q has no node %q, which the map names", described.Graph, name)
	}
	if len(v.nodes) > 0 {
		s.cells, s.header.Cells = append(s.cells, v), append(s.header.Cells, described)
	}
	return nil
}

// signal gives the value of a declared signal, or nil. Signals of one id share it.
func (s *VCDSource) signal(name string) *vcdValue {
	declared, ok := s.reader.names[name]
	if !ok {
		return nil
	}
	if s.signals[declared.id] == nil {
		s.signals[declared.id] = &vcdValue{name: name, width: declared.bits, now: []byte{'x'}}
	}
	return s.signals[declared.id]
}

// Next reads up to the next frame.
func (s *VCDSource) Next(f *dump.Frame) error {
	for len(s.ready) == 0 {
		if s.ended {
			return io.EOF
		}
		if err := s.readTime(); err != nil {
			return err
		}
	}
	*f, s.ready = *s.ready[0], s.ready[1:]
	return nil
}

// readTime reads the changes of one time, up to the next.
func (s *VCDSource) readTime() error {
	for {
		word, err := s.reader.next()
		if errors.Is(err, io.EOF) {
			s.ended = true
			return s.settle()
		}
		if err != nil {
			return err
		}
		switch {
		case word[0] == '#':
			return s.settle()
		case string(word) == "$comment":
			if _, err := s.reader.section(); err != nil {
				return err
			}
		case word[0] == '$': // $dumpvars and its like hold changes, up to $end
		default:
			id, bits, err := s.reader.change(word)
			if err != nil {
				return err
			}
			if v := s.signals[string(id)]; v != nil {
				if len(bits) > v.width {
					return s.reader.errorf("signal %q has %d bits, and a value of %d", v.name, v.width, len(bits))
				}
				if v.then = append(v.then[:0], bits...); !v.changed {
					v.changed = true
					s.pending = append(s.pending, v)
				}
			}
		}
	}
}

// settle takes the frames whose edge lies among the changes, and makes the changes.
func (s *VCDSource) settle() error {
	for _, after := range []bool{false, true} {
		for _, c := range s.cells {
			if after == (c.edge == Change) && c.fires(after) {
				if err := s.take(c); err != nil {
					return err
				}
			}
		}
		if !after {
			for _, v := range s.pending {
				v.now, v.then = v.then, v.now
			}
		}
	}
	for _, v := range s.pending {
		v.changed = false
	}
	s.pending = s.pending[:0]
	return nil
}

func (s *VCDSource) take(c *vcdSampler) error {
	f, err := c.take()
	if err != nil {
		return s.reader.errorf("%w", err)
	}
	if f != nil {
		s.ready = append(s.ready, f)
	}
	return nil
}
