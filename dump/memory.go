package dump

import (
	"io"
	"slices"
)

// resize gives the frame a slot a node: in Fixed where one of the nodes is an integer, in Float where one is not.
func (f *Frame) resize(nodes []Node) {
	fixed := slices.ContainsFunc(nodes, func(n Node) bool { return !n.Float })
	float := slices.ContainsFunc(nodes, func(n Node) bool { return n.Float })
	f.Fixed, f.Float, f.Saturations = resize(f.Fixed, len(nodes), fixed), resize(f.Float, len(nodes), float), nil
}

func resize[T any](slots [][]T, n int, wanted bool) [][]T {
	if !wanted {
		return nil
	}
	slots = slices.Grow(slots[:0], n)[:n]
	clear(slots)
	return slots
}

// Clone gives a frame that shares nothing with f.
func (f *Frame) Clone() *Frame {
	c := &Frame{Cell: f.Cell, Sequence: f.Sequence, Step: f.Step, Saturations: slices.Clone(f.Saturations)}
	for _, values := range f.Fixed {
		c.Fixed = append(c.Fixed, slices.Clone(values))
	}
	for _, values := range f.Float {
		c.Float = append(c.Float, slices.Clone(values))
	}
	return c
}

// Memory is a trace in memory: a sink that keeps what it gets. It is meant for tests and for short runs.
type Memory struct {
	Header  Header
	Frames  []*Frame
	checker *frameChecker
	Closed  bool
}

// NewMemory gives an empty trace.
func NewMemory() *Memory { return &Memory{} }

// Begin keeps the header.
func (m *Memory) Begin(h Header) error {
	m.Header, m.Frames, m.checker = h, nil, newFrameChecker(h)
	return nil
}

// Write keeps a copy of the frame.
func (m *Memory) Write(f *Frame) error {
	if err := m.checker.check(f); err != nil {
		return err
	}
	m.Frames = append(m.Frames, f.Clone())
	return nil
}

// Close marks the trace as whole.
func (m *Memory) Close() error {
	m.Closed = true
	return nil
}

// Abort drops the frames.
func (m *Memory) Abort() error {
	m.Frames = nil
	return nil
}

// Source yields the frames in the order in which they came.
func (m *Memory) Source() Source { return &memorySource{header: m.Header, frames: m.Frames} }

// NewSource gives a source of frames that lie in memory, in the order given.
func NewSource(h Header, frames []*Frame) Source { return &memorySource{header: h, frames: frames} }

type memorySource struct {
	header Header
	frames []*Frame
}

func (s *memorySource) Header() Header { return s.header }

func (s *memorySource) Next(f *Frame) error {
	if len(s.frames) == 0 {
		return io.EOF
	}
	*f = *s.frames[0].Clone()
	s.frames = s.frames[1:]
	return nil
}

func (s *memorySource) Close() error { return nil }
