// Package numberset holds sets of small whole numbers that mostly stand close together, such as the numbers of a run's sequences.
package numberset

// Set is a set of whole numbers; the zero value is empty. Numbers that lie close together take a bit each; memory grows with
// how many there are, never with how large they are.
type Set struct {
	words map[int]uint64
	count int
}

const wordShift = 6 // a word has 64 bits

// Add puts a number into the set, and says whether it was not there.
func (s *Set) Add(n int) bool {
	if s.Has(n) {
		return false
	}
	if s.words == nil {
		s.words = map[int]uint64{}
	}
	s.words[n>>wordShift] |= bit(n)
	s.count++
	return true
}

// Has says whether a number is in the set.
func (s *Set) Has(n int) bool { return s.words[n>>wordShift]&bit(n) != 0 }

func bit(n int) uint64 { return 1 << (n & (1<<wordShift - 1)) }

// Len is how many numbers there are.
func (s *Set) Len() int { return s.count }
