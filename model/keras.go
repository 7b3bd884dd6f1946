package model

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"rnnsim/internal/hdf5"
	"rnnsim/internal/safezip"
)

// kerasHDF5Format is Keras's .h5: a whole model (attribute model_config, group model_weights) or weights alone, as Keras 1 to 3
// write them. Weights alone are read by the rule of bareSteps in keras_bare.go.
var kerasHDF5Format = format{
	name:  "Keras HDF5 file (.h5)",
	sniff: func(src *source) bool { return bytes.HasPrefix(src.head, []byte(hdf5.Signature)) },
	read:  readKerasHDF5,
}

// kerasZipFormat is Keras's .keras: a zip archive with the configuration and an HDF5 file of the weights.
var kerasZipFormat = format{
	name: "Keras archive (.keras)",
	sniff: func(src *source) bool {
		return entryNamed(src.zip, "config.json") != nil && (entryNamed(src.zip, kerasWeightsEntry) != nil || entryNamed(src.zip, "metadata.json") != nil)
	},
	read: readKerasZip,
}

const kerasWeightsEntry = "model.weights.h5"

// maxKerasConfig bounds a model's configuration in bytes; a layer takes about one thousand.
const maxKerasConfig = 8 << 20

func entryNamed(archive *zip.Reader, name string) *zip.File {
	if archive == nil {
		return nil
	}
	for _, entry := range archive.File {
		if entry.Name == name {
			return entry
		}
	}
	return nil
}

func readKerasHDF5(src *source, opts ReadOptions) (*Network, error) {
	file, err := hdf5.Open(src.file, src.size)
	if err != nil {
		return nil, err
	}
	root, err := file.Root()
	if err != nil {
		return nil, err
	}
	config, err := root.Attribute("model_config")
	if err != nil {
		return nil, err
	}
	if config == nil {
		return readKerasBare(root, opts)
	}
	texts, err := config.Strings()
	if err != nil {
		return nil, err
	}
	if len(texts) != 1 {
		return nil, fmt.Errorf("attribute model_config holds %d strings, one is wanted", len(texts))
	}
	layers, err := kerasLayers([]byte(texts[0]))
	if err != nil {
		return nil, fmt.Errorf("attribute model_config: %w", err)
	}
	weights, err := openNamedWeights(root)
	if err != nil {
		return nil, err
	}
	return kerasNetwork(kerasSteps(layers, opts), weights, opts)
}

func readKerasZip(src *source, opts ReadOptions) (*Network, error) {
	config, err := inflateEntry(src, "config.json", maxKerasConfig)
	if err != nil {
		return nil, err
	}
	layers, err := kerasLayers(config)
	if err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	data, err := inflateEntry(src, kerasWeightsEntry, 1<<62)
	if err != nil {
		return nil, err
	}
	file, err := hdf5.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kerasWeightsEntry, err)
	}
	root, err := file.Root()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kerasWeightsEntry, err)
	}
	weights, err := openNumberedWeights(root)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kerasWeightsEntry, err)
	}
	placeGroups(layers)
	return kerasNetwork(kerasSteps(layers, opts), weights, opts)
}

// inflateEntry reads an entry of an archive of at most so many bytes.
func inflateEntry(src *source, name string, most uint64) ([]byte, error) {
	entry := entryNamed(src.zip, name)
	if entry == nil {
		return nil, fmt.Errorf("the archive has no %s: save the whole model (model.save)", name)
	}
	if entry.UncompressedSize64 > most {
		return nil, fmt.Errorf("%s is %d bytes long, the limit is %d", name, entry.UncompressedSize64, most)
	}
	r, err := safezip.Open(entry)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer r.Close()
	var data bytes.Buffer
	// A stored entry is as long as its bytes in the file; the memory of a compressed one grows with what arrives.
	data.Grow(int(min(entry.UncompressedSize64, uint64(src.size))) + bytes.MinRead)
	if _, err := io.Copy(&data, r); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data.Bytes(), nil
}

// readKerasBare reads a file that holds weights and no configuration.
func readKerasBare(root *hdf5.Object, opts ReadOptions) (*Network, error) {
	names, err := attributeStrings(root, "layer_names")
	if err != nil {
		return nil, err
	}
	if names != nil {
		weights, err := openNamedWeights(root)
		if err != nil {
			return nil, err
		}
		steps, err := bareSteps(weights)
		if err != nil {
			return nil, err
		}
		return bareNetwork(steps, weights, opts)
	}
	weights, err := openNumberedWeights(root)
	if errors.Is(err, hdf5.ErrNotFound) {
		members, err := root.Names()
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("it holds no Keras model: neither the attributes model_config and layer_names nor a group of layers; its members are %s", some(members))
	}
	if err != nil {
		return nil, err
	}
	steps, err := bareNumberedSteps(weights)
	if err != nil {
		return nil, err
	}
	return bareNetwork(steps, weights, opts)
}

// bareNetwork says in the notes what weights alone cannot say.
func bareNetwork(steps []kerasStep, weights kerasWeights, opts ReadOptions) (*Network, error) {
	n, err := kerasNetwork(steps, weights, opts)
	if err != nil {
		return nil, fmt.Errorf("%w (the file holds weights and no configuration; a whole model, as model.save writes it, leaves nothing open)", err)
	}
	n.Notes = append(n.Notes, "the file holds weights and no configuration: gates are taken to have sigmoid and tanh, layers to run forward, the head to read the last step and to have no activation")
	return n, nil
}

// attributeStrings gives an attribute of strings, nil if it is not there. Keras divides one that is too long for the format
// into NAME0, NAME1, ….
func attributeStrings(o *hdf5.Object, name string) ([]string, error) {
	a, err := o.Attribute(name)
	if err != nil {
		return nil, err
	}
	if a != nil {
		texts, err := a.Strings()
		return append([]string{}, texts...), err
	}
	var all []string
	for part := 0; ; part++ {
		a, err := o.Attribute(fmt.Sprintf("%s%d", name, part))
		if err != nil {
			return nil, err
		}
		if a == nil {
			return all, nil
		}
		texts, err := a.Strings()
		if err != nil {
			return nil, err
		}
		all = append(all, texts...)
	}
}

// cleanWeightName gives the last part of a weight's name without TensorFlow's output number ("lstm/kernel:0": kernel).
func cleanWeightName(name string) string {
	name = name[strings.LastIndexByte(name, '/')+1:]
	stem, _, _ := strings.Cut(name, ":")
	return stem
}
