package verify

import (
	"context"

	"rnnsim/dump"
)

// Stream runs a producer of frames and gives use its frames as a source, without storing them. It returns when both have ended, with
// the error of use, or else of the producer. A producer whose frames use does not read to their end is stopped.
func Stream(ctx context.Context, produce Producer, use func(dump.Source) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sink, source := Pipe()
	done := make(chan error, 1)
	go func() {
		err := produce(ctx, sink)
		if err != nil {
			_ = sink.Fail(err) // which is what the reader gets
		} else {
			err = sink.Close()
		}
		done <- err
	}()
	err := use(source)
	_ = source.Close() // never fails
	if err != nil {
		cancel()
		<-done
		return err
	}
	return <-done
}
