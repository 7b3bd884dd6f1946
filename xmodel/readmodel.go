package xmodel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ReadModel reads the cells of one quantized network and puts them in execution order. A path is an .xmodel file, a folder of
// them, or a quantize_result folder with a folder "xmodel" in it; "_float" graphs beside quantized ones in a folder are passed
// over. Errors name the file and what is wrong: a graph that is no cell, cells of several networks, a layer or direction that
// is missing or there twice, widths that do not fit.
func ReadModel(paths ...string) (*Model, error) {
	if len(paths) == 0 {
		return nil, errors.New("read a model: no path was given; name .xmodel files or a folder of them")
	}
	var files []string
	for _, path := range paths {
		found, err := modelFiles(path)
		if err != nil {
			return nil, fmt.Errorf("read a model: %w", err)
		}
		files = append(files, found...)
	}
	var graphs []*Graph
	for _, file := range files {
		g, err := ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := requireCell(g); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		graphs = append(graphs, g)
	}
	m, err := NewModel(graphs...)
	if err != nil {
		return nil, fmt.Errorf("read the model %s: %w", strings.Join(paths, ", "), err)
	}
	m.Source = paths[0]
	if p, _, _ := placeOf(m.Cells[0].Graph); len(m.Cells) == 1 && p.layer > 0 && !p.counted && files[0] != paths[0] {
		return nil, fmt.Errorf("read the model %s: graph %q is of layer %d, and layer 0 is missing; add its file, or name this one to run it alone",
			paths[0], m.Cells[0].Graph.Name, p.layer)
	}
	return m, nil
}

func modelFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	folder := path
	if inner, err := os.Stat(filepath.Join(path, "xmodel")); err == nil && inner.IsDir() {
		folder = filepath.Join(path, "xmodel")
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files, quantized []string
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || filepath.Ext(name) != ".xmodel" || strings.HasPrefix(name, ".") {
			continue
		}
		files = append(files, filepath.Join(folder, name))
		if strings.HasSuffix(name, "_int.xmodel") {
			quantized = append(quantized, filepath.Join(folder, name))
		}
	}
	if len(quantized) > 0 {
		files = quantized
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("folder %s has no .xmodel file; name a folder that quantization wrote", folder)
	}
	return files, nil
}
