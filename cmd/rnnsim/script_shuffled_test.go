package main

import (
	"errors"
	"math/rand/v2"

	"github.com/rogpeppe/go-internal/testscript"

	"rnnsim/dump"
)

// shuffled writes an Arrow trace with its sequences in another order: "shuffled FROM TO".
func shuffled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: shuffled FROM TO")
	}
	ts.Check(shuffleTrace(ts.MkAbs(args[0]), dump.NewArrowSink(ts.MkAbs(args[1]), dump.ArrowOptions{})))
}

// shuffleTrace writes an Arrow trace into a sink, cell by cell, with the sequences in another order.
func shuffleTrace(from string, sink dump.Sink) (err error) {
	source, err := dump.OpenArrow(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if err := sink.Begin(source.Header()); err != nil {
		return err
	}
	rest, err := dump.RestOf(source)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rest.Close()) }()
	for cell := range source.Header().Cells {
		sequences := rest.Sequences(cell)
		random := rand.New(rand.NewPCG(61, 62)) // the same order in all cells
		random.Shuffle(len(sequences), func(i, j int) { sequences[i], sequences[j] = sequences[j], sequences[i] })
		for _, sequence := range sequences {
			if _, err := rest.Seek(cell, sequence); err != nil {
				return err
			}
			var frame dump.Frame
			for rest.Next(cell, &frame) == nil {
				if err := sink.Write(&frame); err != nil {
					return err
				}
			}
		}
	}
	return sink.Close()
}
