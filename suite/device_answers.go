package suite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/internal/fixed"
	"rnnsim/verify"
)

// deviceRun is a device at work on one case.
type deviceRun struct {
	device    *Device
	job       *verify.Job
	header    dump.Header
	features  int
	grid      fixed.Format
	sequences []dump.Sequence
	scratch   string
}

func (d *deviceRun) protocol() export.ProtocolHeader {
	return export.ProtocolHeader{Model: d.job.Model.Digest(), Grid: d.grid, Features: d.features, Trace: d.header}
}

// feed writes the stimulus in the text protocol.
func (d *deviceRun) feed(w io.Writer) error {
	writer, err := export.NewProtocolWriter(w, d.protocol())
	if err != nil {
		return err
	}
	for _, sequence := range d.sequences {
		if err := writer.WriteSequence(sequence); err != nil {
			return err
		}
	}
	return writer.Close()
}

// trace opens the trace that the device wrote.
func (d *deviceRun) trace() (dump.Source, error) {
	path := filepath.Join(d.scratch, traceName)
	if _, err := os.Stat(path); err != nil {
		return nil, &deviceFailure{Crashed, "the device ended without writing its trace"}
	}
	return export.OpenTrace(path, export.TraceOptions{Like: &d.header, Signals: filepath.FromSlash(d.device.Signals)})
}

// answers opens what the device answered. A device must pass its stimuli on as they are: the case is about these.
func (d *deviceRun) answers() (dump.Source, error) {
	path := filepath.Join(d.scratch, answersFile)
	source, err := export.OpenAnswers(path, export.ProtocolOptions{})
	if err != nil {
		return nil, err
	}
	return &faithful{Source: source, path: path, run: d}, nil
}

// faithful is a device's answers that, at their end, are held to the stimuli that it was given.
type faithful struct {
	dump.Source
	path string
	run  *deviceRun
}

func (f *faithful) Next(frame *dump.Frame) error {
	err := f.Source.Next(frame)
	if errors.Is(err, io.EOF) {
		if err := f.run.sameStimuli(f.path); err != nil {
			return err
		}
	}
	return err
}

// sameStimuli wants the lines of x that the device passed on to be those that it was given.
func (d *deviceRun) sameStimuli(path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	got, err := stimuliOf(file)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(got, d.sequences, func(got, given dump.Sequence) bool { return slices.Equal(got.Fixed, d.onGrid(given)) }) {
		return fmt.Errorf("the device %s passed on other stimuli than it was given", d.device.Name)
	}
	return nil
}

// onGrid gives a sequence as the protocol tells it.
func (d *deviceRun) onGrid(s dump.Sequence) []int16 {
	if s.Float == nil {
		return s.Fixed
	}
	values := make([]int16, len(s.Float))
	for i, v := range s.Float {
		values[i] = int16(fixed.Floor.Quantize(float64(v), d.grid))
	}
	return values
}

func stimuliOf(r io.Reader) ([]dump.Sequence, error) {
	source, err := export.OpenProtocol(r, export.ProtocolOptions{KeepStimuli: true})
	if err != nil {
		return nil, err
	}
	var frame dump.Frame
	for {
		switch err := source.Next(&frame); {
		case errors.Is(err, io.EOF):
			return source.Stimuli(), nil
		case err != nil:
			return nil, err
		}
	}
}

// mostAnswers bounds what a device can write: several times the text of every value of every node, and then some.
func (d *deviceRun) mostAnswers() int64 {
	values := int64(d.features)
	for _, cell := range d.header.Cells {
		for _, node := range cell.Nodes {
			values += int64(node.Width)
		}
	}
	steps := int64(0)
	for _, sequence := range d.sequences {
		steps += int64(len(sequence.Float)+len(sequence.Fixed)) / int64(d.features)
	}
	const aValue, aStep, header = 16, 1 << 10, 16 << 20
	return header + steps*(aStep+aValue*values)
}

// roomFor is a file that takes so many bytes and then fails. Nobody looks at left before the writing has ended.
type roomFor struct {
	file *os.File
	left int64
}

func (r *roomFor) Write(p []byte) (int, error) {
	if r.left -= int64(len(p)); r.left < 0 {
		return 0, io.ErrShortWrite
	}
	return r.file.Write(p)
}
