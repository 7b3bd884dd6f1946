package dump

import "errors"

// Tee gives a sink that hands everything on to several. The first error of a write ends the writing to all of them.
func Tee(sinks ...Sink) Sink { return tee(sinks) }

type tee []Sink

func (t tee) Begin(h Header) error {
	for _, s := range t {
		if err := s.Begin(h); err != nil {
			return err
		}
	}
	return nil
}

func (t tee) Write(f *Frame) error {
	for _, s := range t {
		if err := s.Write(f); err != nil {
			return err
		}
	}
	return nil
}

// Close closes all of them. After an error of one, those that are still open are aborted.
func (t tee) Close() error {
	for i, s := range t {
		if err := s.Close(); err != nil {
			return errors.Join(err, t[i+1:].Abort())
		}
	}
	return nil
}

func (t tee) Abort() error {
	var errs []error
	for _, s := range t {
		errs = append(errs, s.Abort())
	}
	return errors.Join(errs...)
}
