package machine

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// WriteListing writes the words of a segment, "init", "loop" or "end", or of all for "", as text that isa.Assemble reads, with what
// each word does as a remark: the node of the cell graph that it computes, the part of the weight blob that it loads, the lane
// whose x or h it moves. The view, which may be nil, tells the nodes of layers of two directions. The model has to be sound as a whole;
// errors are those of New.
func WriteListing(w io.Writer, c *xmodel.Compiled, view *xmodel.View, segment string) error {
	m, err := New(c, Options{View: view})
	if err != nil {
		return err
	}
	l := &listing{w: bufio.NewWriter(w), machine: m, segment: segment}
	if kind, err := xmodel.BlobKind(c); err == nil {
		l.blob, _ = xmodel.UnpackBlob(c, kind) // without it, parts of the blob are told by their offsets
	}
	l.findKept()
	l.head(len(c.Weights))
	for i := range m.program.cells {
		cell := &m.program.cells[i]
		l.write(cell, cell.init, m.probes[i].labels[0], "the first step")
		l.write(cell, cell.loop, m.probes[i].labels[1], "each later step")
	}
	l.write(m.program.last(), m.program.end, nil, "once, after the last step")
	if !l.any {
		return fmt.Errorf("list segment %q: there are init, loop and end, with the cell's index where there are several cells: init[0]", segment)
	}
	return l.w.Flush()
}

type listing struct {
	w       *bufio.Writer
	machine *Machine
	blob    *xmodel.Blob
	segment string
	kept    map[int][]kept // by offset in the weight blob
	any     bool
}

// head says what is listed, and what the banks are.
func (l *listing) head(weights int) {
	t, lanes := l.machine.program.target, l.machine.Lanes()
	first, last := t.ElementwiseBanks()
	l.printf("; %s, batch %d: %d bytes of weights\n", t.Name, lanes, weights)
	span := func(a, b string) string {
		if a == b {
			return a
		}
		return a + " to " + b
	}
	l.printf("; banks: w0 to w%d weights; %s x and h, a lane each; %s vectors, which mmul, add, actv and emul call %d to %d in all lanes at once\n",
		isa.WeightBanks-1, span("v0", fmt.Sprintf("v%d", lanes-1)), span(fmt.Sprintf("e0.%d", first), fmt.Sprintf("e%d.%d", lanes-1, last)), first, last)
	l.printf("; products go to banks %s; a unit of elementwise addresses and lengths is 32 values\n", strings.Trim(fmt.Sprint(t.ResultBanks), "[]"))
}

// printf writes; the buffer keeps errors until it is flushed.
func (l *listing) printf(format string, args ...any) { fmt.Fprintf(l.w, format, args...) }

// widestText is up to where remarks are moved to stand in one column.
const widestText = 120

func (l *listing) write(cell *cell, s isa.Segment, labels map[int]string, when string) {
	if name, _, _ := strings.Cut(s.Name, "["); l.segment != "" && l.segment != s.Name && l.segment != name {
		return
	}
	l.any = true
	l.printf("\n.segment %s ; %d words: %s\n", s.Name, len(s.Words), when)
	texts, width := make([]string, len(s.Words)), 0
	for n, word := range s.Words {
		name, rest, _ := strings.Cut(isa.Format(word, l.machine.program.target), " ")
		texts[n] = fmt.Sprintf("%4d: %-4s %s", n, name, rest)
		width = max(width, min(len(texts[n]), widestText))
	}
	for n, word := range s.Words {
		remark := l.remark(cell, s.Name, n, word)
		if labels[n] != "" {
			remark = labels[n]
		}
		if remark == "" {
			l.printf("%s\n", strings.TrimRight(texts[n], " "))
			continue
		}
		l.printf("%-*s ; %s\n", width, texts[n], remark)
	}
}

func (l *listing) remark(cell *cell, segment string, n int, word isa.Instruction) string {
	switch i := word.(type) {
	case *isa.Load:
		if i.Type == 0 {
			return l.part(cell, segment, n, i)
		}
		r, _ := i.Register()
		return fmt.Sprintf("%s of lane %d", []string{"x", "h of the step before"}[r.Number], r.Lane)
	case *isa.Save:
		if i.Type == 0 {
			return l.keeps(segment, n, i)
		}
		r, _ := i.Register()
		return fmt.Sprintf("h of lane %d", r.Lane)
	}
	return ""
}
