package suite

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Device is what a case verifies in the simulator's place: a command that computes the model over the case's stimulus. It speaks the
// text protocol of docs/protocol.md on its standard input and output, or writes a trace where a word of its command has WordTrace
// in it.
type Device struct {
	// Name tells the device's cases from others.
	Name string `json:"name"`
	// Command is the program and its arguments, run in the suite's folder without a shell. Words may have WordExport and WordTrace
	// in them.
	Command []string `json:"command"`
	// Files are the files and folders, relative to the suite, whose content determines what the device does.
	Files []string `json:"files,omitempty"`
	// Version is a command whose output determines what the device does too: that of a simulator, of a compiler.
	Version []string `json:"version,omitempty"`
	// Signals is the map of a VCD's signals, for a device that writes one.
	Signals string `json:"signals,omitempty"`
}

// What stands in a device's command for the paths that only a run has.
const (
	WordExport = "{export}" // a folder as rnnsim export-rtl writes it, for the model and the stimulus of the case
	WordTrace  = "{trace}"  // where the device is to write its trace
)

func (d *Device) has(word string) bool {
	for _, w := range d.Command {
		if strings.Contains(w, word) {
			return true
		}
	}
	return false
}

// deviceEntry is a device as suite.yaml has it.
type deviceEntry struct {
	Name    string   `yaml:"name"`
	Command []string `yaml:"command"`
	Files   []string `yaml:"files"`
	Version []string `yaml:"version"`
	Signals string   `yaml:"signals"`
}

func (e *deviceEntry) device(root *os.Root) (*Device, error) {
	switch {
	case e == nil:
		return nil, nil
	case e.Name == "" || strings.ContainsFunc(e.Name, func(r rune) bool { return r <= ' ' || unprintable(r) }):
		return nil, at("name", fmt.Errorf("a device wants a name, a word that its cases end with; got %q", e.Name))
	case len(e.Command) == 0 || e.Command[0] == "":
		return nil, at("command", fmt.Errorf("a device wants its command as a list of words; no shell is involved unless it is one of them"))
	case e.Version != nil && (len(e.Version) == 0 || e.Version[0] == ""):
		return nil, at("version", fmt.Errorf("version is a command, as a list of words, whose output tells one version of the device from another"))
	}
	d := &Device{Name: e.Name, Command: e.Command, Version: e.Version, Signals: e.Signals}
	if e.Signals != "" {
		if !d.has(WordTrace) {
			return nil, at("signals", fmt.Errorf("signals map those of a VCD, which the device writes to %s", WordTrace))
		}
		if err := inside(root, e.Signals); err != nil {
			return nil, at("signals", err)
		}
	}
	files, err := globs(root, e.Files)
	if err != nil {
		return nil, at("files", err)
	}
	d.Files = files
	// A script that the command names in the suite's folder counts as much as those that are listed.
	for _, word := range e.Command {
		if word != "." && fs.ValidPath(word) && inside(root, word) == nil {
			d.Files = append(d.Files, word)
		}
	}
	return d, nil
}
