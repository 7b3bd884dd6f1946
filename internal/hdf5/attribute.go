package hdf5

import (
	"fmt"
	"slices"
	"strings"
)

// Attribute is a small array that is attached to an object.
type Attribute struct {
	Name  string
	Shape []int // empty for a scalar
	Type  Datatype
	owner string
	v     values
	err   error // why the values cannot be read
}

// Strings gives the values of an attribute of strings, without their padding. An attribute without values gives none, of
// whatever type it is.
func (a *Attribute) Strings() ([]string, error) { return attributeValues(a, values.strings) }

// Float64s gives the values of an attribute of floats.
func (a *Attribute) Float64s() ([]float64, error) { return attributeValues(a, values.float64s) }

// Int64s gives the values of an attribute of integers, booleans or enumerations.
func (a *Attribute) Int64s() ([]int64, error) { return attributeValues(a, values.int64s) }

func attributeValues[T any](a *Attribute, get func(values) ([]T, error)) ([]T, error) {
	err := a.err
	var out []T
	if err == nil {
		out, err = get(a.v)
	}
	if err != nil {
		return nil, fmt.Errorf("object %q: attribute %q: %w", a.owner, a.Name, err)
	}
	return out, nil
}

// Attributes gives the object's attributes, sorted by name.
func (o *Object) Attributes() ([]*Attribute, error) {
	var all []*Attribute
	take := func(data []byte) error {
		a, err := o.f.attribute(data)
		if err != nil {
			return err
		}
		a.owner = o.path
		all = append(all, a)
		return o.f.spend(linkCost)
	}
	for _, m := range o.header.messages {
		var err error
		switch m.kind {
		case messageAttribute:
			data := m.data
			if data, err = o.f.resolve(m.kind, m.shared, data); err == nil {
				err = take(data)
			}
		case messageAttrInfo:
			err = o.denseAttributes(m.data, take)
		}
		if err != nil {
			return nil, fmt.Errorf("object %q: %w", o.path, err)
		}
	}
	slices.SortStableFunc(all, func(a, b *Attribute) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(all); i++ {
		if all[i].Name == all[i-1].Name {
			return nil, fmt.Errorf("object %q: two attributes are named %q", o.path, all[i].Name)
		}
	}
	return all, nil
}

// Attribute gives the attribute of a name, or nil if the object has none.
func (o *Object) Attribute(name string) (*Attribute, error) {
	all, err := o.Attributes()
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Name == name {
			return a, nil
		}
	}
	return nil, nil
}

func (o *Object) denseAttributes(info []byte, take func([]byte) error) error {
	heap, index, err := o.f.denseInfo(info, 2)
	if err != nil {
		return fmt.Errorf("attribute info: %w", err)
	}
	if heap == undefined {
		return nil
	}
	return o.f.dense(heap, index, 8, func(record *cursor) []byte {
		const behind = 1 + 4 + 4 // flags, creation order, hash
		return record.bytes(record.left() - behind)
	}, take)
}

// attribute reads an attribute message. A type that is not known leaves an attribute whose values cannot be read.
func (f *File) attribute(data []byte) (*Attribute, error) {
	c := f.cursor(data)
	version, flags := c.u8(), c.u8()
	nameSize, typeSize, spaceSize := int(c.u16()), int(c.u16()), int(c.u16())
	if c.err == nil && (version < 1 || version > 3) {
		return nil, fmt.Errorf("attribute message: version %d is not known: 1 to 3 are", version)
	}
	if version == 3 {
		c.skip(1)
	}
	part := func(n int) []byte {
		b := c.bytes(n)
		if version == 1 {
			c.align(8)
			flags = 0
		}
		return b
	}
	name := unpad(part(nameSize), 0)
	typeData, spaceData := part(typeSize), part(spaceSize)
	if c.err != nil {
		return nil, fmt.Errorf("attribute message %q: %w", name, c.err)
	}
	a := &Attribute{Name: name}
	a.v, a.Shape, a.err = f.attributeBody(typeData, spaceData, flags, c)
	a.Type = a.v.Type
	return a, nil
}

func (f *File) attributeBody(typeData, spaceData []byte, flags uint8, c *cursor) (values, []int, error) {
	v := values{f: f, Type: Datatype{Size: 1}}
	typeData, err := f.resolve(messageDatatype, flags&0x01 != 0, typeData)
	if err != nil {
		return v, nil, err
	}
	if flags&0x02 != 0 {
		return v, nil, fmt.Errorf("its dataspace is shared, which is not read")
	}
	t, err := f.datatype(typeData)
	if err != nil {
		return v, nil, err
	}
	space, err := f.dataspace(spaceData)
	if err != nil {
		return v, nil, err
	}
	n, err := space.elements(t.Size)
	if err != nil {
		return v, nil, err
	}
	v.Type = t
	if v.raw = c.bytes(n * t.Size); c.err != nil {
		return values{f: f, Type: t}, nil, fmt.Errorf("%d values of %s: %w", n, t, c.err)
	}
	return v, space.shape, nil
}
