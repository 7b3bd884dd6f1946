package main

import (
	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/verify"
)

// comparedTraces opens the two sides of a comparison. A form that does not say all of itself is read by the model, if there is one, or by
// what the other side says.
type comparedTraces struct {
	*cli.Context
	streams
	got, want string
	kept      string       // a file with what was on standard input, or empty
	like      *dump.Header // of the model, or else of the first side that was opened
	model     bool         // like is of the model
	waiting   dump.Source  // GOT, where it was opened first
	options   *verify.Options
}

// openWant opens WANT, which comes first.
func (t *comparedTraces) openWant() (dump.Source, error) {
	if t.model || t.want == standardInput {
		return t.describe(t.open(t.want, t.like))
	}
	plain := func() (dump.Source, error) { return t.describe(t.open(t.want, nil)) }
	if !isDeployCheck(t.want) {
		source, err := plain()
		if err == nil || t.like != nil {
			return source, err
		}
	}
	if t.like == nil && !isDeployCheck(t.got) {
		got, err := t.describe(t.open(t.got, nil))
		if err != nil {
			return plain()
		}
		t.waiting = got
	}
	source, err := t.open(t.want, t.like)
	if err == nil {
		return source, nil
	}
	if source, err := plain(); err == nil {
		return source, nil
	}
	return nil, err
}

// openGot opens GOT.
func (t *comparedTraces) openGot() (dump.Source, error) {
	if got := t.waiting; got != nil {
		t.waiting = nil
		return got, nil
	}
	source, err := t.open(t.got, t.like)
	if err != nil && !t.model && isDeployCheck(t.got) {
		if plain, err := t.open(t.got, nil); err == nil {
			return plain, nil
		}
	}
	return source, err
}

// close closes what nobody has asked for.
func (t *comparedTraces) close() {
	if t.waiting != nil {
		_ = t.waiting.Close() // it was only read
	}
}

// describe remembers what a side says of itself.
func (t *comparedTraces) describe(source dump.Source, err error) (dump.Source, error) {
	if err == nil && t.like == nil {
		header := source.Header()
		t.like = &header
	}
	return source, err
}

func (t *comparedTraces) open(path string, like *dump.Header) (dump.Source, error) {
	if path == standardInput && t.kept != "" {
		path = t.kept
	}
	source, err := openTrace(t.Context, t.streams, path, like)
	if err != nil || t.options.Sequence == nil || !isDeployCheck(path) {
		return source, err
	}
	return &numbered{source, *t.options.Sequence}, nil
}

// oneSequence says that one side holds a sequence that nobody has told the number of.
func (t *comparedTraces) oneSequence() bool {
	return t.options.Sequence == nil && isDeployCheck(t.got) != isDeployCheck(t.want)
}

// isDeployCheck says whether a path is a deploy_check folder, which knows neither the formats of its nodes nor the number of its sequence.
func isDeployCheck(path string) bool {
	if path == standardInput {
		return false
	}
	kind, err := dump.Sniff(path)
	return err == nil && kind == dump.DeployCheck
}

// numbered is a trace of one sequence, whose number is known.
type numbered struct {
	dump.Source
	sequence int
}

// Next gives the next frame under the number.
func (n *numbered) Next(f *dump.Frame) error {
	err := n.Source.Next(f)
	f.Sequence = n.sequence
	return err
}
