package export

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxToken is the longest word that is read of a waveform: the value of a signal of some hundred thousand bits, or our comment.
const maxToken = 1 << 20

// vcdReader reads the words of a value change dump.
type vcdReader struct {
	text *bufio.Reader
	line int
	word []byte
	read int // bytes of words
	kept int // bytes of names
	// names maps the full names of the signals to their ids and widths.
	names map[string]vcdVariable
	// about is our own comment, or nil.
	about []byte
}

type vcdVariable struct {
	id   string
	bits int
}

func (r *vcdReader) errorf(format string, arguments ...any) error {
	return fmt.Errorf("read the VCD, line %d: %w", r.line, fmt.Errorf(format, arguments...))
}

// next gives the next word, valid until the following call, or io.EOF.
func (r *vcdReader) next() ([]byte, error) {
	r.word = r.word[:0]
	for {
		b, err := r.text.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && len(r.word) > 0:
			return r.word, nil
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, r.errorf("%w", err)
		case b == ' ' || b == '\t' || b == '\r' || b == '\n':
			if len(r.word) > 0 {
				return r.word, r.text.UnreadByte()
			}
			if b == '\n' {
				r.line++
			}
		default:
			r.read++
			if r.word = append(r.word, b); len(r.word) > maxToken {
				return nil, r.errorf("a word of more than %d bytes", maxToken)
			}
		}
	}
}

// section gives the words up to $end; at most the first few are kept.
func (r *vcdReader) section() (words []string, err error) {
	const most = 8
	for {
		word, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil, r.errorf("it ends within a section: $end is missing")
		}
		if err != nil {
			return nil, err
		}
		if string(word) == "$end" {
			return words, nil
		}
		if len(words) < most {
			words = append(words, string(word))
		}
	}
}

// readNames reads the declarations.
func (r *vcdReader) readNames() error {
	r.names = map[string]vcdVariable{}
	var scopes []string
	for {
		word, err := r.next()
		if errors.Is(err, io.EOF) {
			return r.errorf("it ends before $enddefinitions: it is no VCD, or was cut off")
		}
		if err != nil {
			return err
		}
		kind := string(word)
		if len(kind) == 0 || kind[0] != '$' {
			return r.errorf("%q: a section of declarations begins with a dollar; this is no VCD", clip(word))
		}
		words, err := r.section()
		if err != nil {
			return err
		}
		switch kind {
		case "$scope":
			const deepest = 1000
			if len(words) < 2 || len(scopes) == deepest {
				return r.errorf("a scope without a name, or more than %d within one another", deepest)
			}
			scopes = append(scopes, words[1])
		case "$upscope":
			if len(scopes) == 0 {
				return r.errorf("$upscope where no scope is open")
			}
			scopes = scopes[:len(scopes)-1]
		case "$var":
			if err := r.declare(scopes, words); err != nil {
				return err
			}
		case "$comment":
			if len(words) == 2 && words[0]+" " == vcdMark {
				r.about = []byte(words[1])
			}
		case "$enddefinitions":
			return nil
		}
	}
}

// declare notes a signal under its path: $var kind bits id name [range].
func (r *vcdReader) declare(scopes, words []string) error {
	if len(words) < 4 {
		return r.errorf("a $var of %d words: kind, width, id and name are wanted", len(words))
	}
	bits, err := strconv.ParseUint(words[1], 10, 31)
	if err != nil || bits == 0 {
		return r.errorf("a $var of width %q", clip([]byte(words[1])))
	}
	name := strings.TrimPrefix(words[3], `\`)
	// A range of bits that is written without a space belongs to a vector's name; an index of an array stays.
	if at := strings.LastIndexByte(name, '['); at > 0 && strings.Contains(name[at:], ":") {
		name = name[:at]
	}
	// Names of a deep scope are long: what is kept is bounded by what was read.
	const free, times = 1 << 20, 32
	full := strings.Join(append(scopes[:len(scopes):len(scopes)], name), ".")
	if r.kept += len(full); r.kept > free+times*r.read {
		return r.errorf("the names of its signals are %d times as long as what declares them", times)
	}
	r.names[full] = vcdVariable{id: words[2], bits: int(bits)}
	return nil
}

// change reads a value change whose first word is given: its id and its bits, of which the id is a copy.
func (r *vcdReader) change(word []byte) (id, bits []byte, err error) {
	switch word[0] {
	case '0', '1', 'x', 'X', 'z', 'Z':
		return bytes.Clone(word[1:]), []byte{word[0]}, nil
	case 'b', 'B', 'r', 'R', 's', 'S':
		value := bytes.Clone(word[1:])
		if word[0] != 'b' && word[0] != 'B' {
			value = []byte{'x'} // neither a real number nor a string is a node's value
		}
		if len(value) == 0 {
			return nil, nil, r.errorf("%q is a value change without a value", word)
		}
		id, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil, nil, r.errorf("it ends within a value change")
		}
		return id, value, err
	}
	return nil, nil, r.errorf("%q is no value change", clip(word))
}
