package hdf5

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorded is what h5py read of an object; see testdata/record.py.
type recorded struct {
	Attributes map[string]struct {
		Shape  []int
		Values []any
	}
	Members []string
	Shape   []int
	Values  []any
}

func open(t testing.TB, data []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	return f
}

func content(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return data
}

// fixtures are the recorded files that hold everything that their description says.
func fixtures(t testing.TB) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join("testdata", "*.h5"))
	require.NoError(t, err)
	require.Greater(t, len(all), 10)
	for i, path := range all {
		all[i] = filepath.Base(path)
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "paged.h5" })
}

func TestEqualsH5py(t *testing.T) {
	for _, name := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			f := open(t, content(t, name))
			var objects map[string]recorded
			require.NoError(t, json.Unmarshal(content(t, strings.TrimSuffix(name, ".h5")+".json"), &objects))
			require.NotEmpty(t, objects)
			for path, want := range objects {
				o, err := f.Object(path)
				require.NoError(t, err)
				equalAttributes(t, o, want)
				if want.Members != nil {
					require.True(t, o.IsGroup())
					require.False(t, o.IsDataset())
					names, err := o.Names()
					require.NoError(t, err)
					require.Equal(t, want.Members, append([]string{}, names...), path)
					continue
				}
				require.True(t, o.IsDataset(), path)
				shape, err := o.Shape()
				require.NoError(t, err)
				require.Equal(t, want.Shape, shape, path)
				kind, err := o.Type()
				require.NoError(t, err)
				require.Equal(t, want.Values, got(t, kind, o), path)
			}
		})
	}
}

// reader is a dataset or an attribute.
type reader interface {
	Float64s() ([]float64, error)
	Int64s() ([]int64, error)
	Strings() ([]string, error)
}

// got gives values as JSON has them.
func got(t *testing.T, kind Datatype, r reader) []any {
	out := []any{}
	switch kind.Class {
	case Float:
		all, err := r.Float64s()
		require.NoError(t, err)
		for _, v := range all {
			out = append(out, v)
		}
	case Integer, Enum:
		all, err := r.Int64s()
		require.NoError(t, err)
		for _, v := range all {
			out = append(out, float64(v))
		}
	default:
		all, err := r.Strings()
		require.NoError(t, err)
		for _, v := range all {
			out = append(out, v)
		}
	}
	return out
}

func equalAttributes(t *testing.T, o *Object, want recorded) {
	all, err := o.Attributes()
	require.NoError(t, err)
	require.Len(t, all, len(want.Attributes), o.Path())
	for _, a := range all {
		expected, ok := want.Attributes[a.Name]
		require.True(t, ok, a.Name)
		assert.Equal(t, expected.Shape, append([]int{}, a.Shape...), "%s %s", o.Path(), a.Name)
		assert.Equal(t, expected.Values, got(t, a.Type, a), "%s %s", o.Path(), a.Name)
		same, err := o.Attribute(a.Name)
		require.NoError(t, err)
		require.Equal(t, a.Type, same.Type)
	}
	none, err := o.Attribute("not there")
	require.NoError(t, err)
	require.Nil(t, none)
}

func TestPagesOfAnExtensibleArray(t *testing.T) {
	f := open(t, content(t, "paged.h5"))
	var want map[string]int64
	require.NoError(t, json.Unmarshal(content(t, "paged.json"), &want))
	o, err := f.Object("x")
	require.NoError(t, err)
	values, err := o.Int64s()
	require.NoError(t, err)
	require.Len(t, values, 140000)
	for i, v := range values {
		require.Equal(t, want[strconv.Itoa(i)], v, i)
	}
}

func TestFloat32sOfEveryForm(t *testing.T) {
	f := open(t, content(t, "types-old.h5"))
	group, err := f.Object("float")
	require.NoError(t, err)
	names, err := group.Names()
	require.NoError(t, err)
	require.Len(t, names, 6)
	for _, name := range names {
		o, err := group.Object(name)
		require.NoError(t, err)
		values, err := o.Float32s()
		require.NoError(t, err)
		assert.Equal(t, []float32{-11.8125, -9.5, -7.1875, -4.875, -2.5625, -0.25}, values, name)
	}
}

func TestPaths(t *testing.T) {
	f := open(t, content(t, "links-old.h5"))
	for _, path := range []string{"many/data", "/many/data", "hard", "soft", "chain", "many/relative", "folder/data", "folder/relative", "//many/./data"} {
		o, err := f.Object(path)
		require.NoError(t, err, path)
		values, err := o.Float32s()
		require.NoError(t, err, path)
		assert.Len(t, values, 3, path)
	}
	many, err := f.Object("many")
	require.NoError(t, err)
	o, err := many.Object("/hard")
	require.NoError(t, err)
	assert.Equal(t, "/hard", o.Path())
	_, err = many.Object("x/y")
	require.ErrorIs(t, err, ErrNotFound)
	require.EqualError(t, err, `object "/many/x/y": "/many" has no member "x": it is not in the file`)
	_, err = f.Object("outside")
	require.ErrorContains(t, err, "link to another file")
	_, err = open(t, content(t, "many-links-new.h5")).Object("m0")
	require.ErrorContains(t, err, "more than 32 soft links lead on from one another")
	_, err = f.Object("hard/below")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestWrongUse(t *testing.T) {
	f := open(t, content(t, "types-new.h5"))
	group, err := f.Object("float")
	require.NoError(t, err)
	_, err = group.Float32s()
	require.EqualError(t, err, `object "/float": it is no dataset: it has no layout`)
	for path, want := range map[string]string{
		"text/fixed": "it holds values of type string of 5 bytes, floats are wanted",
		"bool":       "it holds values of type enumeration of 1 bytes, floats are wanted",
	} {
		o, err := f.Object(path)
		require.NoError(t, err)
		_, err = o.Float64s()
		require.EqualError(t, err, `object "/`+path+`": `+want)
	}
	o, err := f.Object("scalar")
	require.NoError(t, err)
	_, err = o.Int64s()
	require.ErrorContains(t, err, "integers are wanted")
	_, err = o.Strings()
	require.ErrorContains(t, err, "strings are wanted")
}

func TestNoHDF5(t *testing.T) {
	for _, data := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("0123456789abcdef"), 100)} {
		_, err := Open(bytes.NewReader(data), int64(len(data)))
		require.ErrorContains(t, err, "no HDF5 file")
	}
	data := content(t, "links-old.h5")
	_, err := Open(bytes.NewReader(data[:len(data)-1]), int64(len(data)-1))
	require.ErrorContains(t, err, "cut short")
	require.False(t, errors.Is(err, ErrNotFound))
}
