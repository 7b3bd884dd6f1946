package differential

import (
	"context"
	"errors"
)

// mostTries bounds the runs of a shrinking. A case of the largest size takes a thousand.
const mostTries = 20000

// shrinker looks for the smallest case that an engine still does not run as the exact reference does.
type shrinker struct {
	engine *engine
	// attempts is how often a case is run before it counts as the same: a fault of what runs at once does not show each time.
	attempts int
	tries    int
	err      error // what the smallest case gives
}

// fails says whether the case still differs.
func (s *shrinker) fails(ctx context.Context, c *Case) bool {
	r, err := c.prepare(ctx, map[string]int64{})
	if err != nil {
		return false
	}
	for range s.attempts {
		s.tries++
		if err := r.check(ctx, s.engine); err != nil && ctx.Err() == nil {
			s.err = err
			return true
		}
	}
	return false
}

// shrink takes reductions, the large ones first, as long as one of them still fails.
func (s *shrinker) shrink(ctx context.Context, c *Case) *Case {
	for smaller := true; smaller && ctx.Err() == nil; {
		smaller = false
		for _, reduce := range reductions {
			// The same reduction again, while it helps: what it offers changes with the case.
			for at := 0; s.tries < mostTries && ctx.Err() == nil; {
				candidate := c.clone()
				if !reduce(candidate, at) {
					break
				}
				if s.fails(ctx, candidate) {
					c, smaller = candidate, true
					continue
				}
				at++
			}
		}
	}
	return c
}

// investigate shrinks the case of a failure and saves it.
func (f *failure) investigate(ctx context.Context, o *Options) (*Found, error) {
	found := &Found{Number: f.c.Number, Drawn: f.c.String(), First: f.err.Error()}
	s := &shrinker{engine: f.engine, attempts: 1, err: f.err}
	c := f.c
	if !s.fails(ctx, c) {
		s.attempts = 50
	}
	if s.attempts == 1 || s.fails(ctx, c) {
		c = s.shrink(ctx, c)
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(errors.New("a difference was found: "+f.err.Error()), err)
	}
	found.Case, found.Shrunk, found.Message, found.Tries = c, c.String(), s.err.Error(), s.tries
	if o.Save == "" {
		return found, nil
	}
	if err := c.save(ctx, o.Save, o.Version, s.err); err != nil {
		return nil, errors.Join(errors.New("a difference was found: "+found.Message), err)
	}
	found.Saved, found.Command = o.Save, f.engine.command(c, o.Save)
	return found, nil
}
