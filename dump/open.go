package dump

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Kind is a form in which traces are kept.
type Kind int

// The kinds of traces.
const (
	Unknown Kind = iota
	Arrow
	DeployCheck
	Npz
)

// String gives the name of the kind, as the command line has it.
func (k Kind) String() string { return [...]string{"unknown", "arrow", "deploy_check", "npz"}[k] }

// ParseKind reads the name of a kind.
func ParseKind(name string) (Kind, error) {
	for _, k := range []Kind{Arrow, DeployCheck, Npz} {
		if k.String() == name {
			return k, nil
		}
	}
	return Unknown, fmt.Errorf("trace format %q: it is arrow, deploy_check or npz", name)
}

// Sniff tells what kind of trace a path is, by its content. It is Unknown where it is none.
func Sniff(path string) (Kind, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Unknown, fmt.Errorf("open the trace: %w", err)
	}
	if info.IsDir() {
		return sniffFolder(path)
	}
	if !info.Mode().IsRegular() {
		return Unknown, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return Unknown, fmt.Errorf("open the trace: %w", err)
	}
	defer f.Close()
	head := make([]byte, 6)
	if n, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Unknown, fmt.Errorf("open the trace %s: %w", path, err)
	} else {
		head = head[:n]
	}
	switch {
	case string(head) == "ARROW1":
		return Arrow, nil
	case strings.HasPrefix(string(head), "PK\x03\x04"):
		return Npz, nil
	}
	return Unknown, nil
}

func sniffFolder(path string) (Kind, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return Unknown, fmt.Errorf("open the trace: %w", err)
	}
	for _, entry := range entries {
		inside := filepath.Join(path, entry.Name())
		switch {
		case !entry.IsDir() && strings.HasSuffix(entry.Name(), arrowSuffix):
			return Arrow, nil
		case entry.Name() == dumpFolder, entry.Name() == framePrefix+"0", isDir(filepath.Join(inside, framePrefix+"0")):
			return DeployCheck, nil
		}
	}
	return Unknown, nil
}

// OpenOptions say what is known about a trace.
type OpenOptions struct {
	// Formats are the cells as the model has them, for the kinds that do not hold them: see DeployCheckReadOptions and
	// NpzReadOptions.
	Formats *Header
}

// Open opens a trace of any kind.
func Open(path string, options OpenOptions) (Source, error) {
	kind, err := Sniff(path)
	if err != nil {
		return nil, err
	}
	switch kind {
	case Arrow:
		return asSource(OpenArrow(path))
	case DeployCheck:
		return asSource(OpenDeployCheck(path, DeployCheckReadOptions(options)))
	case Npz:
		return asSource(OpenNpz(path, NpzReadOptions(options)))
	}
	return nil, fmt.Errorf("open the trace %s: it is no Arrow trace, deploy_check folder or .npz file", path)
}

// asSource keeps a nil pointer from becoming a source that is not nil.
func asSource[S Source](s S, err error) (Source, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Copy writes all frames of a source to a sink, and closes or aborts the sink; the source stays open. It gives the number of
// frames. A cancelled context ends it with the context's error.
func Copy(ctx context.Context, sink Sink, source Source) (frames int, err error) {
	if err := sink.Begin(source.Header()); err != nil {
		return 0, errors.Join(err, sink.Abort())
	}
	var f Frame
	for {
		if err := context.Cause(ctx); err != nil {
			return frames, errors.Join(err, sink.Abort())
		}
		if err := source.Next(&f); errors.Is(err, io.EOF) {
			return frames, sink.Close()
		} else if err != nil {
			return frames, errors.Join(err, sink.Abort())
		}
		if err := sink.Write(&f); err != nil {
			return frames, errors.Join(err, sink.Abort())
		}
		frames++
	}
}
