package verify

import (
	"fmt"
	"regexp"
	"strconv"
)

// NoStep is the sequence and the step in the address of a value that belongs to a cell and not to one of its frames: a
// parameter.
const NoStep = -1

// Address is the place of one value of a run.
type Address struct {
	Layer    int
	Backward bool
	// Sequence and Step are NoStep for a parameter. Steps count in execution order.
	Sequence, Step int
	Node           string // node name, or the name of a parameter
	Index          int    // place in the node's values; row-major in a parameter
}

// String gives the form layer[0].fwd.seq[3].step[7].h_next[13]; that of a parameter is layer[0].fwd.weight_ii[13].
func (a Address) String() string {
	direction := "fwd"
	if a.Backward {
		direction = "bwd"
	}
	if a.Step == NoStep {
		return fmt.Sprintf("layer[%d].%s.%s[%d]", a.Layer, direction, a.Node, a.Index)
	}
	return fmt.Sprintf("layer[%d].%s.seq[%d].step[%d].%s[%d]", a.Layer, direction, a.Sequence, a.Step, a.Node, a.Index)
}

var addressForm = regexp.MustCompile(`^layer\[(\d+)\]\.(fwd|bwd)\.(?:seq\[(\d+)\]\.step\[(\d+)\]\.)?([^\[\]]+)\[(\d+)\]$`)

// ParseAddress reads what String gives. The error shows the form that is wanted.
func ParseAddress(text string) (Address, error) {
	parts := addressForm.FindStringSubmatch(text)
	if parts == nil {
		return Address{}, fmt.Errorf("read the address %q: it does not have the form layer[0].fwd.seq[3].step[7].h_next[13]", text)
	}
	a := Address{Backward: parts[2] == "bwd", Sequence: NoStep, Step: NoStep, Node: parts[5]}
	for _, number := range []struct {
		text string
		into *int
	}{{parts[1], &a.Layer}, {parts[3], &a.Sequence}, {parts[4], &a.Step}, {parts[6], &a.Index}} {
		if number.text == "" {
			continue
		}
		value, err := strconv.Atoi(number.text)
		if err != nil {
			return Address{}, fmt.Errorf("read the address %q: %w", text, err)
		}
		*number.into = value
	}
	return a, nil
}

// MarshalText gives the form of String, in JSON too.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the form of String.
func (a *Address) UnmarshalText(text []byte) error {
	parsed, err := ParseAddress(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
