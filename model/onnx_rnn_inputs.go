package model

import (
	"errors"
	"fmt"
)

// initialState accepts zeros, and inputs of the graph: these are the states that a run may be given.
func (c *onnxCall) initialState(name string, v *onnxValue) error {
	switch {
	case v.zeros:
	case v.opaque():
		return fmt.Errorf("%s depends on %s: a network starts from zero, or from states that are inputs of the graph", name, v.why)
	case v.tracked():
		for _, id := range v.ids {
			if u := c.run.unit(id); !u.input {
				return fmt.Errorf("%s is made of %s: a network starts from zero, or from states that are inputs of the graph", name, u.what)
			}
		}
	case !v.all(0):
		return fmt.Errorf("%s is constant and not zero, and a network has no place for it: make it an input of the graph, and give it to each run", name)
	}
	return nil
}

// sequenceLengths accepts lengths that the run gives, and constants that say what x says already.
func (rnn *onnxRNN) sequenceLengths(c *onnxCall, steps int) error {
	v := c.maybe(onnxInLengths)
	switch {
	case v == nil || v.all(int64(steps)):
		return nil
	case v.opaque():
		return fmt.Errorf("sequence_lens depends on %s", v.why)
	case !v.tracked():
		return fmt.Errorf("sequence_lens is constant and not the %d timesteps of x: make it an input of the graph", steps)
	case !c.run.tokens(v):
		return errors.New("sequence_lens is computed by the network")
	case rnn.feed.order == onnxReversed:
		return errors.New("x is reversed as a whole, and sequence_lens is given: shorter sequences would begin with their padding: use direction=reverse")
	}
	rnn.lengths = v.ids
	return nil
}
