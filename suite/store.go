package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rnnsim/internal/atomicfile"
)

// The names in a results folder.
const (
	casesFolder = "cases" // a result file for each case, named by its key
	logsFolder  = "logs"  // what the processes of cases that did not pass wrote to standard error
	workFolder  = "work"  // the files of devices at work
	planFile    = "plan.json"
	timesFile   = "times.json"
	SummaryFile = "summary.json"
)

// store is a results folder.
type store struct {
	dir  string
	lock *os.File
}

// openStore makes the folder where it is not there, and keeps other runs out of it until it is closed.
func openStore(dir string) (*store, error) {
	for _, folder := range []string{dir, filepath.Join(dir, casesFolder), filepath.Join(dir, logsFolder)} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, fmt.Errorf("make the results folder: %w", err)
		}
	}
	s := &store{dir: dir}
	var err error
	if s.lock, err = lockFile(filepath.Join(dir, ".lock")); err != nil {
		return nil, err
	}
	if err := s.sweep(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *store) close() error { return s.lock.Close() }

// sweep removes the temporary files of runs that were killed.
func (s *store) sweep() error {
	if err := os.RemoveAll(filepath.Join(s.dir, workFolder)); err != nil {
		return fmt.Errorf("clean up after a run that was killed: %w", err)
	}
	for _, folder := range []string{s.dir, filepath.Join(s.dir, casesFolder), filepath.Join(s.dir, logsFolder)} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return fmt.Errorf("look into the results: %w", err)
		}
		for _, entry := range entries {
			if name := entry.Name(); strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp") {
				if err := os.Remove(filepath.Join(folder, name)); err != nil {
					return fmt.Errorf("clean up after a run that was killed: %w", err)
				}
			}
		}
	}
	return nil
}

// read gives the result with the key, or nil where there is none. A file that is not as it was written counts as none.
func (s *store) read(key string) (*Result, error) { return readResult(s.dir, key) }

func readResult(dir, key string) (*Result, error) {
	text, err := os.ReadFile(filepath.Join(dir, casesFolder, key+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a result: %w", err)
	}
	result, err := ParseResult(text)
	if err != nil || result.Key != key {
		return nil, nil // the case runs again
	}
	return result, nil
}

// scratch makes an empty folder for the case with the key and gives its absolute path.
func (s *store) scratch(key string) (string, error) {
	path, err := filepath.Abs(filepath.Join(s.dir, workFolder, key))
	if err == nil {
		err = os.MkdirAll(path, 0o755)
	}
	if err != nil {
		return "", fmt.Errorf("make a folder for a device: %w", err)
	}
	return path, nil
}

// write keeps a result and, of a case that did not pass, what its processes said.
func (s *store) write(result *Result, log string) error {
	text, err := result.Marshal()
	if err != nil {
		return err
	}
	logFile := filepath.Join(s.dir, logsFolder, result.Key+".txt")
	switch {
	case result.Outcome == Passed || log == "":
		if err := os.Remove(logFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an old log: %w", err)
		}
	default:
		if err := writeBytes(logFile, []byte(log)); err != nil {
			return err
		}
	}
	return writeBytes(filepath.Join(s.dir, casesFolder, result.Key+".json"), text)
}

func writeBytes(path string, text []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// writeJSON writes an indented document.
func writeJSON(path string, document any) error {
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return writeBytes(path, append(text, '\n'))
}

// ReadTimes reads the recorded run times, in seconds by the name of the case, of a results folder or a times.json; a folder
// without one has none.
func ReadTimes(path string) (map[string]float64, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, timesFile)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return map[string]float64{}, nil
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the run times: %w", err)
	}
	times := map[string]float64{}
	if err := strictJSON(text, &times); err != nil {
		return nil, fmt.Errorf("read the run times: %s: %w", path, err)
	}
	return times, nil
}
