package model

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"rnnsim/internal/safezip"
)

// ReadOptions says what of a file is wanted.
type ReadOptions struct {
	// RNN is the module path of the recurrent module to read, such as "encoder.rnn", or the name of one of its nodes in a graph of
	// ONNX, such as "/encoder/rnn/LSTM". It may be empty if there is only one.
	RNN string
	// ReplaceHardSigmoid takes the gates of a Keras layer that was trained with hard_sigmoid for gates with the sigmoid, which is
	// what the accelerator has a table of. Without it such a layer is refused. The network's outputs differ from the file's.
	ReplaceHardSigmoid bool
}

// format is a file format that networks come in. Each is told by the content of a file, never by its name, and no two
// recognize the same content.
type format struct {
	name  string
	sniff func(*source) bool
	read  func(*source, ReadOptions) (*Network, error)
}

// formats are all formats that [Read] knows. A further one is a file of its own and a line here.
func formats() []format {
	return []format{npzFormat, torchZipFormat, torchLegacyFormat, safetensorsFormat, onnxFormat, kerasHDF5Format, kerasZipFormat}
}

// source is an open file. Readers keep nothing of it.
type source struct {
	path string
	file io.ReaderAt
	size int64
	head []byte      // the first bytes, up to headBytes
	zip  *zip.Reader // nil if the file is no zip archive
}

// headBytes is how much a format may look at without reading: a tar archive's magic is the farthest.
const headBytes = 512

// Read reads the network in the file at path: .npz and safetensors files with PyTorch's names, PyTorch's own files (state
// dictionaries, checkpoints that hold one, pickled modules, TorchScript), graphs of ONNX and models of Keras, by content, whatever
// the file's name.
//
// Recurrent modules are found by the names and shapes of their tensors; see [ReadOptions] for files that hold several. The
// embedding and the head are taken only where shapes and names leave no doubt: see assembleRest in rest.go for the rule. What is
// left over is listed in [Network.Unused]. Files of weights do not say how the head is used: it is taken to read the last step,
// and its layers have no activation. Files of Keras (.h5, .keras) say what their layers are, and are read by the rule of
// kerasNetwork in keras_build.go; [Network.Notes] says what the network leaves to the reader.
//
// A graph of ONNX says what is computed, and the network must compute the same: operators that have no place in it are refused by
// name. A recurrent part that [ReadOptions.RNN] names is taken without what lies before it, and with what is understood behind it;
// the notes say what was left out. Initial states and sequence lengths that are inputs of the graph are left to each run.
//
// Errors name the file, the place in it, and what to do.
func Read(path string, opts ReadOptions) (*Network, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a model: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: it is not a regular file: name the file that holds the model", path)
	}
	network, err := readSource(&source{path: path, file: file, size: info.Size()}, opts)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return network, nil
}

// Format names the format of a float model that the file at path starts like, such as "ONNX". ok is false where it starts like none, and
// where it cannot be read.
func Format(path string) (name string, ok bool) {
	file, err := os.Open(path)
	if err != nil {
		return "", false
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return "", false
	}
	src := &source{path: path, file: file, size: info.Size()}
	if err := src.look(); err != nil {
		return "", false
	}
	for _, f := range formats() {
		if f.sniff(src) {
			return f.name, true
		}
	}
	return "", false
}

// look reads what tells the format.
func (src *source) look() error {
	if src.size == 0 {
		return errors.New("the file is empty")
	}
	src.head = make([]byte, min(headBytes, src.size))
	if _, err := src.file.ReadAt(src.head, 0); err != nil {
		return err
	}
	if bytes.HasPrefix(src.head, []byte("PK")) {
		archive, err := safezip.NewReader(src.file, src.size)
		if err != nil {
			return fmt.Errorf("it starts like a zip archive (.npz, .pth, .keras) and cannot be opened as one, perhaps since it is cut short: %w", err)
		}
		src.zip = archive
	}
	return nil
}

func readSource(src *source, opts ReadOptions) (*Network, error) {
	if err := src.look(); err != nil {
		return nil, err
	}
	for _, f := range formats() {
		if !f.sniff(src) {
			continue
		}
		network, err := f.read(src, opts)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		network.Source = src.path
		if err := network.Validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		return network, nil
	}
	return nil, unknownContent(src)
}

// unknownContent says what a file is that no format recognizes, where that can be told.
func unknownContent(src *source) error {
	lower := bytes.ToLower(bytes.TrimSpace(src.head))
	switch {
	case bytes.HasPrefix(lower, []byte("version https://git-lfs")):
		return errors.New("it is a Git LFS pointer, not the model: fetch the file itself (git lfs pull)")
	case bytes.HasPrefix(lower, []byte("<!doctype")) || bytes.HasPrefix(lower, []byte("<html")):
		return errors.New("it is a web page, not a model: the download went wrong")
	case len(src.head) > 262 && string(src.head[257:262]) == "ustar":
		return errors.New("it is a tar archive, as PyTorch wrote before version 0.2: load it with PyTorch and save its state_dict again")
	case bytes.HasPrefix(src.head, []byte("\x93NUMPY")):
		return errors.New("it is a single array: save the model's tensors by name (numpy.savez)")
	case src.zip != nil:
		names := []string{}
		for _, entry := range src.zip.File {
			names = append(names, entry.Name)
		}
		return fmt.Errorf("it is a zip archive of no model that is known here; it holds %s", some(names))
	}
	names := []string{}
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return fmt.Errorf("it starts with % x, which no model that is known here does (%s)", src.head[:min(8, len(src.head))], strings.Join(names, ", "))
}

// some lists the first few names.
func some(names []string) string {
	const most = 8
	if len(names) == 0 {
		return "nothing"
	}
	shown := make([]string, 0, most)
	for _, name := range names[:min(most, len(names))] {
		if len(name) > 80 {
			name = name[:80] + "…"
		}
		shown = append(shown, fmt.Sprintf("%q", name))
	}
	if more := len(names) - len(shown); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(shown, ", "), more)
	}
	return strings.Join(shown, ", ")
}
