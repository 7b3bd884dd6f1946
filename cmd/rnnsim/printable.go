package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// printable is standard output with everything that could command a terminal made visible. What is printed holds names out of files,
// and a file that comes from elsewhere must not move the cursor, change the title or hide a line.
type printable struct{ io.Writer }

// Write writes the text; it says that all of it was written where all of what became of it was.
func (p printable) Write(text []byte) (int, error) {
	if _, err := io.WriteString(p.Writer, visible(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// Unwrap gives what is written to.
func (p printable) Unwrap() io.Writer { return p.Writer }

// visible replaces control characters but for newlines and tabs by their escapes: "\x1b".
func visible(text string) string {
	if strings.IndexFunc(text, commandsTerminal) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if commandsTerminal(r) {
			fmt.Fprintf(&b, "\\x%02x", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// commandsTerminal says that a character is none to be shown: C0 and C1 controls, and those that turn the direction of writing.
func commandsTerminal(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
