package pickle

// A value is one of: nil, bool, int64, *big.Int, float64, string, Bytes, Tuple, *List, *Dict, *Set, Global, *Object, or what the
// hooks returned.

// Global is the name of a class or function, which is never looked up.
type Global struct {
	Module string
	Name   string
}

// String gives "module.name".
func (g Global) String() string { return g.Module + "." + g.Name }

// Bytes is a bytes or bytearray object.
type Bytes []byte

// Tuple is a tuple.
type Tuple []any

// List is a list. It is a pointer wherever it occurs, since a pickle fills it after it was remembered.
type List struct {
	Items []any
}

// Set is a set or frozenset, in the order of the file; equal elements are not merged.
type Set struct {
	Items []any
}

// Object is an instance of a class that only its name is known of.
type Object struct {
	Class Global
	// Args are the arguments that the instance was made with, usually none.
	Args Tuple
	// State is what Python would pass to __setstate__: for most classes a *Dict of attributes; nil if there was none.
	State any
	// Items are the elements of a subclass of list, Dict those of a subclass of dict; nil otherwise.
	Items []any
	Dict  *Dict
}

// Dict is a dictionary in the order of insertion. Keys that are nil, bool, int64, float64 or string are unique; other keys
// (tuples, objects) are kept as they come.
type Dict struct {
	keys   []any
	values []any
	// index finds the place of a key; it is made when a search through the keys becomes slow.
	index map[any]int
}

// linearKeys is the number of keys that are searched one by one. Most dictionaries of a pickle stay below it, and a map for
// each would take many times the file's size.
const linearKeys = 8

// Len is the number of pairs.
func (d *Dict) Len() int { return len(d.keys) }

// At gives the pair at place i, 0 ≤ i < Len.
func (d *Dict) At(i int) (key, value any) { return d.keys[i], d.values[i] }

// Get finds the value of a text key.
func (d *Dict) Get(key string) (any, bool) {
	if i := d.find(key); i >= 0 {
		return d.values[i], true
	}
	return nil, false
}

func (d *Dict) set(key, value any) {
	if i := d.find(key); i >= 0 {
		d.values[i] = value
		return
	}
	d.keys = append(d.keys, key)
	d.values = append(d.values, value)
	switch {
	case d.index != nil && simple(key):
		d.index[key] = len(d.keys) - 1
	case d.index == nil && len(d.keys) > linearKeys:
		d.index = map[any]int{}
		for i, k := range d.keys {
			if simple(k) {
				d.index[k] = i
			}
		}
	}
}

// find gives the place of a key, or -1.
func (d *Dict) find(key any) int {
	if !simple(key) {
		return -1
	}
	if d.index != nil {
		if i, ok := d.index[key]; ok {
			return i
		}
		return -1
	}
	for i, k := range d.keys {
		if simple(k) && k == key {
			return i
		}
	}
	return -1
}

// simple tells whether a key can be compared: Go panics on the comparison of slices behind an interface.
func simple(key any) bool {
	switch key.(type) {
	case nil, bool, int64, float64, string:
		return true
	}
	return false
}
