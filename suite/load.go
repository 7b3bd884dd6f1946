package suite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// maxSuiteBytes bounds a suite.yaml: one of a thousand hand-written entries is a tenth of it.
const maxSuiteBytes = 4 << 20

// Load reads a suite.yaml and finds its cases. Unknown keys, paths that lead out of the suite's folder, globs that match nothing,
// and cases that are named twice are errors with the line and column.
func Load(path string) (*Suite, error) {
	text, err := readBounded(path)
	if err != nil {
		return nil, fmt.Errorf("read the suite: %w", err)
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("read the suite %s: %w", path, err)
	}
	defer root.Close()
	s, err := parse(text, root)
	if err != nil {
		return nil, fmt.Errorf("read the suite: %s:%w", path, err)
	}
	s.Dir, s.File = filepath.Dir(path), filepath.Base(path)
	return s, nil
}

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSuiteBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxSuiteBytes {
		return nil, fmt.Errorf("%s has more than %d bytes; split the suite", path, maxSuiteBytes)
	}
	return text, nil
}

// parse reads the text of a suite.yaml whose paths are under root. Its errors begin with line and column.
func parse(text []byte, root *os.Root) (*Suite, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, positioned(err)
	}
	var doc document
	if err := yaml.UnmarshalWithOptions(text, &doc, yaml.Strict()); err != nil && !errors.Is(err, io.EOF) {
		return nil, positioned(err)
	}
	places := locator{file}
	switch {
	case doc.Suite != FormatVersion:
		return nil, places.errorf("$.suite", "suite: %d is no version of the format; this rnnsim reads suite: %d", doc.Suite, FormatVersion)
	case len(doc.Cases) == 0:
		return nil, places.errorf("$.cases", "the suite has no cases")
	}
	s := &Suite{Name: doc.Name}
	if err := s.expand(&doc, root, places); err != nil {
		return nil, err
	}
	return s, nil
}

// positioned turns the library's error into one line that begins with line and column.
func positioned(err error) error {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil && y.GetToken().Position != nil {
		p := y.GetToken().Position
		return fmt.Errorf("%d:%d: %s", p.Line, p.Column, y.GetMessage())
	}
	return fmt.Errorf("1:1: %w", err)
}
