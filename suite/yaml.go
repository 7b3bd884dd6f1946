package suite

import (
	"errors"
	"fmt"
	"io"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// decodeYAML reads a document strictly, and gives its syntax too, for places. Its errors begin with line and column. What a suite has no use
// for and what makes a short text long, or the library stumble, is refused: anchors, aliases and tags.
func decodeYAML(text []byte, into any) (file *ast.File, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("1:1: the YAML library cannot make sense of it: %v", problem)
		}
	}()
	if file, err = parser.ParseBytes(text, 0); err != nil {
		return nil, positioned(err)
	}
	var refused refusal
	for _, document := range file.Docs {
		if document.Body != nil {
			ast.Walk(&refused, document.Body)
		}
	}
	if refused.err != nil {
		return nil, refused.err
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil && !errors.Is(err, io.EOF) {
		return nil, positioned(err)
	}
	return file, nil
}

// refusal finds the first node of a kind that is refused.
type refusal struct{ err error }

func (r *refusal) Visit(node ast.Node) ast.Visitor {
	what := ""
	switch node.(type) {
	case *ast.AnchorNode:
		what = "anchors"
	case *ast.AliasNode:
		what = "aliases"
	case *ast.TagNode:
		what = "tags"
	}
	if what != "" && r.err == nil {
		line, column := 1, 1
		if token := node.GetToken(); token != nil && token.Position != nil {
			line, column = token.Position.Line, token.Position.Column
		}
		r.err = fmt.Errorf("%d:%d: a suite has no %s of YAML: say it again", line, column, what)
	}
	return r
}

// positioned turns the library's error into one line that begins with line and column.
func positioned(err error) error {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil && y.GetToken().Position != nil {
		p := y.GetToken().Position
		return fmt.Errorf("%d:%d: %s", p.Line, p.Column, y.GetMessage())
	}
	return fmt.Errorf("1:1: %w", err)
}
