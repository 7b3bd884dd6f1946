package verify

import (
	"bytes"
	"fmt"
	"os"

	"rnnsim/quant"
	"rnnsim/xmodel"
)

// checkInfo holds the quant_info.json that quantizing gives against the recorded one, byte for byte.
func (r *caseRun) checkInfo(info *quant.Info) error {
	path, err := r.file("quant_info.json")
	if err != nil || path == "" {
		return err
	}
	want, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the recorded positions: %w", err)
	}
	got := info.Marshal()
	check := Check{
		Name: NameQuantInfo, Title: "calibrated positions, byte for byte", Against: path, Verdict: Pass,
		Compared: int64(len(info.Param) + len(info.Output) + len(info.Input)),
	}
	if !bytes.Equal(got, want) {
		check.Verdict = Fail
		gotLines, wantLines := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
		for i := range max(len(gotLines), len(wantLines)) {
			g, w := lineAt(gotLines, i), lineAt(wantLines, i)
			if g == w {
				continue
			}
			check.Wrong++
			const most = 4
			if check.Wrong <= most {
				check.Findings = append(check.Findings, fmt.Sprintf("line %d: got %s, want %s", i+1, g, w))
			}
		}
		check.Findings = append(check.Findings, fmt.Sprintf("%s differ", plural(check.Wrong, "line")))
	} else {
		check.Findings = []string{fmt.Sprintf("%s, %s: the same", plural(check.Compared, "position"), plural(int64(len(got)), "byte"))}
	}
	r.checks = append(r.checks, check)
	return nil
}

func lineAt(lines [][]byte, i int) string {
	if i >= len(lines) {
		return "(no line)"
	}
	return string(bytes.TrimSpace(lines[i]))
}

// checkGraphs holds the built graphs against the recorded ones, by meaning: the original writes ops in no fixed order.
func (r *caseRun) checkGraphs(got, want *xmodel.Model) {
	check := Check{Name: NameGraphs, Title: "quantized graphs, op by op", Against: want.Source, Verdict: Pass}
	if len(got.Cells) != len(want.Cells) {
		check.Wrong++
		check.Findings = append(check.Findings, fmt.Sprintf("%d graphs were built, %d recorded", len(got.Cells), len(want.Cells)))
	}
	for i := range min(len(got.Cells), len(want.Cells)) {
		check.Compared += int64(len(want.Cells[i].Graph.Ops))
		if err := xmodel.Equal(got.Cells[i].Graph, want.Cells[i].Graph); err != nil {
			check.Wrong++
			check.Findings = append(check.Findings, fmt.Sprintf("%s: %v", want.Cells[i].Graph.Name, err))
		}
	}
	if check.Wrong > 0 {
		check.Verdict = Fail
	} else {
		check.Findings = []string{fmt.Sprintf("%s, %s: the same", plural(int64(len(want.Cells)), "graph"), plural(check.Compared, "op"))}
	}
	r.checks = append(r.checks, check)
}
