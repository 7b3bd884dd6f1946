package export

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"rnnsim/dump"
	"rnnsim/internal/numberset"
)

// ProtocolOptions are how a device's answers are read.
type ProtocolOptions struct {
	// KeepStimuli keeps the x that the device was given, for Stimuli. Memory then grows with them, and their sequences must ascend.
	KeepStimuli bool
}

// ProtocolSource is a trace that comes from a device by the text protocol, line by line.
type ProtocolSource struct {
	text    *bufio.Reader
	line    int
	buffer  []byte
	options ProtocolOptions

	header  ProtocolHeader
	trace   dump.Header
	nodes   map[nodeKey]*dump.Node
	answers map[int]*answer // by cell of the header

	frame   dump.Frame
	x       framePosition // of the last line of x
	given   numberset.Set // sequences that x was of
	steps   int
	stimuli []dump.Sequence
	ended   bool
}

type nodeKey struct {
	cell int
	name string
}

// answer is what the frames of a cell hold.
type answer struct {
	index  int // in the trace
	cell   dump.Cell
	values int
	order  dump.Order
}

// OpenProtocol reads the header of a device's answers. Errors name the line.
func OpenProtocol(r io.Reader, options ProtocolOptions) (*ProtocolSource, error) {
	s := &ProtocolSource{
		text: bufio.NewReaderSize(r, 1<<16), options: options,
		nodes: map[nodeKey]*dump.Node{}, answers: map[int]*answer{}, x: noFrame,
	}
	if err := s.readHeader(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *ProtocolSource) errorf(format string, arguments ...any) error {
	return fmt.Errorf("read the device's answers, line %d: %w", s.line, fmt.Errorf(format, arguments...))
}

// readLine gives the next line that is neither empty nor a comment.
func (s *ProtocolSource) readLine() ([]byte, error) {
	for {
		s.buffer = s.buffer[:0]
		s.line++
		for {
			part, err := s.text.ReadSlice('\n')
			s.buffer = append(s.buffer, part...)
			if len(s.buffer) > maxLine {
				return nil, s.errorf("it has more than %d bytes", maxLine)
			}
			if err == nil {
				break
			}
			if errors.Is(err, io.EOF) {
				return nil, s.errorf("the text ends without a line of end: the device, or what gave it stimuli, has stopped early")
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				return nil, s.errorf("%w", err)
			}
		}
		if line := bytes.TrimSpace(s.buffer); len(line) > 0 && line[0] != '#' {
			return line, nil
		}
	}
}

// Header describes the cells and nodes that the device answers with.
func (s *ProtocolSource) Header() dump.Header { return s.trace }

// Protocol is the header of the stimuli that the device was given.
func (s *ProtocolSource) Protocol() ProtocolHeader { return s.header }

// Stimuli are the sequences that the device has passed on so far; after the last frame they are all.
func (s *ProtocolSource) Stimuli() []dump.Sequence { return s.stimuli }

// Close ends the reading. What the answers are read from stays open.
func (s *ProtocolSource) Close() error { return nil }

// Next reads up to the next answer.
func (s *ProtocolSource) Next(f *dump.Frame) error {
	for !s.ended {
		line, err := s.readLine()
		if err != nil {
			return err
		}
		kind, rest, _ := bytes.Cut(line, []byte(" "))
		switch string(kind) {
		case "x":
			if err := s.readX(rest); err != nil {
				return s.errorf("%w", err)
			}
		case "y":
			if err := s.readY(rest); err != nil {
				return s.errorf("%w", err)
			}
			*f = s.frame
			return nil
		case "end":
			n, err := integers(bytes.TrimSpace(rest))
			if err != nil {
				return s.errorf("%w", err)
			}
			if s.ended = true; n[0] != s.steps {
				return s.errorf("the stimuli had %d lines of x, and the device has passed on %d", n[0], s.steps)
			}
		default:
			return s.errorf("%q: a line of x, y or end is wanted", clip(line))
		}
	}
	return io.EOF
}

// nextWord cuts the first word off a line.
func nextWord(line []byte) (word, rest []byte) {
	line = bytes.TrimLeft(line, " \t")
	if at := bytes.IndexAny(line, " \t"); at >= 0 {
		return line[:at], line[at:]
	}
	return line, nil
}

func readNumbers(line []byte, numbers ...*int) (rest []byte, err error) {
	for _, to := range numbers {
		var word []byte
		word, line = nextWord(line)
		n, err := integers(word)
		if err != nil {
			return nil, err
		}
		if *to = n[0]; n[0] < 0 {
			return nil, fmt.Errorf("%d is no number of a cell, a sequence or a step", n[0])
		}
	}
	return line, nil
}

func readValues(values []int16, line []byte, width, bits int) (_ []int16, rest []byte, err error) {
	for i := range width {
		var word []byte
		if word, line = nextWord(line); len(word) == 0 {
			return nil, nil, fmt.Errorf("it ends after %d of %d values", i, width)
		}
		v, err := parseWord(word, bits)
		if err != nil {
			return nil, nil, err
		}
		values = append(values, int16(v))
	}
	return values, line, nil
}

// readX reads a step of the stimuli, which the device has passed on.
func (s *ProtocolSource) readX(line []byte) error {
	var p framePosition
	line, err := readNumbers(line, &p.sequence, &p.step)
	if err != nil {
		return err
	}
	follows := p.sequence == s.x.sequence && p.step == s.x.step+1
	if !follows && p.step == 0 && (p.sequence == s.x.sequence+1 || !s.options.KeepStimuli) {
		follows = s.given.Add(p.sequence)
	}
	if !follows {
		return fmt.Errorf("x of sequence %d, step %d comes after sequence %d, step %d", p.sequence, p.step, s.x.sequence, s.x.step)
	}
	if p.step == 0 && s.options.KeepStimuli {
		s.stimuli = append(s.stimuli, dump.Sequence{})
	}
	s.x = p
	s.steps++
	var into []int16
	if s.options.KeepStimuli {
		into = s.stimuli[len(s.stimuli)-1].Fixed
	}
	values, line, err := readValues(into, line, s.header.Features, s.header.Grid.Bits)
	if err != nil {
		return fmt.Errorf("x of sequence %d, step %d: %w", p.sequence, p.step, err)
	}
	if s.options.KeepStimuli {
		s.stimuli[len(s.stimuli)-1].Fixed = values
	}
	return expectNothing(line)
}

// readY reads a frame.
func (s *ProtocolSource) readY(line []byte) error {
	var cell int
	var p framePosition
	line, err := readNumbers(line, &cell, &p.sequence, &p.step)
	if err != nil {
		return err
	}
	a := s.answers[cell]
	if a == nil {
		return fmt.Errorf("a frame of cell %d, which the header has no line of yields for", cell)
	}
	if err := a.order.Take(p.sequence, p.step); err != nil {
		return fmt.Errorf("cell %d: %w", cell, err)
	}
	s.frame.Cell, s.frame.Sequence, s.frame.Step = a.index, p.sequence, p.step
	for len(s.frame.Fixed) < len(a.cell.Nodes) {
		s.frame.Fixed = append(s.frame.Fixed, nil)
	}
	s.frame.Fixed = s.frame.Fixed[:len(a.cell.Nodes)]
	for i, n := range a.cell.Nodes {
		s.frame.Fixed[i], line, err = readValues(s.frame.Fixed[i][:0], line, n.Width, n.Bits)
		if err != nil {
			return fmt.Errorf("cell %d, sequence %d, step %d, node %q: %w", cell, p.sequence, p.step, n.Name, err)
		}
	}
	return expectNothing(line)
}

func expectNothing(line []byte) error {
	if word, _ := nextWord(line); len(word) > 0 {
		return fmt.Errorf("%q stands behind the last value", clip(word))
	}
	return nil
}
