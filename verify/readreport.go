package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxReport is more bytes than any report has: what it holds is bounded but for the number of nodes and checks.
const maxReport = 256 << 20

// ReadReport reads a report that WriteJSON or WriteResult wrote. Errors name the file and what is wrong with it.
func ReadReport(path string) (r *Report, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a result: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read a result: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("read a result: %s is a folder; a result is the file that --result or --json wrote", path)
	}
	large := fmt.Errorf("read a result: %s has more than %d bytes, which no result has", path, maxReport)
	if info.Size() > maxReport {
		return nil, large
	}
	text, err := io.ReadAll(io.LimitReader(file, maxReport+1))
	if err != nil {
		return nil, fmt.Errorf("read a result: %s: %w", path, err)
	}
	if len(text) > maxReport {
		return nil, large // it grew, or is no plain file
	}
	if r, err = ParseReport(text); err != nil {
		return nil, fmt.Errorf("read a result: %s: %w", path, err)
	}
	return r, nil
}

// ParseReport reads the JSON form of a report and holds it to what a report can be, so that it can be shown without further care.
func ParseReport(text []byte) (*Report, error) {
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("it is no report of rnnsim verify or compare as JSON: %w", err)
	}
	if r.Schema != ReportSchema {
		return nil, fmt.Errorf("it has schema %d, this version of rnnsim reads %d: make it anew with --result", r.Schema, ReportSchema)
	}
	for i := range r.Checks {
		check := &r.Checks[i]
		if err := check.validate(); err != nil {
			return nil, fmt.Errorf("checks[%d]: %w", i, err)
		}
		if check.Comparison != nil {
			// What has no bound to fail by passes whatever it finds.
			check.Comparison.informative = check.Name == NameFloat
		}
	}
	if err := validateCoverage(r.Coverage); err != nil {
		return nil, err
	}
	stated := r.Verdict
	if r.conclude(); r.Verdict != stated {
		return nil, fmt.Errorf("its verdict is %q, that of its checks %s", stated, r.Verdict)
	}
	return &r, nil
}
