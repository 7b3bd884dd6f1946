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
// whose x or h it moves. The model has to be sound as a whole; errors are those of New.
func WriteListing(w io.Writer, c *xmodel.Compiled, segment string) error {
	m, err := New(c, Options{})
	if err != nil {
		return err
	}
	l := &listing{w: bufio.NewWriter(w), machine: m, segment: segment}
	if kind, err := xmodel.BlobKind(c); err == nil {
		l.blob, _ = xmodel.UnpackBlob(c, kind) // without it, parts of the blob are told by their offsets
	}
	l.printf("; %s, batch %d: %d bytes of weights\n", m.program.target.Name, m.Lanes(), len(c.Weights))
	for i := range m.program.cells {
		cell := &m.program.cells[i]
		l.write(cell.init, m.probes[i].labels[0], "the first step")
		l.write(cell.loop, m.probes[i].labels[1], "each later step")
	}
	l.write(m.program.end, nil, "once, after the last step")
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
	any     bool
}

// printf writes; the buffer keeps errors until it is flushed.
func (l *listing) printf(format string, args ...any) { fmt.Fprintf(l.w, format, args...) }

// widestText is up to where remarks are moved to stand in one column.
const widestText = 120

func (l *listing) write(s isa.Segment, labels map[int]string, when string) {
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
		remark := l.remark(word)
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

func (l *listing) remark(word isa.Instruction) string {
	t := l.machine.program.target
	switch i := word.(type) {
	case *isa.Load:
		if i.Type == 0 {
			return l.part(i.Address, i.Length*t.TransferUnit)
		}
		r, _ := i.Register()
		return fmt.Sprintf("%s of lane %d", []string{"x", "h of the step before"}[r.Number], r.Lane)
	case *isa.Save:
		if i.Type == 0 {
			return l.part(i.Address, i.Length*t.TransferUnit)
		}
		r, _ := i.Register()
		return fmt.Sprintf("h of lane %d", r.Lane)
	}
	return ""
}

// part names a part of the weight blob.
func (l *listing) part(address, bytes int) string {
	offset := address % isa.ChannelSize
	if l.blob == nil {
		return fmt.Sprintf("bytes %d to %d of the weight blob", offset, offset+bytes-1)
	}
	for i := range l.blob.Regions {
		r := &l.blob.Regions[i]
		if offset < r.Offset || offset >= r.Offset+r.Size {
			continue
		}
		if r.Label == "" {
			return fmt.Sprintf("zeros or scratch at %#x of the weight blob", offset)
		}
		if bytes == r.Size {
			return r.Label
		}
		return fmt.Sprintf("%s, bytes %d to %d", r.Label, offset-r.Offset, offset-r.Offset+bytes-1)
	}
	return ""
}
