package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rnnsim/dump"
)

// TraceOptions help to read the forms of traces that do not say all of themselves.
type TraceOptions struct {
	// Like describes the cells, or is nil.
	Like *dump.Header
	// LikeDir is the exported folder that a folder of hex files without a manifest goes with, or "".
	LikeDir string
	// Signals is the file that says what signals of a VCD are what nodes, or "".
	Signals string
}

// OpenTrace opens a trace of any form, by its content: an Arrow trace, a deploy_check folder, an .npz file, a folder of hex files, a VCD, or
// a device's answers in a file. Errors name the path and what is wrong with it.
func OpenTrace(path string, options TraceOptions) (dump.Source, error) {
	kind, err := dump.Sniff(path)
	if err != nil {
		return nil, err
	}
	if kind != dump.Unknown {
		return dump.Open(path, dump.OpenOptions{Formats: options.Like})
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return openText(path, options)
	}
	if _, err := os.Stat(filepath.Join(path, "manifest.json")); err != nil && options.LikeDir == "" {
		return nil, fmt.Errorf("open the trace %s: it is no Arrow trace and no deploy_check folder, and has no manifest.json of hex files; --like names the exported folder that it goes with", path)
	}
	return asSource(OpenHex(path, HexOptions{Like: options.LikeDir}))
}

// openText opens a VCD, or a file of a device's answers.
func openText(path string, o TraceOptions) (dump.Source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err != nil && n == 0 {
		return nil, errors.Join(fmt.Errorf("open the trace %s: it is empty", path), file.Close())
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	var source dump.Source
	switch head = bytes.TrimLeft(head[:n], " \t\r\n"); {
	case bytes.HasPrefix(head, []byte("$")):
		source, err = openWave(file, o)
	case bytes.HasPrefix(head, []byte("#")), bytes.HasPrefix(head, []byte(protocolWord)):
		source, err = asSource(OpenProtocol(file, ProtocolOptions{}))
	default:
		err = errors.New("it is no Arrow trace, .npz file, VCD, or text of a device's answers")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the trace %s: %w", path, err), file.Close())
	}
	return &fileSource{source, file}, nil
}

// openWave opens a VCD.
func openWave(file io.Reader, o TraceOptions) (dump.Source, error) {
	options := VCDReadOptions{Like: o.Like}
	if o.Signals != "" {
		text, err := os.ReadFile(o.Signals)
		if err == nil {
			options.Map, err = ParseSignalMap(text)
		}
		if err != nil {
			return nil, fmt.Errorf("read the signals %s: %w", o.Signals, err)
		}
	}
	return asSource(OpenVCD(file, options))
}

// asSource keeps a nil pointer from becoming a source that is not nil.
func asSource[S dump.Source](s S, err error) (dump.Source, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// OpenAnswers opens a device's answers in the text protocol that were put into a file.
func OpenAnswers(path string, options ProtocolOptions) (dump.Source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	source, err := OpenProtocol(file, options)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &fileSource{source, file}, nil
}

// fileSource closes the file that a source reads.
type fileSource struct {
	dump.Source
	file io.Closer
}

func (f *fileSource) Close() error { return errors.Join(f.Source.Close(), f.file.Close()) }
