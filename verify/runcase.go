package verify

import (
	"context"
	"fmt"

	"rnnsim/model"
	"rnnsim/quant"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

// CaseOptions says how a case is verified.
type CaseOptions struct {
	// Compat is the semantics; nil is that of the tool that recorded the case.
	Compat *xmodel.Compat
	// MinSQNR, Threads, Errors, Heat, Detail, Version and Progress are as in Job.
	MinSQNR  *float64
	Threads  int
	Errors   int
	Heat     bool
	Detail   bool
	Version  string
	Progress func(check string, done, total int64)
}

// RunCase runs the whole chain on a case: it reads the float model, calibrates and quantizes it, holds quant_info.json and the
// graphs against the recorded ones, runs the test sequences in the simulator and the exact reference, holds both against what
// was recorded, replays the deploy_check folders, and compares with the float model and the labels. A case without a float
// model starts with its graphs.
func RunCase(ctx context.Context, c *Case, options CaseOptions) (*Report, error) {
	report, err := runCase(ctx, c, options)
	if err != nil {
		return nil, fmt.Errorf("verify the case %s: %w", c.Name, err)
	}
	return report, nil
}

// caseRun is one case under way.
type caseRun struct {
	*Case
	options CaseOptions
	compat  xmodel.Compat
	net     *model.Network
	model   *xmodel.Model
	input   Input
	checks  []Check
	notes   []string
}

func runCase(ctx context.Context, c *Case, options CaseOptions) (*Report, error) {
	r := &caseRun{Case: c, options: options, compat: c.Compat()}
	if r.compat == xmodel.VAI20 {
		r.notes = append(r.notes, fmt.Sprintf("recorded by %q: verified with that tool's faults (vai2.0)", c.Tool))
	}
	if options.Compat != nil && *options.Compat != r.compat {
		r.compat = *options.Compat
		r.notes = []string{fmt.Sprintf("recorded by %q and verified with %s semantics, as was asked for: what its faults touch differs", c.Tool, CompatName(r.compat))}
	}
	if err := r.readStimulus(); err != nil {
		return nil, err
	}
	if err := r.quantize(ctx); err != nil {
		return nil, err
	}
	if err := r.readStates(); err != nil {
		return nil, err
	}
	recordings, err := r.recordings()
	if err != nil {
		return nil, err
	}
	runner, err := newRunner(Job{
		Model: r.model, Compat: r.compat, Input: r.input, Recordings: recordings, Float: r.net, MinSQNR: options.MinSQNR,
		Threads: options.Threads, Errors: options.Errors, Heat: options.Heat, Detail: options.Detail, Version: options.Version, Progress: options.Progress,
	})
	if err != nil {
		return nil, err
	}
	runner.report.Case = c.Name
	runner.report.Checks = append(runner.report.Checks, r.checks...)
	if err := runner.all(ctx); err != nil {
		return nil, err
	}
	ends, err := r.ends(ctx, runner)
	if err != nil {
		return nil, err
	}
	runner.report.Checks = append(runner.report.Checks, ends...)
	runner.report.Notes = append(runner.report.Notes, r.notes...)
	runner.report.conclude()
	return runner.report, nil
}

func (r *caseRun) readStimulus() error {
	path, err := r.file("x_test.npy", "x.npy")
	if err != nil {
		return err
	}
	if path == "" {
		return fmt.Errorf("the folder %s has no stimulus: x_test.npy or x.npy is wanted", r.Dir)
	}
	lengths, err := r.file("lengths.npy")
	if err != nil {
		return err
	}
	read, err := vectors.ReadSequences(path, lengths)
	if err != nil {
		return err
	}
	r.input = Input{Source: path, Sequences: read.Sequences}
	return nil
}

// quantize makes the model from the float network and holds it against what was recorded, or takes the recorded graphs.
func (r *caseRun) quantize(ctx context.Context) error {
	floatFile, err := r.file("model.npz", "model.pth", "model.pt", "model.safetensors", "model.onnx", "model.h5")
	if err != nil {
		return err
	}
	graphs, err := r.file("xmodel")
	if err != nil {
		return err
	}
	if floatFile == "" && graphs == "" {
		return fmt.Errorf("the folder %s has no model: model.npz or xmodel/ is wanted", r.Dir)
	}
	if floatFile == "" {
		r.model, err = xmodel.ReadModel(graphs)
		return err
	}
	recorded := beside(func() (*xmodel.Model, error) {
		if graphs == "" {
			return nil, nil
		}
		return xmodel.ReadModel(graphs)
	})
	if r.net, err = model.Read(floatFile, model.ReadOptions{}); err != nil {
		return err
	}
	quantized, err := r.calibrate(ctx)
	if err != nil {
		return err
	}
	r.model = quantized.Model
	r.model.Source = floatFile
	for _, warning := range quantized.Warnings {
		r.notes = append(r.notes, "quantizing: "+warning)
	}
	if err := r.checkInfo(quantized.Info); err != nil {
		return err
	}
	graphsRead, err := recorded()
	if graphsRead != nil {
		r.checkGraphs(quantized.Model, graphsRead)
	}
	return err
}

func (r *caseRun) calibrate(ctx context.Context) (*quant.Result, error) {
	path, err := r.file("x_calib.npy", "x.npy")
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, fmt.Errorf("the folder %s has no calibration data: x_calib.npy or x.npy is wanted", r.Dir)
	}
	read, err := vectors.ReadSequences(path, "")
	if err != nil {
		return nil, err
	}
	sequences := make([][]float32, len(read.Sequences))
	for i, sequence := range read.Sequences {
		if sequence.Float == nil {
			return nil, fmt.Errorf("%s holds integers: calibration wants real numbers", path)
		}
		sequences[i] = sequence.Float
	}
	options := quant.Options{WeightBits: r.WeightBits, MaxFixPosition: r.MaxFixPosition, Compat: r.compat}
	if r.options.Progress != nil {
		options.Progress = func(done, total int) { r.options.Progress("calibration", int64(done), int64(total)) }
	}
	return quant.Calibrate(ctx, r.net, sequences, options)
}

// recordings opens the recorded runs of the case, at the same time.
func (r *caseRun) recordings() ([]Recording, error) {
	header, err := headerOf(r.model)
	if err != nil {
		return nil, err
	}
	opens := []struct {
		name string
		open func(path string) (Recording, error)
	}{
		{"exact.npz", func(path string) (Recording, error) { return recordedRun(path, header) }},
		{deployCheckFloat32, func(path string) (Recording, error) { return deployCheck(path, header, false, r.DumpSequence) }},
		{deployCheckFloat64, func(path string) (Recording, error) { return deployCheck(path, header, true, r.DumpSequence) }},
	}
	var opened []func() (*Recording, error)
	for _, o := range opens {
		opened = append(opened, beside(func() (*Recording, error) {
			path, err := r.file(o.name)
			if err != nil || path == "" {
				return nil, err
			}
			recording, err := o.open(path)
			return &recording, err
		}))
	}
	var recordings []Recording
	for _, result := range opened {
		recording, err := result()
		if err != nil {
			return nil, err
		}
		if recording != nil {
			recordings = append(recordings, *recording)
		}
	}
	return recordings, nil
}
