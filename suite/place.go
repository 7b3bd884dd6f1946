package suite

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// misplaced is an error about the value of a key, below the entry or the mapping that it is told of.
type misplaced struct {
	key string
	err error
}

func (m *misplaced) Error() string { return m.err.Error() }
func (m *misplaced) Unwrap() error { return m.err }

// at says which key an error is about. Keys of mappings within one another add up.
func at(key string, err error) error {
	if err == nil {
		return nil
	}
	if inner := (*misplaced)(nil); errors.As(err, &inner) {
		if strings.HasPrefix(inner.key, "[") {
			return &misplaced{key + inner.key, inner.err}
		}
		return &misplaced{key + "." + inner.key, inner.err}
	}
	return &misplaced{key, err}
}

// locator finds the place of a value in the text.
type locator struct{ file *ast.File }

// errorf gives an error that begins with the line and column of the value at a path, or of the key below it that the error is about.
func (l locator) errorf(path, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	line, column := l.find(path)
	if key := (*misplaced)(nil); errors.As(err, &key) {
		// A key that is missing is told where it should be.
		for below := key.key; below != ""; below = below[:max(strings.LastIndexAny(below, ".["), 0)] {
			if l, c := l.find(path + "." + below); l > 0 {
				line, column = l, c
				break
			}
		}
	}
	return fmt.Errorf("%d:%d: %w", max(line, 1), max(column, 1), err)
}

// find gives the line and column of a value, or 0 where it is not there.
func (l locator) find(path string) (line, column int) {
	p, err := yaml.PathString(path)
	if err != nil {
		return 0, 0
	}
	node, err := p.FilterFile(l.file)
	if err != nil || node == nil || node.GetToken() == nil {
		return 0, 0
	}
	return node.GetToken().Position.Line, node.GetToken().Position.Column
}
