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

// OpenTrace opens a trace of any form, by its content: an Arrow trace, a deploy_check folder, an .npz file, a folder of hex files, or
// a VCD. Errors name the path and what is wrong with it.
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
		return openWave(path, options)
	}
	if _, err := os.Stat(filepath.Join(path, "manifest.json")); err != nil && options.LikeDir == "" {
		return nil, fmt.Errorf("open the trace %s: it is no Arrow trace and no deploy_check folder, and has no manifest.json of hex files; --like names the exported folder that it goes with", path)
	}
	source, err := OpenHex(path, HexOptions{Like: options.LikeDir})
	if err != nil {
		return nil, err
	}
	return source, nil
}

// openWave opens a VCD.
func openWave(path string, o TraceOptions) (dump.Source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err != nil && n == 0 || !bytes.HasPrefix(bytes.TrimLeft(head[:n], " \t\r\n"), []byte("$")) {
		return nil, errors.Join(fmt.Errorf("open the trace %s: it is no Arrow trace, .npz file or VCD", path), file.Close())
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	options := VCDReadOptions{Like: o.Like}
	if o.Signals != "" {
		text, err := os.ReadFile(o.Signals)
		if err == nil {
			options.Map, err = ParseSignalMap(text)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read the signals %s: %w", o.Signals, err), file.Close())
		}
	}
	source, err := OpenVCD(file, options)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the trace %s: %w", path, err), file.Close())
	}
	return &fileSource{source, file}, nil
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
