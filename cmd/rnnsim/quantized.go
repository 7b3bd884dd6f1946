package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"rnnsim/quant"
	"rnnsim/xmodel"
)

// readQuantized reads the cells of one quantized network from folders or files. A folder's quant_info.json, where it has one,
// must say of every node what the graphs say: tools downstream read the one or the other.
func readQuantized(paths ...string) (*xmodel.Model, error) {
	quantized, err := xmodel.ReadModel(paths...)
	if err != nil {
		for _, path := range paths {
			if whatIs(path, "a quantized model") != "" {
				return nil, notWanted(path, "a quantized model", err)
			}
		}
		return nil, err
	}
	for _, path := range paths {
		file := quantInfoBeside(path)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		info, err := quant.ReadInfo(file)
		if err != nil {
			return nil, err
		}
		if err := info.Agree(quantized); err != nil {
			return nil, err
		}
	}
	return quantized, nil
}

// quantInfoBeside is where the quant_info.json of a model lies: in its folder, or around its folder "xmodel". A single file is
// a part of a model, and a quant_info.json describes all of it.
func quantInfoBeside(path string) string {
	const name = "quant_info.json"
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return ""
	}
	if clean := filepath.Clean(path); filepath.Base(clean) == "xmodel" {
		return filepath.Join(filepath.Dir(clean), name)
	}
	return filepath.Join(path, name)
}
