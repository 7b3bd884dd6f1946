package suite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rnnsim/internal/atomicfile"
	"rnnsim/verify"
)

//go:embed page
var pageFiles embed.FS

var indexTemplate = template.Must(template.ParseFS(pageFiles, "page/index.html"))

// pagesFolder holds a page a case, beside the index.
const pagesFolder = "cases"

// indexPage is what the template shows.
type indexPage struct {
	Title, Line, Verdict string
	Version              string
	Style                template.CSS
	Groups               []indexGroup
}

type indexGroup struct {
	Status Status
	Open   bool
	Rows   []indexRow
}

type indexRow struct {
	*CaseSummary
	Page, How, Log string
	Tags           string
}

// WritePages writes a page of the summary, dir/index.html, that links a page for each case with a report, from the reports in a
// results folder. page writes one of these. Pages of cases that are no longer there are removed.
func (s *Summary) WritePages(ctx context.Context, dir, results string, page func(io.Writer, *verify.Report) error) error {
	if err := os.MkdirAll(filepath.Join(dir, pagesFolder), 0o755); err != nil {
		return fmt.Errorf("write the pages: %w", err)
	}
	linked := map[string]string{}
	err := s.eachReport(ctx, results, func(row *CaseSummary, report *verify.Report) error {
		if report == nil {
			return nil
		}
		name := filepath.Join(pagesFolder, row.Key+".html")
		linked[row.Key] = filepath.ToSlash(name)
		return atomicfile.Write(filepath.Join(dir, name), func(w io.Writer) error { return page(w, report) })
	})
	if err != nil {
		return fmt.Errorf("write the pages: %w", err)
	}
	index := s.index(results, linked)
	err = atomicfile.Write(filepath.Join(dir, "index.html"), func(w io.Writer) error { return indexTemplate.Execute(w, index) })
	if err != nil {
		return fmt.Errorf("write the pages: %w", err)
	}
	return removeOldPages(filepath.Join(dir, pagesFolder), linked)
}

func (s *Summary) index(results string, linked map[string]string) *indexPage {
	style, err := pageFiles.ReadFile("page/index.css")
	if err != nil {
		panic(err) // it is part of the program
	}
	line := s.line()
	verdict, _, _ := strings.Cut(line, ":")
	p := &indexPage{Title: printable(s.Suite), Line: line, Verdict: strings.ToLower(strings.Fields(verdict)[0]), Version: s.Version, Style: template.CSS(style)}
	if p.Title == "" {
		p.Title = "regression"
	}
	for _, status := range severity {
		group := indexGroup{Status: status, Open: status != StatusPassed}
		for _, row := range s.bySeverity(status) {
			shown := *row
			shown.Name, shown.First, shown.Remark, shown.Reproduce = printable(row.Name), printable(row.First), printable(row.Remark), printable(row.Reproduce)
			one := indexRow{CaseSummary: &shown, Page: linked[row.Key], How: row.how(), Tags: printable(strings.Join(row.Tags, " "))}
			if log, err := os.ReadFile(filepath.Join(results, logsFolder, row.Key+".txt")); err == nil { // most have none
				one.Log = printableLines(string(log))
			}
			group.Rows = append(group.Rows, one)
		}
		if len(group.Rows) > 0 {
			p.Groups = append(p.Groups, group)
		}
	}
	return p
}

// printableLines is printable for text of several lines.
func printableLines(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = printable(strings.ReplaceAll(lines[i], "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

// removeOldPages removes the pages of cases that the summary does not have; other files stay.
func removeOldPages(dir string, linked map[string]string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look for old pages: %w", err)
	}
	for _, entry := range entries {
		key, isPage := strings.CutSuffix(entry.Name(), ".html")
		if !isPage || len(key) != 64 || linked[key] != "" {
			continue
		}
		if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an old page: %w", err)
		}
	}
	return nil
}
