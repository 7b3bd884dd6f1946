package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/fault"
	"rnnsim/xmodel"
)

// traceFlags are what helps to read the forms of traces that do not say all of themselves.
func traceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "like", Usage: "read a folder of hex files without a manifest by that of the exported `DIR`", TakesFile: true},
		&cli.StringFlag{Name: "signals", Usage: "read a VCD by this `FILE`, which says what signals are what nodes", TakesFile: true},
	}
}

// modelOfTrace reads the model that --model names, with the cells and nodes that its traces have.
func modelOfTrace(c *cli.Context, compat xmodel.Compat) (*xmodel.Model, dump.Header, error) {
	quantized, err := readQuantized(c.String("model"))
	if err != nil {
		return nil, dump.Header{}, err
	}
	base, err := fault.New(quantized, compat)
	if err != nil {
		return nil, dump.Header{}, err
	}
	return quantized, base.Header(), nil
}

const tracesText = "A trace is an Arrow trace, a deploy_check folder, an .npz file, a folder of hex files, a VCD, or - for a device's answers in the text\n" +
	"protocol on standard input."

// openTrace opens a trace of any form, by its content. like describes the cells for the forms that do not; it may be nil.
func openTrace(c *cli.Context, s streams, path string, like *dump.Header) (dump.Source, error) {
	if path == "-" {
		source, err := export.OpenProtocol(s.in, export.ProtocolOptions{})
		if err != nil {
			return nil, err
		}
		return source, nil
	}
	kind, err := dump.Sniff(path)
	if err != nil {
		return nil, err
	}
	if kind != dump.Unknown {
		return dump.Open(path, dump.OpenOptions{Formats: like})
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		_, err := os.Stat(filepath.Join(path, "manifest.json"))
		if err != nil && !c.IsSet("like") {
			return nil, fmt.Errorf("open the trace %s: it is no Arrow trace and no deploy_check folder, and has no manifest.json of hex files; --like names the exported folder that it goes with", path)
		}
		return asSource(export.OpenHex(path, export.HexOptions{Like: c.String("like")}))
	}
	return openWave(c, path, like)
}

// openWave opens a VCD.
func openWave(c *cli.Context, path string, like *dump.Header) (dump.Source, error) {
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
	options := export.VCDReadOptions{Like: like}
	if c.IsSet("signals") {
		text, err := os.ReadFile(c.String("signals"))
		if err == nil {
			options.Map, err = export.ParseSignalMap(text)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read the signals %s: %w", c.String("signals"), err), file.Close())
		}
	}
	source, err := export.OpenVCD(file, options)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the trace %s: %w", path, err), file.Close())
	}
	return &fileSource{source, file}, nil
}

// fileSource closes the file that a source reads.
type fileSource struct {
	dump.Source
	file io.Closer
}

func (f *fileSource) Close() error { return errors.Join(f.Source.Close(), f.file.Close()) }

// asSource keeps a nil pointer from becoming a source that is not nil.
func asSource[S dump.Source](source S, err error) (dump.Source, error) {
	if err != nil {
		return nil, err
	}
	return source, nil
}

// openAnswers opens a device's answers that were put into a file.
func openAnswers(path string) (dump.Source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	source, err := export.OpenProtocol(file, export.ProtocolOptions{})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &fileSource{source, file}, nil
}
