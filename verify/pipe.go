package verify

import (
	"errors"
	"io"
	"sync"

	"rnnsim/dump"
)

// pipeDepth is how many frames a producer may be ahead of who reads from it.
const pipeDepth = 64

// errPipeClosed is what a producer gets when nobody reads any more.
var errPipeClosed = errors.New("nobody reads these frames any more")

// errAborted is what a reader gets when the producer gave up without saying why.
var errAborted = errors.New("the run was aborted")

// Pipe joins a producer of frames to a reader of frames without storing them: what is written to the sink comes out of the
// source, a bounded number of frames later. The sink and the source are each used by one goroutine. Closing the source frees
// a producer that waits; its next Write fails.
func Pipe() (*PipeSink, *PipeSource) {
	p := &pipe{
		begun:  make(chan struct{}),
		frames: make(chan *dump.Frame, pipeDepth),
		free:   make(chan *dump.Frame, pipeDepth),
		closed: make(chan struct{}),
	}
	return &PipeSink{pipe: p}, &PipeSource{pipe: p}
}

type pipe struct {
	begin  sync.Once
	begun  chan struct{} // closed when header is set, or the producer ended without one
	header dump.Header

	frames chan *dump.Frame
	free   chan *dump.Frame // frames whose memory can be used again
	end    sync.Once
	err    error // why frames was closed; nil is a whole run

	leave  sync.Once
	closed chan struct{} // closed when nobody reads any more
}

func (p *pipe) finish(err error) {
	p.end.Do(func() {
		p.err = err
		close(p.frames)
		p.begin.Do(func() { close(p.begun) })
	})
}

// PipeSink is the end of a Pipe that is written to.
type PipeSink struct{ pipe *pipe }

var _ dump.Sink = (*PipeSink)(nil)

// Begin gives the header to the reader.
func (s *PipeSink) Begin(header dump.Header) error {
	s.pipe.begin.Do(func() {
		s.pipe.header = header
		close(s.pipe.begun)
	})
	return nil
}

// Write copies the frame and hands the copy to the reader, waiting for room.
func (s *PipeSink) Write(frame *dump.Frame) error {
	var kept *dump.Frame
	select {
	case kept = <-s.pipe.free:
	default:
		kept = &dump.Frame{}
	}
	copyFrame(kept, frame)
	select {
	case s.pipe.frames <- kept:
		return nil
	case <-s.pipe.closed:
		return errPipeClosed
	}
}

// Close ends the stream: after the frames that are still under way the reader gets io.EOF.
func (s *PipeSink) Close() error {
	s.pipe.finish(nil)
	return nil
}

// Abort ends the stream with an error for the reader.
func (s *PipeSink) Abort() error { return s.Fail(errAborted) }

// Fail ends the stream with the error that the reader gets. A stream that has ended stays as it is.
func (s *PipeSink) Fail(err error) error {
	s.pipe.finish(err)
	return nil
}

// PipeSource is the end of a Pipe that is read from.
type PipeSource struct {
	pipe *pipe
	last *dump.Frame
}

var _ dump.Source = (*PipeSource)(nil)

// Header waits for the producer to begin. A producer that ended before it began gives an empty header, and Next its error.
func (s *PipeSource) Header() dump.Header {
	<-s.pipe.begun
	return s.pipe.header
}

// Next gives the next frame, waiting for it.
func (s *PipeSource) Next(frame *dump.Frame) error {
	if s.last != nil {
		select {
		case s.pipe.free <- s.last:
		default:
		}
		s.last = nil
	}
	next, more := <-s.pipe.frames
	if !more {
		if s.pipe.err != nil {
			return s.pipe.err
		}
		return io.EOF
	}
	s.last = next
	*frame = *next
	return nil
}

// Close lets a waiting producer go.
func (s *PipeSource) Close() error {
	s.pipe.leave.Do(func() { close(s.pipe.closed) })
	return nil
}
