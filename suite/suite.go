package suite

import (
	"time"
)

// FormatVersion is the version of suite.yaml.
const FormatVersion = 1

// Suite is what a suite.yaml says, checked.
type Suite struct {
	// Dir is the folder of the suite: all its paths are relative to it and none leads out of it.
	Dir   string
	File  string // its name in the folder
	Name  string
	Cases []Case // in the order of their names
}

// Case is one verification.
type Case struct {
	// Name is unique in the suite: "digits-lstm8@recorded", "quantized:x.npy@sane", "quantized:seed=7@vai2.0", with "+" and a device's name behind.
	Name string   `json:"name"`
	Tags []string `json:"tags,omitempty"`
	// Folder is a case folder; where it is empty, Model is a quantized model, and Stimulus a .npy file or "" for the stimulus of
	// Seed. The paths are relative to the suite, with slashes.
	Folder   string `json:"folder,omitempty"`
	Model    string `json:"model,omitempty"`
	Stimulus string `json:"stimulus,omitempty"`
	Seed     uint64 `json:"seed,omitempty"`
	// Float is a float model to compare with.
	Float string `json:"float,omitempty"`
	Mode  Mode   `json:"mode"`
	// Device, where there is one, is verified with the model over the stimulus.
	Device *Device `json:"device,omitempty"`
	// MinSQNR is the least SQNR in dB that the outputs must have against the float model, or nil.
	MinSQNR     *float64    `json:"min_sqnr_db,omitempty"`
	Expectation Expectation `json:"expectation"`
	// TimeLimit and MemoryLimit (bytes) end the case's process; 0 is no limit. They determine no result.
	TimeLimit   time.Duration `json:"time_limit_ns,omitempty"`
	MemoryLimit int64         `json:"memory_limit_bytes,omitempty"`
}

// Mode is the semantics that a case is run under.
type Mode string

// The modes. Recorded is that of the tool which recorded a case folder.
const (
	ModeRecorded Mode = "recorded"
	ModeSane     Mode = "sane"
	ModeVAI20    Mode = "vai2.0"
)

// Expectation is what should become of a case. The zero value expects it to pass.
type Expectation struct {
	// Outcome is the known failure, or Passed.
	Outcome Outcome `json:"outcome"`
	// Reason says why a failure is known, and Until is the last day (2006-01-02, UTC) on which it is excused.
	Reason string `json:"reason,omitempty"`
	Until  string `json:"until,omitempty"`
}
