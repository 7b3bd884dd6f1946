package main

import (
	"context"

	"github.com/rogpeppe/go-internal/testscript"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

// faulty writes the trace of a device with faults over the first 16 sequences: "faulty MODEL X.npy OUT FAULT...".
func faulty(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: faulty MODEL X.npy OUT FAULT...")
	}
	m, err := xmodel.ReadModel(ts.MkAbs(args[0]))
	ts.Check(err)
	base, err := fault.New(m, xmodel.Sane)
	ts.Check(err)
	x, err := vectors.ReadSequences(ts.MkAbs(args[1]), "")
	ts.Check(err)
	var chosen []*fault.Fault
	for _, id := range args[3:] {
		for _, f := range base.Catalogue() {
			if f.ID == id {
				chosen = append(chosen, f)
			}
		}
	}
	if len(chosen) != len(args)-3 {
		ts.Fatalf("not all of %v are faults", args[3:])
	}
	sink := dump.NewArrowSink(ts.MkAbs(args[2]), dump.ArrowOptions{})
	ts.Check(base.With(chosen...).Run(context.Background(), x.Sequences[:min(16, len(x.Sequences))], sink))
}
