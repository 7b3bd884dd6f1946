package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"rnnsim/verify"
)

//go:embed page
var files embed.FS

// pageTemplate is parsed when the first page is written: few commands write one, and all would wait for it.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page.html").Funcs(template.FuncMap{
		"grouped": grouped, "real": realText, "sqnr": sqnrText, "lsb": lsbText, "signed": signed, "plural": plural, "lower": strings.ToLower,
	}).ParseFS(files, "page/*.html"))
})

// Write renders a report as a page. An error is one of writing: every report has a page.
func Write(w io.Writer, r *verify.Report) error {
	p := newPage(r)
	p.Style = template.CSS(file("page/uplot/uPlot.min.css") + file("page/style.css"))
	p.Script = template.JS(notice() + file("page/uplot/uPlot.iife.min.js") + file("page/heat.js") + file("page/chart.js") + file("page/app.js"))
	p.Policy = policy(string(p.Style), string(p.Script))
	if err := pageTemplate().Execute(w, p); err != nil {
		return fmt.Errorf("write the page of a report: %w", err)
	}
	return nil
}

// policy lets the page's own style and script work, and pictures that are part of it. Nothing can be fetched, sent or embedded.
func policy(style, script string) string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; img-src data:; style-src " + hash(style) + "; script-src " + hash(script) +
		"; base-uri 'none'; form-action 'none'"
}

// notice is the licence of the chart library, which goes where it goes.
func notice() string { return "/*\n" + file("page/uplot/LICENSE") + "\n*/\n" }

func file(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return string(text)
}
