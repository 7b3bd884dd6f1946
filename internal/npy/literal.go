package npy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseHeader reads the Python dictionary literal of a header. Its keys are descr, fortran_order and shape, in any order, each once.
func parseHeader(text string) (*header, error) {
	p := &literal{rest: text}
	h := &header{}
	seen := map[string]bool{}
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	for !p.accept("}") {
		key, err := p.quoted()
		if err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, fmt.Errorf("key %q is there twice", key)
		}
		seen[key] = true
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		if err := h.set(key, p); err != nil {
			return nil, err
		}
		if !p.accept(",") {
			if err := p.expect("}"); err != nil {
				return nil, err
			}
			break
		}
	}
	if p.skip(); p.rest != "" {
		return nil, fmt.Errorf("%q lies behind the dictionary", clip(p.rest))
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return nil, fmt.Errorf("key %q is missing", key)
		}
	}
	return h, nil
}

// set reads the value of a key.
func (h *header) set(key string, p *literal) (err error) {
	switch key {
	case "descr":
		if p.accept("[") {
			return errors.New("the array is structured: save one field of it (array['field'])")
		}
		descr, err := p.quoted()
		if err != nil {
			return err
		}
		h.kind, h.order, err = parseDescr(descr)
		return err
	case "fortran_order":
		switch {
		case p.accept("True"):
			h.fortran = true
		case !p.accept("False"):
			return fmt.Errorf("fortran_order is neither True nor False at %q", clip(p.rest))
		}
		return nil
	case "shape":
		if h.shape, err = p.shape(); err != nil {
			return err
		}
		h.count, err = count(h.shape)
		return err
	}
	return fmt.Errorf("key %q is unknown", key)
}

// literal walks over the text of a Python literal.
type literal struct {
	rest string
}

func (p *literal) skip() {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
}

func (p *literal) accept(token string) bool {
	p.skip()
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *literal) expect(token string) error {
	if !p.accept(token) {
		return fmt.Errorf("%q expected at %q", token, clip(p.rest))
	}
	return nil
}

// quoted reads a string in single or double quotes, without escapes: no key or type code needs one.
func (p *literal) quoted() (string, error) {
	p.skip()
	if p.rest == "" || (p.rest[0] != '\'' && p.rest[0] != '"') {
		return "", fmt.Errorf("a quoted string expected at %q", clip(p.rest))
	}
	end := strings.IndexByte(p.rest[1:], p.rest[0])
	if end < 0 {
		return "", fmt.Errorf("the string at %q has no end", clip(p.rest))
	}
	text := p.rest[1 : 1+end]
	p.rest = p.rest[end+2:]
	return text, nil
}

// shape reads a tuple of integers. NumPy under Python 2 wrote long integers, with an L behind them.
func (p *literal) shape() ([]int, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	shape := []int{}
	for !p.accept(")") {
		p.skip()
		end := strings.IndexFunc(p.rest, func(r rune) bool { return r != '-' && (r < '0' || r > '9') })
		if end < 0 {
			end = len(p.rest)
		}
		d, err := strconv.Atoi(p.rest[:end])
		if err != nil {
			return nil, fmt.Errorf("a dimension expected at %q", clip(p.rest))
		}
		p.rest = strings.TrimPrefix(p.rest[end:], "L")
		if shape = append(shape, d); len(shape) > maxDimensions {
			return nil, fmt.Errorf("the shape has more than %d dimensions", maxDimensions)
		}
		if !p.accept(",") {
			if err := p.expect(")"); err != nil {
				return nil, err
			}
			break
		}
	}
	return shape, nil
}
