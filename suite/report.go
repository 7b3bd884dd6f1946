package suite

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"rnnsim/verify"
)

// keepReport keeps the whole report with the result.
func (r *Result) keepReport(report *verify.Report) error {
	var packed bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("keep the report of %s: %w", r.Case, err)
	}
	if err := json.NewEncoder(zipped).Encode(report); err != nil {
		return fmt.Errorf("keep the report of %s: %w", r.Case, err)
	}
	if err := zipped.Close(); err != nil {
		return fmt.Errorf("keep the report of %s: %w", r.Case, err)
	}
	r.report = packed.Bytes()
	return nil
}

// maxReportBytes bounds what a compressed report can come to.
const maxReportBytes = 512 << 20

// Report gives the report of the verification, or nil where the case ended without one.
func (r *Result) Report() (*verify.Report, error) {
	if len(r.report) == 0 {
		return nil, nil
	}
	plain, err := gzip.NewReader(bytes.NewReader(r.report))
	if err != nil {
		return nil, fmt.Errorf("read the report of %s: %w", r.Case, err)
	}
	text, err := io.ReadAll(io.LimitReader(plain, maxReportBytes+1))
	if err == nil && len(text) > maxReportBytes {
		err = fmt.Errorf("it has more than %d bytes, which no report has", maxReportBytes)
	}
	if err != nil {
		return nil, fmt.Errorf("read the report of %s: %w", r.Case, err)
	}
	report, err := verify.ParseReport(text)
	if err != nil {
		return nil, fmt.Errorf("read the report of %s: %w", r.Case, err)
	}
	return report, nil
}
