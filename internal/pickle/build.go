package pickle

import (
	"fmt"
	"strconv"
)

// memory remembers the topmost value under a number, or pushes what was remembered.
func (d *Decoder) memory(code byte) error {
	var number uint64
	var err error
	switch code {
	case opPut, opGet:
		var line string
		if line, err = d.line(); err == nil {
			number, err = strconv.ParseUint(line, 10, 32)
		}
	case opBinPut, opBinGet:
		number, err = d.unsigned(1)
	case opLongBinPut, opLongBinGet:
		number, err = d.unsigned(4)
	case opMemoize:
		number = uint64(len(d.memo))
	}
	if err != nil {
		return err
	}
	if code == opGet || code == opBinGet || code == opLongBinGet {
		value, ok := d.memo[number]
		if !ok {
			return fmt.Errorf("nothing is remembered under %d", number)
		}
		d.push(value)
		return nil
	}
	value, err := d.top()
	if err != nil {
		return err
	}
	d.memo[number] = value
	return nil
}

// fill puts values into a container that lies on the stack.
func (d *Decoder) fill(code byte) error {
	var values []any
	var err error
	switch code {
	case opAppend:
		values, err = d.popTuple(1)
	case opSetItem:
		values, err = d.popTuple(2)
	default:
		values, err = d.popMark()
	}
	if err != nil {
		return err
	}
	target, err := d.top()
	if err != nil {
		return err
	}
	object, _ := target.(*Object)
	switch code {
	case opSetItem, opSetItems:
		if object != nil {
			if object.Dict == nil {
				object.Dict = &Dict{}
			}
			return setPairs(object.Dict, values)
		}
		if dict, ok := target.(*Dict); ok {
			return setPairs(dict, values)
		}
	case opAddItems:
		if set, ok := target.(*Set); ok {
			set.Items = append(set.Items, values...)
			return nil
		}
	default:
		if object != nil {
			object.Items = append(object.Items, values...)
			return nil
		}
		if list, ok := target.(*List); ok {
			list.Items = append(list.Items, values...)
			return nil
		}
	}
	return fmt.Errorf("a %T cannot be filled", target)
}

func setPairs(dict *Dict, values []any) error {
	if len(values)%2 != 0 {
		return fmt.Errorf("%d values are no pairs", len(values))
	}
	for i := 0; i < len(values); i += 2 {
		dict.set(values[i], values[i+1])
	}
	return nil
}
