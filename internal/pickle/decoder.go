package pickle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// What one pickle may cost. A model's pickle describes its tensors and holds none of their values, so that real ones stay a
// hundred times below.
const (
	// MaxOperations bounds the instructions of one pickle, and by that the values that it makes.
	MaxOperations = 1 << 19
	// MaxText bounds the bytes of all text, bytes and long integers of one pickle.
	MaxText = 16 << 20
)

// Hooks is what the caller adds to containers, numbers and text.
type Hooks struct {
	// Call makes the value of a call of a named function. known is false for a name that may not be called; the arguments are
	// as hostile as the rest of the file.
	Call func(function Global, args Tuple) (value any, known bool, err error)
	// Persistent gives the value of a persistent id, a reference to something outside the pickle.
	Persistent func(id any) (any, error)
}

// Decoder reads pickles that follow one another in a stream.
type Decoder struct {
	r      *bufio.Reader
	offset int64
	hooks  Hooks

	stack      []any
	marks      []int
	memo       map[uint64]any
	operations int
	text       int64
}

// NewDecoder reads from r. Between two pickles exactly the bytes of the first were consumed; see [Decoder.Offset].
func NewDecoder(r io.Reader, hooks Hooks) *Decoder {
	return &Decoder{r: bufio.NewReader(r), hooks: hooks}
}

// Offset is the number of bytes that the pickles read so far take.
func (d *Decoder) Offset() int64 { return d.offset }

// Decode reads one pickle, up to its STOP. Errors say the byte offset in the stream and the instruction.
func (d *Decoder) Decode() (any, error) {
	d.stack, d.marks, d.memo = nil, nil, map[uint64]any{}
	d.operations, d.text = 0, 0
	for {
		at := d.offset
		code, err := d.byte()
		if err != nil {
			return nil, fmt.Errorf("pickle, byte %d: %w", at, err)
		}
		if d.operations++; d.operations > MaxOperations {
			return nil, fmt.Errorf("pickle, byte %d: more than %d operations", at, MaxOperations)
		}
		if code == opStop {
			value, err := d.stop()
			if err != nil {
				return nil, fmt.Errorf("pickle, byte %d: %w", at, err)
			}
			return value, nil
		}
		if err := d.execute(code); err != nil {
			return nil, fmt.Errorf("pickle, byte %d, %s: %w", at, opName(code), err)
		}
	}
}

func (d *Decoder) stop() (any, error) {
	if len(d.marks) != 0 || len(d.stack) != 1 {
		return nil, fmt.Errorf("it ends with %d values on its stack, one is wanted", len(d.stack))
	}
	value := d.stack[0]
	d.stack, d.memo = nil, nil
	return value, nil
}

func (d *Decoder) push(value any) { d.stack = append(d.stack, value) }

// floor is the place on the stack that the values above the last mark start at. Instructions may not reach below.
func (d *Decoder) floor() int {
	if len(d.marks) == 0 {
		return 0
	}
	return d.marks[len(d.marks)-1]
}

func (d *Decoder) pop() (any, error) {
	value, err := d.top()
	if err == nil {
		d.stack = d.stack[:len(d.stack)-1]
	}
	return value, err
}

func (d *Decoder) top() (any, error) {
	if len(d.stack) <= d.floor() {
		return nil, errors.New("the stack is empty")
	}
	return d.stack[len(d.stack)-1], nil
}

// popMark takes the last mark and the values above it. They are valid until the next push.
func (d *Decoder) popMark() ([]any, error) {
	if len(d.marks) == 0 {
		return nil, errors.New("no mark is on the stack")
	}
	at := d.floor()
	d.marks = d.marks[:len(d.marks)-1]
	values := d.stack[at:]
	d.stack = d.stack[:at]
	return values, nil
}

// popTuple takes the n topmost values.
func (d *Decoder) popTuple(n int) (Tuple, error) {
	from := len(d.stack) - n
	if from < d.floor() {
		return nil, fmt.Errorf("%d values wanted on the stack", n)
	}
	values := append(Tuple{}, d.stack[from:]...)
	d.stack = d.stack[:from]
	return values, nil
}

// popAs takes the topmost value, which must be a T; what names it in the error.
func popAs[T any](d *Decoder, what string) (T, error) {
	value, err := d.pop()
	if err != nil {
		var none T
		return none, err
	}
	typed, ok := value.(T)
	if !ok {
		return typed, fmt.Errorf("%s expected on the stack, not %T", what, value)
	}
	return typed, nil
}
