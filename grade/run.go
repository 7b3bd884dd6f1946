package grade

import (
	"context"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/internal/pool"
)

// chunkBytes is how much of the sound datapath's frames is in memory at a time.
const chunkBytes = 64 << 20

// over runs mutants over sequences, until each is noticed. What comes out does not depend on the number of threads. progress is told of
// mutants times sequences.
func over(ctx context.Context, base *fault.Base, mutants []*mutant, sequences []dump.Sequence, threads int, progress func(done int)) error {
	r := newRecorder(base)
	for at := 0; at < len(sequences); {
		var chunk []*recorded
		for bytes := 0; at < len(sequences) && bytes < chunkBytes; at++ {
			taken, err := r.record(ctx, at, &sequences[at])
			if err != nil {
				return err
			}
			chunk = append(chunk, taken)
			bytes += taken.bytes()
		}
		before := (at - len(chunk)) * len(mutants)
		err := pool.Each(ctx, mutants, threads, func(ctx context.Context, m *mutant) error {
			for _, taken := range chunk {
				if err := m.take(ctx, taken, &r.header); err != nil {
					return err
				}
			}
			return nil
		}, func(done int) { progress(before + done*len(chunk)) })
		if err != nil {
			return err
		}
	}
	return nil
}
