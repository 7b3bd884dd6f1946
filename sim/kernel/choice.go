package kernel

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// Choice says which code runs a cell where there is more than one that could. Results do not depend on it: it is for holding one
// against the other, and for finding out whether a routine is at fault. The zero value is the best that the processor has.
type Choice struct {
	// Set is a routine set, by its name in Sets; General for the general path; empty for the best set.
	Set string
	// Divide divides the rows of every step among all threads that a run is given, however little that pays, and though there may
	// be more threads than processors.
	Divide bool
}

// General is the choice of the general path, for cells that could take the fused one.
const General = "general"

// Environment is the variable that makes the choice for a whole process, in the form that ParseChoice takes. It is how all tests
// are run as on a lesser processor, and how a finding about one set is reproduced by any command.
const Environment = "RNNSIM_KERNEL"

const divided = "divided"

// Sets names the routine sets that this processor runs, best first.
func Sets() []string {
	var names []string
	for _, set := range available() {
		names = append(names, set.name)
	}
	return names
}

// ParseChoice reads "avx2", "general", "generic+divided", "divided".
func ParseChoice(text string) (Choice, error) {
	var c Choice
	for part := range strings.SplitSeq(text, "+") {
		if part == divided {
			c.Divide = true
			continue
		}
		if c.Set != "" {
			return Choice{}, fmt.Errorf("choose a kernel: %q names two routine sets", text)
		}
		c.Set = part
	}
	if _, err := c.routines(); err != nil {
		return Choice{}, err
	}
	return c, nil
}

// String is the inverse of ParseChoice.
func (c Choice) String() string {
	switch {
	case !c.Divide:
		return c.Set
	case c.Set == "":
		return divided
	}
	return c.Set + "+" + divided
}

// routines is the chosen set; that of the general path is nil.
func (c Choice) routines() (*routines, error) {
	if c.Set == General {
		return nil, nil
	}
	for _, set := range available() {
		if set.name == c.Set || c.Set == "" {
			return set, nil
		}
	}
	return nil, fmt.Errorf("choose a kernel: %q is none; this processor runs %s and %s", c.Set, strings.Join(Sets(), ", "), General)
}

// FromEnvironment is the choice that the environment makes for this process.
var FromEnvironment = sync.OnceValues(func() (Choice, error) {
	text := os.Getenv(Environment)
	if text == "" {
		return Choice{}, nil
	}
	c, err := ParseChoice(text)
	if err != nil {
		return Choice{}, fmt.Errorf("read the environment variable %s: %w", Environment, err)
	}
	return c, nil
})

// orEnvironment is the choice, or where it is none that of the process.
func (c Choice) orEnvironment() (Choice, error) {
	if c != (Choice{}) {
		return c, nil
	}
	return FromEnvironment()
}

// fuse prepares the fused path on the chosen routines. It gives nil and the reason where the cell takes the general one.
func (c Choice) fuse(prepare func(*routines) (*fused, string)) (*fused, string, error) {
	c, err := c.orEnvironment()
	if err != nil {
		return nil, "", err
	}
	r, err := c.routines()
	if err != nil {
		return nil, "", err
	}
	if r == nil {
		return nil, "the general path was chosen", nil
	}
	f, reason := prepare(r)
	if f != nil {
		f.divide = c.Divide
	}
	return f, reason, nil
}
