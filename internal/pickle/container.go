package pickle

import (
	"fmt"
	"unicode/utf8"
)

// container makes the containers of Python's own modules, under the names of Python 2 and 3.
func container(class Global, args Tuple) (value any, known bool, err error) {
	switch class {
	case Global{"collections", "OrderedDict"}, Global{"builtins", "dict"}, Global{"__builtin__", "dict"}:
		value, err = newDict(args)
	case Global{"collections", "defaultdict"}:
		// The first argument is the factory of missing values.
		value, err = newDict(args[min(1, len(args)):])
	case Global{"builtins", "set"}, Global{"__builtin__", "set"}, Global{"builtins", "frozenset"}, Global{"__builtin__", "frozenset"}:
		items, err := elements(args)
		return &Set{Items: items}, true, err
	case Global{"builtins", "list"}, Global{"__builtin__", "list"}:
		items, err := elements(args)
		return &List{Items: items}, true, err
	case Global{"_codecs", "encode"}:
		value, err = encodeText(args)
	case Global{"builtins", "bytearray"}, Global{"__builtin__", "bytearray"}, Global{"builtins", "bytes"}, Global{"__builtin__", "bytes"}:
		value, err = newBytes(args)
	default:
		return nil, false, nil
	}
	return value, true, err
}

// encodeText is how protocol 2 writes bytes: text whose characters are the bytes, encoded as Latin-1.
func encodeText(args Tuple) (any, error) {
	if len(args) != 2 || args[1] != any("latin1") {
		return nil, fmt.Errorf("_codecs.encode: only text as latin1 is known")
	}
	text, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("_codecs.encode: text expected, not %T", args[0])
	}
	data := make(Bytes, 0, utf8.RuneCountInString(text))
	for _, r := range text {
		if r > 0xff {
			return nil, fmt.Errorf("_codecs.encode: %q is not in latin1", r)
		}
		data = append(data, byte(r))
	}
	return data, nil
}

// newDict makes a dictionary: empty, a copy, or from a list of pairs.
func newDict(args Tuple) (any, error) {
	dict := &Dict{}
	if len(args) == 0 {
		return dict, nil
	}
	if len(args) > 1 {
		return nil, fmt.Errorf("a dictionary is made from %d arguments", len(args))
	}
	if from, ok := args[0].(*Dict); ok {
		for i := range from.keys {
			dict.set(from.keys[i], from.values[i])
		}
		return dict, nil
	}
	pairs, err := elements(args)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		pair, err := elements(Tuple{p})
		if err != nil || len(pair) != 2 {
			return nil, fmt.Errorf("a dictionary is made from %T, which is no pair", p)
		}
		dict.set(pair[0], pair[1])
	}
	return dict, nil
}

// elements gives the elements of the one sequence that a container is made from.
func elements(args Tuple) ([]any, error) {
	if len(args) == 0 {
		return nil, nil
	}
	if len(args) == 1 {
		switch from := args[0].(type) {
		case Tuple:
			return append([]any{}, from...), nil
		case *List:
			return append([]any{}, from.Items...), nil
		case *Set:
			return append([]any{}, from.Items...), nil
		}
	}
	return nil, fmt.Errorf("a container is made from %d arguments, the first being %T", len(args), args[0])
}

// newBytes makes a bytes object: empty, or a copy.
func newBytes(args Tuple) (any, error) {
	if len(args) == 0 {
		return Bytes{}, nil
	}
	if from, ok := args[0].(Bytes); ok && len(args) == 1 {
		return append(Bytes{}, from...), nil
	}
	return nil, fmt.Errorf("bytes are made from %d arguments, the first being %T", len(args), args[0])
}

// charge counts what a call may copy, so that a short pickle cannot copy a long list again and again.
func (d *Decoder) charge(args Tuple) error {
	for _, arg := range args {
		switch arg := arg.(type) {
		case Tuple:
			d.operations += len(arg)
		case *List:
			d.operations += len(arg.Items)
		case *Set:
			d.operations += len(arg.Items)
		case *Dict:
			d.operations += arg.Len()
		case string:
			d.text += int64(len(arg))
		case Bytes:
			d.text += int64(len(arg))
		}
	}
	if d.operations > MaxOperations || d.text > MaxText {
		return fmt.Errorf("more than %d values or %d bytes of text are made", MaxOperations, MaxText)
	}
	return nil
}
