package xmodel

import (
	"encoding/binary"
	"fmt"
	"math"

	"rnnsim/internal/fixed"
)

// Direction is the direction of a cell.
type Direction string

// The directions, as the graph attribute "direction" has them.
const (
	Forward  Direction = "forward"
	Backward Direction = "backward"
)

// Attr gives the attribute of the given name and dynamic type. Errors say what is there instead.
func Attr[T any](attrs Attrs, name string) (T, error) {
	var zero T
	value, ok := attrs[name]
	if !ok {
		return zero, fmt.Errorf("attribute %q is missing, a %s is wanted", name, kindOf(zero))
	}
	v, ok := value.(T)
	if !ok {
		return zero, fmt.Errorf("attribute %q is a %s, a %s is wanted", name, kindOf(value), kindOf(zero))
	}
	return v, nil
}

// Index maps the names of the ops to the ops.
func (g *Graph) Index() map[string]*Op {
	index := make(map[string]*Op, len(g.Ops))
	for _, op := range g.Ops {
		index[op.Name] = op
	}
	return index
}

// Op finds an op by its name; it gives nil where there is none.
func (g *Graph) Op(name string) *Op {
	for _, op := range g.Ops {
		if op.Name == name {
			return op
		}
	}
	return nil
}

// Node finds the op of a node (not the fix behind it) by its node name; it gives nil where there is none.
func (g *Graph) Node(node string) *Op {
	for _, op := range g.Ops {
		if op.Name == node || op.Name == OpName(g.Name, node) {
			return op
		}
	}
	return nil
}

// Direction gives the direction that the graph's attribute names; forward where it names none.
func (g *Graph) Direction() (Direction, error) {
	if _, ok := g.Attrs["direction"]; !ok {
		return Forward, nil
	}
	text, err := Attr[string](g.Attrs, "direction")
	if err != nil {
		return "", fmt.Errorf("graph %q: %w", g.Name, err)
	}
	if d := Direction(text); d == Forward || d == Backward {
		return d, nil
	}
	return "", fmt.Errorf("graph %q: attribute \"direction\" is %q; it must be forward or backward", g.Name, text)
}

// ReturnOps gives the names of the ops that the graph yields: h_next's fix, and c_next's for an LSTM. It is empty where the
// graph does not say.
func (g *Graph) ReturnOps() []string {
	names, _ := g.Attrs["return_ops"].([]string)
	return names
}

// Input gives the ops of the named argument, or nil.
func (op *Op) Input(name string) []string {
	for _, arg := range op.Args {
		if arg.Name == name {
			return arg.Ops
		}
	}
	return nil
}

// Elements is the number of elements of the tensor, or -1 where a dimension is unknown or the number does not fit.
func (t *Tensor) Elements() int64 {
	n := int64(1)
	for _, dim := range t.Shape {
		if dim < 1 || n > math.MaxInt64/int64(dim) {
			return -1
		}
		n *= int64(dim)
	}
	return n
}

// FixFormat gives the format that a fix op quantizes to.
func FixFormat(op *Op) (fixed.Format, error) {
	fail := func(err error) (fixed.Format, error) { return fixed.Format{}, fmt.Errorf("op %q: %w", op.Name, err) }
	if op.Type != "fix" {
		return fail(fmt.Errorf("it is a %s, a fix is wanted", op.Type))
	}
	bits, err := Attr[int32](op.Attrs, "bit_width")
	if err != nil {
		return fail(err)
	}
	position, err := Attr[int32](op.Attrs, "fix_point")
	if err != nil {
		return fail(err)
	}
	signed, err := Attr[bool](op.Attrs, "if_signed")
	if err != nil {
		return fail(err)
	}
	if !signed {
		return fail(fmt.Errorf("attribute \"if_signed\" is false; only signed values can be run"))
	}
	f := fixed.Format{Bits: int(bits), Position: int(position)}
	if err := f.Validate(); err != nil {
		return fail(err)
	}
	return f, nil
}

// ConstFloats decodes the values of a const op, row-major. The values lie in the graph as the file's bytes and are decoded
// anew on each call.
func ConstFloats(op *Op) ([]float32, error) {
	if op.Type != "const" {
		return nil, fmt.Errorf("op %q is a %s, a const is wanted", op.Name, op.Type)
	}
	data, err := Attr[[]byte](op.Attrs, "data")
	if err != nil {
		return nil, fmt.Errorf("op %q: %w", op.Name, err)
	}
	if op.Output.Type != Float || op.Output.BitWidth != 32 {
		return nil, fmt.Errorf("op %q has elements of type %s%d, float32 is wanted", op.Name, op.Output.Type, op.Output.BitWidth)
	}
	if want := op.Output.Elements(); int64(len(data)) != 4*want {
		return nil, fmt.Errorf("op %q has %d bytes of data, its shape %v wants %d", op.Name, len(data), op.Output.Shape, 4*want)
	}
	values := make([]float32, len(data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values, nil
}
