package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// ReadNameMap reads a file that says which names of nodes on the got side are which of ours, for Options.Map.
func ReadNameMap(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the map of names: %w", err)
	}
	names, err := ParseNameMap(text)
	if err != nil {
		return nil, fmt.Errorf("read the map of names %s: %w", path, err)
	}
	return names, nil
}

// ParseNameMap reads lines of the form "theirs = ours", with comments from # on, or a JSON object {"theirs": "ours"}. Theirs may
// be preceded by the graph: "cell0/h_out = h_next". Errors name the line.
func ParseNameMap(text []byte) (map[string]string, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8 text")
	}
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] == '{' {
		return parseJSONMap(trimmed)
	}
	names := map[string]string{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		theirs, ours, found := strings.Cut(line, "=")
		if !found {
			return nil, fmt.Errorf("line %d is %q; a line is THEIRS = OURS", number, line)
		}
		if err := addName(names, strings.TrimSpace(theirs), strings.TrimSpace(ours)); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return names, nil
}

func parseJSONMap(text []byte) (map[string]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil { // the brace
		return nil, err
	}
	names := map[string]string{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var ours string
		if err := decoder.Decode(&ours); err != nil {
			return nil, fmt.Errorf("the name for %q: %w", key, err)
		}
		if err := addName(names, key.(string), ours); err != nil {
			return nil, err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return names, nil
}

func addName(names map[string]string, theirs, ours string) error {
	switch {
	case theirs == "" || ours == "":
		return fmt.Errorf("%q = %q: a name is empty", theirs, ours)
	case names[theirs] != "":
		return fmt.Errorf("%q is there twice, as %q and %q", theirs, names[theirs], ours)
	}
	names[theirs] = ours
	return nil
}
