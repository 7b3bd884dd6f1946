package hdf5

import (
	"fmt"
	"slices"
)

// dataset is what the messages of a dataset say.
type dataset struct {
	Type    Datatype
	space   dataspace
	layout  layout
	filters []filter
	fill    []byte // one value, or empty for zeros
	count   int
}

// Shape is the extent of a dataset, outermost dimension first; it is empty for a scalar.
func (o *Object) Shape() ([]int, error) {
	d, err := o.describe()
	if err != nil {
		return nil, err
	}
	return slices.Clone(d.space.shape), nil
}

// Type is the type of a dataset's values.
func (o *Object) Type() (Datatype, error) {
	d, err := o.describe()
	if err != nil {
		return Datatype{}, err
	}
	return d.Type, nil
}

// Float32s gives the values of a dataset of floats, row-major; those of 64 bits are rounded to the nearest float32.
func (o *Object) Float32s() ([]float32, error) { return datasetValues(o, values.float32s) }

// Float64s gives the values of a dataset of floats, row-major.
func (o *Object) Float64s() ([]float64, error) { return datasetValues(o, values.float64s) }

// Int64s gives the values of a dataset of integers, booleans or enumerations, row-major.
func (o *Object) Int64s() ([]int64, error) { return datasetValues(o, values.int64s) }

// Strings gives the values of a dataset of strings, row-major, without their padding.
func (o *Object) Strings() ([]string, error) { return datasetValues(o, values.strings) }

func datasetValues[T any](o *Object, get func(values) ([]T, error)) ([]T, error) {
	d, err := o.describe()
	if err != nil {
		return nil, err
	}
	if d.Type.unread != "" {
		return nil, fmt.Errorf("object %q: %s", o.path, d.Type.unread)
	}
	raw, err := o.f.raw(d)
	var out []T
	if err == nil {
		out, err = get(values{f: o.f, Type: d.Type, raw: raw})
	}
	if err != nil {
		return nil, fmt.Errorf("object %q: %w", o.path, err)
	}
	return out, nil
}

// describe reads the messages of a dataset.
func (o *Object) describe() (*dataset, error) {
	d, err := o.f.dataset(o.header)
	if err != nil {
		return nil, fmt.Errorf("object %q: %w", o.path, err)
	}
	return d, nil
}

func (f *File) dataset(h *header) (*dataset, error) {
	part := func(kind uint16, what string) ([]byte, error) {
		m := h.first(kind)
		if m == nil {
			return nil, fmt.Errorf("it is no dataset: it has no %s", what)
		}
		data, err := f.resolve(kind, m.shared, m.data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		return data, nil
	}
	place, err := part(messageLayout, "layout")
	if err != nil {
		return nil, err
	}
	form, err := part(messageDatatype, "datatype")
	if err != nil {
		return nil, err
	}
	extent, err := part(messageDataspace, "dataspace")
	if err != nil {
		return nil, err
	}
	d := &dataset{}
	if d.Type, err = f.datatype(form); err != nil {
		return nil, err
	}
	if d.space, err = f.dataspace(extent); err != nil {
		return nil, err
	}
	if d.count, err = d.space.elements(d.Type.Size); err != nil {
		return nil, err
	}
	if d.layout, err = f.layout(place, len(d.space.shape), d.Type.Size); err != nil {
		return nil, err
	}
	if h.first(messageFilters) != nil {
		pipeline, err := part(messageFilters, "filters")
		if err != nil {
			return nil, err
		}
		if d.filters, err = f.filters(pipeline); err != nil {
			return nil, err
		}
	}
	if d.fill, err = f.fill(h); err != nil {
		return nil, err
	}
	if len(d.fill) != 0 && len(d.fill) != d.Type.Size {
		return nil, fmt.Errorf("the fill value has %d bytes, a value %d", len(d.fill), d.Type.Size)
	}
	return d, nil
}

// fill gives the fill value, empty if it is zero.
func (f *File) fill(h *header) ([]byte, error) {
	m := h.first(messageFill)
	old := m == nil
	if old {
		m = h.first(messageFillOld)
	}
	if m == nil {
		return nil, nil
	}
	data, err := f.resolve(m.kind, m.shared, m.data)
	if err != nil {
		return nil, fmt.Errorf("fill value: %w", err)
	}
	c := f.cursor(data)
	given := true
	if !old {
		switch version := c.u8(); version {
		case 1, 2:
			c.skip(2)
			given = c.u8() != 0 || version == 1
		case 3:
			given = c.u8()&0x20 != 0
		default:
			return nil, fmt.Errorf("fill value: version %d is not known: 1 to 3 are", version)
		}
	}
	if !given {
		return nil, c.err
	}
	// A size of all bits set is that of an undefined value, in old files.
	size := c.u32()
	if size == 1<<32-1 {
		size = 0
	}
	value := c.bytes(int(size))
	if c.err != nil {
		return nil, fmt.Errorf("fill value: %w", c.err)
	}
	return value, nil
}

// raw gives the bytes of all values.
func (f *File) raw(d *dataset) ([]byte, error) {
	size := d.count * d.Type.Size
	switch {
	case size == 0:
		return nil, nil
	case d.layout.class == layoutCompact:
		if len(d.layout.data) != size {
			return nil, fmt.Errorf("it has %d bytes of values, %d are wanted", len(d.layout.data), size)
		}
		return d.layout.data, nil
	case d.layout.class == layoutContiguous && d.layout.address != undefined:
		if d.layout.sized && d.layout.size != uint64(size) {
			return nil, fmt.Errorf("it has %d bytes of values, %d are wanted", d.layout.size, size)
		}
		return f.read(d.layout.address, uint64(size))
	}
	if err := f.spend(int64(size)); err != nil {
		return nil, err
	}
	out := make([]byte, size)
	if len(d.fill) > 0 {
		for i := range d.count {
			copy(out[i*len(d.fill):], d.fill)
		}
	}
	if d.layout.address == undefined {
		return out, nil // no value was ever written
	}
	return out, f.chunks(d, out)
}
