package model

import (
	"strings"

	"rnnsim/internal/npy"
)

// npzFormat is a NumPy archive whose arrays have PyTorch's names.
var npzFormat = format{
	name: "NumPy archive (.npz)",
	sniff: func(src *source) bool {
		if src.zip == nil {
			return false
		}
		for _, entry := range src.zip.File {
			if strings.HasSuffix(entry.Name, ".npy") {
				return true
			}
		}
		return false
	},
	read: readNpz,
}

func readNpz(src *source, opts ReadOptions) (*Network, error) {
	archive, err := npy.NewZip(src.file, src.size, src.path)
	if err != nil {
		return nil, err
	}
	var tensors []tensor
	for _, name := range archive.Names() {
		_, shape, err := archive.Header(name)
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, tensor{name: name, shape: shape, values: func() ([]float32, error) {
			a, err := archive.Array(name)
			if err != nil {
				return nil, err
			}
			return a.Float32s()
		}})
	}
	return assemble([]stateDict{{tensors: tensors}}, opts)
}
