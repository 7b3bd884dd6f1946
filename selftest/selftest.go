package selftest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

// Options says what is flipped.
type Options struct {
	Seed uint64
	// First is the number of the first flip; a miss is repeated by its number.
	First, Flips uint64
	// Cases holds the folders of the cases to use, each with xmodel/ and x.npy or x_test.npy; Only names one of them, or is empty.
	Cases fs.FS
	Only  string
	// Scratch is where files are made and spoilt; it is emptied. Empty is the system's folder for temporary files.
	Scratch string
	Jobs    int // how many flips at once, each with its own files; 0 is one a processor
	// Progress is told now and then how many flips are done.
	Progress func(done uint64)
}

// Kind is what a flip is in.
type Kind string

// The kinds, in the order in which they take turns.
const (
	Traces  Kind = "traces"
	Weights Kind = "weights"
	Tables  Kind = "tables"
	Inputs  Kind = "inputs"
	Dumps   Kind = "dumps"
	Results Kind = "results"
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Traces, Weights, Tables, Inputs, Dumps, Results} }

// Tally counts the flips of a kind.
type Tally struct {
	Flips uint64 `json:"flips"`
	// Refused were errors of a reader, Found differences at exactly the place of the flip, Noticed differences or notes where what
	// was flipped has no value's place: a header, a shape, a number of a step.
	Refused uint64 `json:"refused"`
	Found   uint64 `json:"found"`
	Noticed uint64 `json:"noticed"`
	// Harmless counts, by the reason, those proved not to matter.
	Harmless map[string]uint64 `json:"harmless,omitempty"`
	Missed   uint64            `json:"missed"`
}

// Miss is a flip that was not found and can matter, or was found at another place.
type Miss struct {
	Number uint64 `json:"number"`
	Kind   Kind   `json:"kind"`
	Place  string `json:"place"`
	Why    string `json:"why"`
}

// Report is the outcome.
type Report struct {
	Seed   uint64          `json:"seed"`
	First  uint64          `json:"first"`
	Flips  uint64          `json:"flips"`
	Kinds  map[Kind]*Tally `json:"kinds"`
	Missed []Miss          `json:"missed,omitempty"` // the first of them
}

// mostMisses is how many misses are told.
const mostMisses = 20

// Run flips bits, one at a time. Where ctx is cancelled, what was done comes with the error.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Flips == 0 {
		return nil, errors.New("check the checker: no flips are wanted")
	}
	if o.Jobs == 0 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	r := &Report{Seed: o.Seed, First: o.First, Kinds: map[Kind]*Tally{}}
	for _, kind := range Kinds() {
		r.Kinds[kind] = &Tally{Harmless: map[string]uint64{}}
	}
	dir, err := os.MkdirTemp(o.Scratch, "rnnsim-selftest-")
	if err != nil {
		return nil, fmt.Errorf("check the checker: %w", err)
	}
	err = r.all(ctx, o, dir)
	slices.SortFunc(r.Missed, func(a, b Miss) int { return int(a.Number) - int(b.Number) })
	r.Missed = r.Missed[:min(len(r.Missed), mostMisses)]
	return r, errors.Join(err, os.RemoveAll(dir))
}

func (r *Report) all(ctx context.Context, o Options, dir string) error {
	var lock sync.Mutex
	var work sync.WaitGroup
	var failed error
	next := uint64(0)
	for job := range o.Jobs {
		work.Go(func() {
			subjects, err := prepare(ctx, o.Cases, o.Only, filepath.Join(dir, fmt.Sprint(job)))
			for err == nil {
				lock.Lock()
				n := o.First + next
				next++
				stop := next > o.Flips || failed != nil
				lock.Unlock()
				if stop {
					return
				}
				if err = ctx.Err(); err != nil {
					break
				}
				var done *flip
				if done, err = subjects.flip(ctx, o.Seed, n); err != nil {
					err = fmt.Errorf("flip %d of seed %d: %w", n, o.Seed, err)
					break
				}
				lock.Lock()
				r.count(done)
				if o.Progress != nil && r.Flips%32 == 0 {
					o.Progress(r.Flips)
				}
				lock.Unlock()
			}
			lock.Lock()
			failed = errors.Join(failed, err)
			lock.Unlock()
		})
	}
	work.Wait()
	return failed
}

func (r *Report) count(f *flip) {
	t := r.Kinds[f.kind]
	r.Flips++
	t.Flips++
	switch f.outcome {
	case refused:
		t.Refused++
	case found:
		t.Found++
	case noticed:
		t.Noticed++
	case harmless:
		t.Harmless[f.reason]++
	default:
		t.Missed++
		r.Missed = append(r.Missed, Miss{Number: f.number, Kind: f.kind, Place: f.place, Why: f.reason})
	}
}

// outcome is what became of a flip.
type outcome int

const (
	missed outcome = iota
	refused
	found
	noticed
	harmless
)

// flip is one flipped bit.
type flip struct {
	number  uint64
	kind    Kind
	place   string // for a person
	outcome outcome
	reason  string
}

func (f *flip) is(o outcome, reason string, args ...any) error {
	f.outcome, f.reason = o, fmt.Sprintf(reason, args...)
	return nil
}

// subjects are what flips are made in: each case, with all that is made of it.
type subjects []*subject

// flip makes the flip with a number: all of it follows from the seed and the number.
func (s subjects) flip(ctx context.Context, seed, number uint64) (*flip, error) {
	random := rand.New(rand.NewPCG(seed, number))
	kinds := Kinds()
	f := &flip{number: number, kind: kinds[number%uint64(len(kinds))]}
	subject := s[number/uint64(len(kinds))%uint64(len(s))]
	checks := map[Kind]func(context.Context, *rand.Rand, *flip) error{
		Traces: subject.flipTrace, Weights: subject.flipWeights, Tables: subject.flipTable,
		Inputs: subject.flipInput, Dumps: subject.flipDump, Results: subject.flipResult,
	}
	if err := checks[f.kind](ctx, random, f); err != nil {
		return nil, fmt.Errorf("%s: %w", f.place, err)
	}
	return f, nil
}
