package model

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"rnnsim/model/internal/onnxpb"
)

// external reads a tensor's size bytes from another file. That file must lie in the model's folder: a path that leads out of it,
// by itself or by a link, is refused, since a model that comes from elsewhere must not choose which of the user's files are read.
func (g *onnxGraph) external(t *onnxpb.TensorProto, size int) ([]byte, error) {
	location, offset, length := "", int64(0), int64(size)
	for _, entry := range t.ExternalData {
		switch entry.Key {
		case "location":
			location = entry.Value
		case "offset", "length":
			number, err := strconv.ParseInt(entry.Value, 10, 64)
			if err != nil || number < 0 {
				return nil, fmt.Errorf("the %s of its external data is %q, no number of bytes", entry.Key, clipText(entry.Value))
			}
			if entry.Key == "offset" {
				offset = number
			} else {
				length = number
			}
		}
	}
	if location == "" {
		return nil, fmt.Errorf("its data are external, and no file is named")
	}
	if !filepath.IsLocal(filepath.FromSlash(location)) {
		return nil, fmt.Errorf("its data lie in %q, outside the model's folder, which is refused: put the file beside the model and save it again", clipText(location))
	}
	if length != int64(size) {
		return nil, fmt.Errorf("%s of shape %v takes %d bytes, its external data has %d", onnxTypeName(t.DataType), t.Dims, size, length)
	}
	file, total, err := g.dataFile(location)
	if err != nil {
		return nil, err
	}
	if length > total-offset {
		return nil, fmt.Errorf("its bytes %d to %d lie beyond the end of %q, which has %d: the file is cut short, or another one", offset, offset+length, clipText(location), total)
	}
	raw := make([]byte, size)
	if _, err := file.ReadAt(raw, offset); err != nil {
		return nil, fmt.Errorf("read its external data: %w", err)
	}
	return raw, nil
}

// dataFile opens a data file in the model's folder, once.
func (g *onnxGraph) dataFile(location string) (*os.File, int64, error) {
	if g.root == nil {
		root, err := os.OpenRoot(g.folder)
		if err != nil {
			return nil, 0, fmt.Errorf("open the model's folder for its external data: %w", err)
		}
		g.root, g.files = root, map[string]*os.File{}
	}
	file := g.files[location]
	if file == nil {
		name := filepath.FromSlash(location)
		// Opening a pipe would wait for a writer.
		info, err := g.root.Stat(name)
		if err != nil {
			return nil, 0, fmt.Errorf("its external data: %w: the file must lie in the model's folder", err)
		}
		if !info.Mode().IsRegular() {
			return nil, 0, fmt.Errorf("its external data: %q is not a regular file", clipText(location))
		}
		if file, err = g.root.Open(name); err != nil {
			return nil, 0, fmt.Errorf("its external data: %w", err)
		}
		g.files[location] = file
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("its external data: %w", err)
	}
	return file, info.Size(), nil
}

func (g *onnxGraph) close() {
	for _, file := range g.files {
		file.Close()
	}
	if g.root != nil {
		g.root.Close()
	}
}
