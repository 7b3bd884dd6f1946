package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/internal/fixed"
	"rnnsim/verify"
)

// standardInput is the argument that stands for a device's answers in the text protocol.
const standardInput = "-"

// isDevice says that a device's answers are to be verified, and gives the paths of its model.
func isDevice(paths []string) (model []string, ok bool) {
	model = slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return path == standardInput })
	return model, len(model) < len(paths)
}

// verifyDevice judges what a device answers on standard input by the model, run over the stimuli that the answers carry.
func verifyDevice(c *cli.Context, s streams, paths []string, progress func(string, int64, int64)) (report *verify.Report, err error) {
	for _, name := range []string{"input", "lengths", "h0", "c0", "deploy-check", "sequence"} {
		if c.IsSet(name) {
			return nil, usagef("--%s does not go with a device, whose answers carry the stimuli", name)
		}
	}
	if len(paths) == 0 {
		return nil, usagef("verify wants the model that the device is to compute: rnnsim verify - MODEL")
	}
	job, err := readJob(c, s, paths)
	if err != nil {
		return nil, err
	}
	// The answers are compared with a run over stimuli that are known only when all of them have been read.
	answers, err := keepInput(s.in)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.Remove(answers)) }()
	header, stimuli, err := readStimuliOf(answers)
	if err != nil {
		return nil, err
	}
	if digest := job.Model.Digest(); header.Model != "" && header.Model != digest {
		return nil, fmt.Errorf("the device's stimuli were generated for a model with digest %s, %s has %s; verify the model that gen was given",
			header.Model, job.Model.Source, digest)
	}
	features, err := job.Model.Cells[0].Input()
	if err != nil {
		return nil, err
	}
	if header.Features != features {
		return nil, fmt.Errorf("the device's stimuli have %d features, %s reads %d", header.Features, job.Model.Source, features)
	}
	if len(stimuli) == 0 {
		return nil, errors.New("the device was given no stimuli: there is nothing to compare")
	}
	job.Input = verify.Input{Source: "standard input", Sequences: realStimuli(stimuli, header.Grid)}
	job.Recordings = []verify.Recording{{
		Name: verify.NameDevice, Path: "standard input", Sequence: verify.Unknown,
		Open: func() (dump.Source, error) { return export.OpenAnswers(answers, export.ProtocolOptions{}) },
	}}
	job.Progress = progress
	return verify.Run(c.Context, *job)
}

// readStimuliOf reads all of a device's answers and keeps the stimuli that they carry.
func readStimuliOf(path string) (header export.ProtocolHeader, stimuli []dump.Sequence, err error) {
	file, err := os.Open(path)
	if err != nil {
		return header, nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	source, err := export.OpenProtocol(file, export.ProtocolOptions{KeepStimuli: true})
	if err != nil {
		return header, nil, err
	}
	var frame dump.Frame
	for {
		switch err := source.Next(&frame); {
		case errors.Is(err, io.EOF):
			return source.Protocol(), source.Stimuli(), nil
		case err != nil:
			return header, nil, err
		}
	}
}

// realStimuli turns the integers of the protocol's grid into the real numbers that they stand for, which any model takes. A float32
// holds 16 bits exactly.
func realStimuli(stimuli []dump.Sequence, grid fixed.Format) []dump.Sequence {
	real := make([]dump.Sequence, len(stimuli))
	for i, sequence := range stimuli {
		values := make([]float32, len(sequence.Fixed))
		for j, v := range sequence.Fixed {
			values[j] = float32(math.Ldexp(float64(v), -grid.Position))
		}
		real[i].Float = values
	}
	return real
}
