package machine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/sim/isa"
)

// serialize orders all words by tokens: each word waits for the one before it, where that is another unit's. The last of init and of
// loop sends to the first of loop and of end.
func serialize(s *sketch) {
	for _, words := range [][]isa.Instruction{s.init, s.loop, s.end} {
		for n := range words {
			*words[n].Dependencies() = isa.Depends{}
		}
	}
	link := func(a, b isa.Instruction) {
		if a.Unit() != b.Unit() {
			a.Dependencies().By |= b.Unit().Bit()
			b.Dependencies().On |= a.Unit().Bit()
		}
	}
	for _, words := range [][]isa.Instruction{s.init, s.loop, s.end} {
		for n := 1; n < len(words); n++ {
			link(words[n-1], words[n])
		}
	}
}

// serialSketch is plainSketch with tokens. Every segment begins where the one before it ends: at a SAVE.
func serialSketch(target *isa.Target) *sketch {
	s := plainSketch(target, target.Cores[0].Batch)
	n := s.batch
	saves := s.loop[len(s.loop)-n:]
	s.init = s.init[:len(s.init)-n]
	// The end segment's SAVEs are words of their own.
	var atEnd []isa.Instruction
	for _, i := range saves {
		copied := *i.(*isa.Save)
		atEnd = append(atEnd, &copied)
	}
	s.loop = append(append([]isa.Instruction{}, saves...), s.loop[:len(s.loop)-n]...)
	s.end = append(atEnd, &isa.End{})
	serialize(s)
	for _, words := range [][]isa.Instruction{s.init, s.loop} {
		words[len(words)-1].Dependencies().By |= isa.SaveUnit.Bit()
	}
	for _, words := range [][]isa.Instruction{s.loop, s.end} {
		words[0].Dependencies().On |= isa.MatMulUnit.Bit()
	}
	return s
}

func TestSerialTokensAreClean(t *testing.T) {
	for _, target := range isa.Targets() {
		r, err := CheckTokens(serialSketch(target).compiled(t), 5)
		require.NoError(t, err)
		assert.Empty(t, r.Findings())
		assert.True(t, r.Clean())
		assert.Equal(t, 5, r.Steps)
	}
}

func TestWhatIsWrongWithTokensIsNamed(t *testing.T) {
	drop := func(a, b isa.Instruction) {
		a.Dependencies().By &^= b.Unit().Bit()
		b.Dependencies().On &^= a.Unit().Bit()
	}
	for _, c := range []struct {
		name  string
		want  string
		alter func(s *sketch)
	}{
		{
			"race", "RAW: segment loop, word 1 (load) at step 1 and segment loop, word 2 (mmul) at step 1: nothing orders their accesses to bytes 0x0 to 0x3f of v0",
			func(s *sketch) { drop(s.loop[1], s.loop[2]) },
		},
		{
			"missing", "token missing: segment loop, word 1 (load) at step 1 waits for one from emul that nothing sends",
			func(s *sketch) { s.loop[1].Dependencies().On |= isa.MultiplyUnit.Bit() },
		},
		{
			"left", "token left over: segment loop, word 1 (load) at step 1 sends one to add that nothing consumes",
			func(s *sketch) { s.loop[1].Dependencies().By |= isa.AddUnit.Bit() },
		},
		{
			"deadlock", "deadlock: segment loop, word 1 (load) at step 1 never starts",
			func(s *sketch) {
				s.loop[1].Dependencies().On |= isa.MatMulUnit.Bit()
				s.loop[2].Dependencies().By |= isa.LoadUnit.Bit()
			},
		},
		{
			"late", "token late: segment loop, word 1 (load) at step 1 waits for one that segment loop, word 2 (mmul) at step 1 sends only later in the program",
			func(s *sketch) {
				s.loop[1].Dependencies().On |= isa.MatMulUnit.Bit()
				s.loop[2].Dependencies().By |= isa.LoadUnit.Bit()
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serialSketch(isa.U25)
			c.alter(s)
			r, err := CheckTokens(s.compiled(t), 3)
			require.NoError(t, err)
			assert.False(t, r.Clean())
			assert.Contains(t, strings.Join(r.Findings(), "\n"), c.want)
		})
	}
	for _, steps := range []int{0, -1, maxSteps + 1} {
		_, err := CheckTokens(serialSketch(isa.U25).compiled(t), steps)
		assert.ErrorContains(t, err, "check tokens of")
	}
}

// slowBefore finds by search whether a is over before b starts: along the words of a unit, and along tokens.
func slowBefore(all []executed, tokens []token, a, b int) bool {
	seen := make([]bool, len(all))
	var reach func(n int) bool
	reach = func(n int) bool { // does the completion of n come before the start of b?
		for m := range all {
			follows := m > n && all[m].Unit() == all[n].Unit()
			for _, k := range tokens {
				follows = follows || k.from == n && k.to == m
			}
			if !follows || seen[m] {
				continue
			}
			seen[m] = true
			if m == b || reach(m) {
				return true
			}
		}
		return false
	}
	return reach(a)
}

// slowRaces looks at every pair of executions and every byte range, not only at neighbours.
func slowRaces(all []executed, tokens []token) map[[2]int]bool {
	overlap := func(a, b []span) bool {
		for _, x := range a {
			for _, y := range b {
				if x.space == y.space && x.from < y.to && y.from < x.to {
					return true
				}
			}
		}
		return false
	}
	races := map[[2]int]bool{}
	for b := range all {
		for a := range b {
			conflict := overlap(all[a].writes, all[b].reads) || overlap(all[a].reads, all[b].writes) || overlap(all[a].writes, all[b].writes)
			if conflict && all[a].Unit() != all[b].Unit() && !slowBefore(all, tokens, a, b) {
				races[[2]int{a, b}] = true
			}
		}
	}
	return races
}

// TestRacesEqualASearchOfAllPairs drops tokens of random programs: every race found is one, and one is found where there is any.
func TestRacesEqualASearchOfAllPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSketch(isa.U25, 1, rapid.Uint64().Draw(t, "seed"))
		s.draw(rapid.IntRange(3, 12).Draw(t, "words"))
		s.init = s.init[len(s.fillAll()):]
		serialize(s)
		p, err := decode(s.compiled(t))
		require.NoError(t, err)
		check := newTokenCheck(p.unroll(2, true), 2)
		keep := check.paired[:0:0]
		for _, k := range check.paired {
			if rapid.IntRange(0, 3).Draw(t, "drop") > 0 {
				keep = append(keep, k)
			}
		}
		check.paired = keep
		o := newOrder(check.all, keep, -1)
		if len(o.deadlock) > 0 {
			return
		}
		want := slowRaces(check.all, keep)
		found := map[[2]int]bool{}
		for _, c := range check.conflicts {
			if !o.before(c.first, c.second) {
				found[[2]int{c.first, c.second}] = true
			}
		}
		for pair := range found {
			require.True(t, want[pair], "%s and %s", &check.all[pair[0]], &check.all[pair[1]])
		}
		require.Equal(t, len(want) > 0, len(found) > 0)
	})
}
