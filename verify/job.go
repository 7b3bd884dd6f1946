package verify

import (
	"rnnsim/dump"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// Job is a verification of one quantized model.
type Job struct {
	Model  *xmodel.Model
	Compat xmodel.Compat
	// Input is what the model is run on. Without sequences, the default stimulus of Input.Seed is used, and the report says so.
	Input Input
	// Recordings are recorded runs of the model to judge.
	Recordings []Recording
	// Float is the float model, or nil. MinSQNR, if any, is the least SQNR in dB that the output h of every cell must have
	// against it; without a bound the comparison is for information.
	Float   *model.Network
	MinSQNR *float64

	// Threads is how many sequences the simulator runs at once, 0 one a processor; no result depends on it.
	Threads int
	// Errors is how many divergences a check shows after the first: 0 is DefaultErrors, less than 0 none.
	Errors int
	// Heat keeps the deltas of what differs by step and unit, to be drawn.
	Heat bool
	// Detail keeps what a report draws (see Options.Detail), explains and diagnoses the first divergence of each check that fails, and
	// measures what of the datapath the stimulus exercises.
	Detail bool
	// Version is rnnsim's, for the report.
	Version string
	// Progress is told now and then which check has got on, and how many frames of all checks that have begun are done, of how
	// many. It is not called twice at a time. It may be nil.
	Progress func(check string, done, total int64)
}

// Input is a stimulus with its origin.
type Input struct {
	Source    string // the file that it was read from
	Sequences []dump.Sequence
	Seed      uint64 // of the default stimulus
}

// Recording is a recorded run.
type Recording struct {
	// Name is the check that it is for: NameDeployCheck, NameRecorded or NameDevice.
	Name string
	Path string
	// Open opens the recorded frames; it may be called more than once.
	Open func() (dump.Source, error)
	// Replayed says that each frame is judged by its own recorded inputs, as data from floating-point arithmetic must be. A
	// run that is not replayed is held against the simulator's run over the stimulus.
	Replayed bool
	// Exact says that no rounding can explain a difference of a replayed run.
	Exact bool
	// Sequence is the place in the stimulus of the sequence that a replayed run recorded; Unknown where it was recorded from
	// another stimulus, whose inputs are then taken as given.
	Sequence int
	// Sequences is how many sequences of the stimulus, from the first, a run that is not replayed has; 0 is all.
	Sequences int
	// Skipped is how many steps at the start of each cell are not recorded: one in the manner of the TensorFlow binding.
	Skipped int
	// Notes are said with the check.
	Notes []string
}

// Unknown is the Recording.Sequence of a run of unknown stimulus.
const Unknown = -1

// The names of checks, which are stable.
const (
	NameExact       = "exact_reference"
	NameRecorded    = "recorded"
	NameDeployCheck = "deploy_check"
	NameDevice      = "device"
	NameFloat       = "float"
	NameQuantInfo   = "quant_info"
	NameGraphs      = "graphs"
	NameOutputs     = "outputs"
	NameAccuracy    = "accuracy"
)

// defaultSource is what a report calls the stimulus of a verification without input.
const defaultSource = "seeded random and corner patterns"

// embeddedSource is that where the float model has an embedding.
const embeddedSource = "seeded tokens through the float model's embedding, on which it is compared, then random and corner patterns"
