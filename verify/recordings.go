package verify

import (
	"fmt"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/xmodel"
)

// DeployCheck makes a recording of a deploy_check folder, read with the formats of the model. The folder is opened here, to
// find at once what is wrong with it. exact says that it comes from float64 arithmetic; sequence is its place in the stimulus
// or Unknown.
func DeployCheck(path string, m *xmodel.Model, exact bool, sequence int) (Recording, error) {
	header, err := headerOf(m)
	if err != nil {
		return Recording{}, err
	}
	return deployCheck(path, header, exact, sequence)
}

func deployCheck(path string, header dump.Header, exact bool, sequence int) (Recording, error) {
	source, err := dump.OpenDeployCheck(path, dump.DeployCheckReadOptions{Formats: &header})
	if err != nil {
		return Recording{}, err
	}
	recording := Recording{Name: NameDeployCheck, Path: path, Replayed: true, Exact: exact, Sequence: sequence}
	recording.Open = func() (dump.Source, error) { return source.Again(), nil }
	if source.Style() == dump.TensorFlow {
		recording.Skipped = 1
		recording.Notes = append(recording.Notes, "in the manner of the TensorFlow binding: the first step is not recorded")
	}
	return recording, nil
}

// RecordedRun makes a recording of an exact.npz, to be held against the simulator's run over the stimulus that it was
// recorded from.
func RecordedRun(path string, m *xmodel.Model) (Recording, error) {
	header, err := headerOf(m)
	if err != nil {
		return Recording{}, err
	}
	return recordedRun(path, header)
}

func recordedRun(path string, header dump.Header) (Recording, error) {
	run, err := OpenRecordedNpz(path, header)
	if err != nil {
		return Recording{}, err
	}
	recording := Recording{
		Name: NameRecorded, Path: path, Sequence: Unknown, Sequences: run.Sequences,
		Open: func() (dump.Source, error) { return run.Source(), nil },
	}
	for _, name := range run.Unknown {
		recording.Notes = append(recording.Notes, fmt.Sprintf("array %q is no node of the model and was not compared", name))
	}
	return recording, nil
}

func headerOf(m *xmodel.Model) (dump.Header, error) {
	exact, err := golden.NewExact(m, xmodel.Sane)
	if err != nil {
		return dump.Header{}, err
	}
	return exact.Header(), nil
}
