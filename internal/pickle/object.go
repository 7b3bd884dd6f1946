package pickle

import (
	"fmt"
)

// object runs the instructions that name, call and make things.
func (d *Decoder) object(code byte) error {
	var value any
	var err error
	switch code {
	case opGlobal:
		value, err = d.globalLines()
	case opStackGlobal:
		var name, module string
		if name, err = popAs[string](d, "a name"); err == nil {
			module, err = popAs[string](d, "a module's name")
		}
		value = Global{module, name}
	case opReduce:
		value, err = d.reduce()
	case opInst:
		var class Global
		if class, err = d.globalLines(); err == nil {
			value, err = d.instance(class)
		}
	case opObj:
		value, err = d.obj()
	case opNewObj, opNewObjEx:
		value, err = d.newObject(code)
	case opBuild:
		return d.build()
	case opPersID:
		var line string
		if line, err = d.line(); err == nil {
			value, err = d.persistent(line)
		}
	case opBinPersID:
		var id any
		if id, err = d.pop(); err == nil {
			value, err = d.persistent(id)
		}
	}
	if err == nil {
		d.push(value)
	}
	return err
}

func (d *Decoder) globalLines() (Global, error) {
	module, err := d.line()
	if err != nil {
		return Global{}, err
	}
	name, err := d.line()
	return Global{module, name}, err
}

func (d *Decoder) persistent(id any) (any, error) {
	if d.hooks.Persistent == nil {
		return nil, fmt.Errorf("a persistent id is used, which this pickle should not do")
	}
	return d.hooks.Persistent(id)
}

// reduce calls what lies below the arguments on the stack.
func (d *Decoder) reduce() (any, error) {
	args, err := popAs[Tuple](d, "a tuple of arguments")
	if err != nil {
		return nil, err
	}
	function, err := popAs[Global](d, "a function")
	if err != nil {
		return nil, err
	}
	return d.call(function, args)
}

// obj makes an instance of the class that lies right above the last mark; the arguments follow.
func (d *Decoder) obj() (any, error) {
	values, err := d.popMark()
	if err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("a class expected on the stack")
	}
	class, ok := values[0].(Global)
	if !ok {
		return nil, fmt.Errorf("a class expected on the stack, not %T", values[0])
	}
	if args := append(Tuple{}, values[1:]...); len(args) > 0 {
		return d.call(class, args)
	}
	return d.newInstance(class, nil)
}

// instance makes an instance of a class from the arguments above the last mark.
func (d *Decoder) instance(class Global) (any, error) {
	values, err := d.popMark()
	if err != nil {
		return nil, err
	}
	if len(values) > 0 {
		return d.call(class, append(Tuple{}, values...))
	}
	return d.newInstance(class, nil)
}

func (d *Decoder) newObject(code byte) (any, error) {
	if code == opNewObjEx {
		if _, err := d.pop(); err != nil { // keyword arguments, which only __new__ would see
			return nil, err
		}
	}
	args, err := popAs[Tuple](d, "a tuple of arguments")
	if err != nil {
		return nil, err
	}
	class, err := popAs[Global](d, "a class")
	if err != nil {
		return nil, err
	}
	return d.newInstance(class, args)
}

// newInstance makes an instance by __new__ alone, which runs no code of the class here: containers are known, others are kept
// as an Object.
func (d *Decoder) newInstance(class Global, args Tuple) (any, error) {
	if err := d.charge(args); err != nil {
		return nil, err
	}
	if value, known, err := container(class, args); known {
		return value, err
	}
	return &Object{Class: class, Args: args}, nil
}

func (d *Decoder) call(function Global, args Tuple) (any, error) {
	if err := d.charge(args); err != nil {
		return nil, err
	}
	if value, known, err := container(function, args); known {
		return value, err
	}
	if d.hooks.Call != nil {
		if value, known, err := d.hooks.Call(function, args); known {
			return value, err
		}
	}
	return nil, fmt.Errorf("it calls %s, which is refused: only tensors and containers are made from a pickle", function)
}

// build gives the topmost object its state. A dictionary's attributes (a state_dict has some) are of no interest.
func (d *Decoder) build() error {
	state, err := d.pop()
	if err != nil {
		return err
	}
	target, err := d.top()
	if err != nil {
		return err
	}
	switch target := target.(type) {
	case *Object:
		target.State = state
	case *Dict, *Set, *List:
	default:
		return fmt.Errorf("a %T takes no state", target)
	}
	return nil
}
