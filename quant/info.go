package quant

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"

	"rnnsim/internal/fixed"
)

// Info is the content of a quant_info.json: the format of every tensor of a quantized network, in the file's order.
type Info struct {
	// Source is the file that it was read from, for messages; empty when it comes from a calibration.
	Source string

	Param  Section // weights and biases
	Output Section // node outputs, inputs of the cell among them
	Input  Section // inputs of matmuls; only 8-bit weights have them
}

// Section is the entries of one part of a quant_info.json, in the file's order, no name twice.
type Section []Entry

// Entry is one tensor. Name is "<graph>::<node>"; parameters of a GRU may lack the graph.
type Entry struct {
	Name   string
	Format fixed.Format
}

// Lookup finds an entry by its name.
func (s Section) Lookup(name string) (fixed.Format, bool) {
	for _, e := range s {
		if e.Name == name {
			return e.Format, true
		}
	}
	return fixed.Format{}, false
}

// sections gives the sections with the names that the file has for them, in its order.
func (i *Info) sections() []struct {
	name    string
	entries *Section
} {
	return []struct {
		name    string
		entries *Section
	}{{"param", &i.Param}, {"output", &i.Output}, {"input", &i.Input}}
}

// Marshal gives the bytes of the file in the layout of the original tool: two spaces a level, no space after ":" or inside
// [bits,position], an empty line in an empty section, no newline at the end.
func (i *Info) Marshal() []byte {
	var b bytes.Buffer
	b.WriteString("{\n")
	for n, section := range i.sections() {
		if n > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "  %q:\n  {\n", section.name)
		for k, e := range *section.entries {
			if k > 0 {
				b.WriteString(",\n")
			}
			fmt.Fprintf(&b, "    %s:%v", quoteASCII(e.Name), e.Format)
		}
		b.WriteString("\n  }")
	}
	b.WriteString("\n}")
	return b.Bytes()
}

// quoteASCII is a JSON string in which everything outside ASCII is escaped, as the original writes it.
func quoteASCII(s string) string {
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false)
	// Encoding a string cannot fail; invalid UTF-8 becomes the replacement character.
	_ = encoder.Encode(s)
	var b strings.Builder
	for _, r := range strings.TrimSuffix(raw.String(), "\n") {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
	}
	return b.String()
}
