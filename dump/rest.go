package dump

import "io"

// Rest is what a source has not yielded yet, to be read sequence by sequence in any order. Cells are read independently of one another.
type Rest interface {
	// Sequences are those of a cell of which frames are left, ascending.
	Sequences(cell int) []int
	// Seek goes to the first frame that is left of a sequence; found says whether there is one.
	Seek(cell, sequence int) (found bool, err error)
	// Next fills the frame with the next one of the sequence that was sought, valid until the cell's following call, and returns io.EOF
	// after its last.
	Next(cell int, f *Frame) error
	// Close drops what was kept for it. The source is closed by who opened it.
	io.Closer
}

// seeker is a source that can go to the beginning of any sequence.
type seeker interface {
	// seekable says that going there costs no more than reading what is there.
	seekable() bool
	rest() (Rest, error)
}

// Seekable says that RestOf reads the source where it lies, without a copy.
func Seekable(source Source) bool {
	s, ok := source.(seeker)
	return ok && s.seekable()
}

// RestOf gives what a source has not yielded yet. After it the source is only to be closed, and after the Rest is. The frames of a source that
// is not Seekable are copied to files in the system's folder for temporary files, with the numbers of its sequences in memory.
func RestOf(source Source) (Rest, error) {
	if Seekable(source) {
		return source.(seeker).rest()
	}
	return spool(source)
}
