package quant

import (
	"context"
	"fmt"

	"rnnsim/model"
	"rnnsim/xmodel"
)

// Result is a quantized network.
type Result struct {
	Info  *Info
	Model *xmodel.Model
	// Warnings are the adjustments that the export made to positions, in order.
	Warnings []string
	// History is every position that calibration searched.
	History History
}

// Calibrate quantizes a network: it runs it on the sequences, searches the fix position of every tensor at every timestep,
// and exports the positions and the quantized graphs.
//
// Each sequence is [steps × features] values, row-major, features being what the first recurrent layer reads; h and c are
// zero at its start. Sequences are executed one after another, so results never depend on batching; they do depend on the
// order of the sequences, since a history's mode is used while it grows.
//
// The sequences and the network are not altered. An error (a NaN or an infinity, a wrong number of features, no sequence, an
// empty sequence, a cancelled context) leaves no result.
func Calibrate(ctx context.Context, net *model.Network, sequences [][]float32, options Options) (*Result, error) {
	result, err := calibrate(ctx, net, sequences, options)
	if err != nil {
		return nil, fmt.Errorf("calibrating %s: %w", networkLabel(net), err)
	}
	if result.Model, err = Build(net, result.Info, options.Compat); err != nil {
		return nil, err
	}
	return result, nil
}

// calibrate is Calibrate without the graphs.
func calibrate(ctx context.Context, net *model.Network, sequences [][]float32, options Options) (*Result, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := net.Validate(); err != nil {
		return nil, err
	}
	if err := checkSequences(sequences, net.Input()); err != nil {
		return nil, err
	}
	c, err := newCalibration(net, options)
	if err != nil {
		return nil, err
	}
	if err := c.run(ctx, sequences); err != nil {
		return nil, err
	}
	info := c.info()
	warnings, err := export(net, info, options.Compat)
	if err != nil {
		return nil, fmt.Errorf("exporting the positions: %w", err)
	}
	return &Result{Info: info, Warnings: warnings, History: c.history()}, nil
}

// networkLabel names a network in messages: by its file, if it has one.
func networkLabel(net *model.Network) string {
	if net.Source != "" {
		return net.Source
	}
	return fmt.Sprintf("network %q", net.Name)
}

// checkSequences checks the calibration data against the number of features.
func checkSequences(sequences [][]float32, features int) error {
	if len(sequences) == 0 {
		return fmt.Errorf("there is no calibration sequence: give at least one")
	}
	for i, sequence := range sequences {
		if len(sequence) == 0 {
			return fmt.Errorf("calibration sequence %d has no timestep: remove it", i)
		}
		if len(sequence)%features != 0 {
			return fmt.Errorf("calibration sequence %d holds %d values, not a multiple of the %d features that the network reads: check the data's last dimension",
				i, len(sequence), features)
		}
		if at := firstNonFinite(sequence); at >= 0 {
			return fmt.Errorf("calibration sequence %d, step %d, feature %d is %v: remove the sequence or repair the value",
				i, at/features, at%features, sequence[at])
		}
	}
	return nil
}
