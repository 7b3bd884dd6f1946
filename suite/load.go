package suite

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	var doc document
	file, err := decodeYAML(text, &doc)
	if err != nil {
		return nil, err
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
