package xmodel

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// field appends a length-delimited field.
func field(number protowire.Number, parts ...[]byte) []byte {
	var value []byte
	for _, p := range parts {
		value = append(value, p...)
	}
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), value)
}

func text(number protowire.Number, s string) []byte { return field(number, []byte(s)) }

func varint(number protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), v)
}

func attr(key string, value []byte) []byte { return field(3, text(1, key), field(2, value)) }

// tinyFile is one data op of shape [2, 3]; its parts can be replaced.
func tinyFile(shape, dims []byte) []byte {
	return append(text(1, "tiny"), field(5,
		text(1, "x"), text(2, "data"), attr("shape", field(14, shape)), attr("data_type", text(11, "FLOAT32")),
		field(5, text(1, "x"), dims, varint(5, 4), varint(6, 32)))...)
}

func TestPackedAndUnpackedAreTheSame(t *testing.T) {
	packed, unpacked := field(1, []byte{2, 3}), append(varint(1, 2), varint(1, 3)...)
	dims, loose := field(2, []byte{2, 3}), append(varint(2, 2), varint(2, 3)...)
	want, err := Parse(tinyFile(packed, dims))
	require.NoError(t, err)
	assert.Equal(t, []int32{2, 3}, want.Ops[0].Attrs["shape"])
	got, err := Parse(tinyFile(unpacked, loose))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	mixed, err := Parse(tinyFile(append(varint(1, 2), field(1, []byte{3})...), append(field(2, []byte{2}), varint(2, 3)...)))
	require.NoError(t, err)
	assert.Equal(t, want, mixed)
}

func TestLastValueWins(t *testing.T) {
	// Protobuf's rule for scalars and map keys; sub-messages merge.
	file := append(tinyFile(field(1, []byte{2, 3}), field(2, []byte{2, 3})), text(1, "later")...)
	attribute := func(v string) []byte { return field(11, text(1, "direction"), field(2, text(11, v))) }
	file = append(append(file, attribute("forward")...), attribute("backward")...)
	file = append(append(file, field(10, text(1, "root"))...), field(10, text(3, "x"))...)
	g, err := Parse(file)
	require.NoError(t, err)
	assert.Equal(t, "later", g.Name)
	assert.Equal(t, Attrs{"direction": "backward"}, g.Attrs)
	assert.Equal(t, &Subgraph{Name: "root", Ops: []string{"x"}}, g.Root)
}

func TestScanRefuses(t *testing.T) {
	sound := tinyFile(field(1, []byte{2, 3}), field(2, []byte{2, 3}))
	require.NoError(t, newScanner().next(sound))
	group := protowire.AppendTag(nil, 7, protowire.StartGroupType)
	deep := text(1, "leaf")
	for range 98 {
		deep = field(10, deep)
	}
	require.NoError(t, newScanner().next(deep))
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"group", append(group, protowire.AppendTag(nil, 7, protowire.EndGroupType)...), "field 7 at byte 0 is a group"},
		{"group in an op", field(5, text(1, "a"), group), `op_node\[0\] "a": field 7 at byte 3 is a group`},
		{"field 0", []byte{0, 1}, "tag at byte 0"},
		{"length past the end", []byte{5<<3 | 2, 100, 1}, `op_node\[0\]: cut off, 2 bytes are left`},
		{"length of 2^63", append([]byte{5<<3 | 2}, protowire.AppendVarint(nil, 1<<63)...), `op_node\[0\]: cut off`},
		{"varint of eleven bytes", field(5, append([]byte{99 << 3 & 127}, strings.Repeat("\xff", 11)...)), `op_node\[0\]`},
		{"text", field(5, text(1, "a\xff")), `op_node\[0\]: op_name: the text "a\\xff" is not UTF-8`},
		{"key", field(11, text(1, "\xc3")), `graph_attr\[0\]: key: the text .* is not UTF-8`},
		{"wire type", varint(1, 3), "graph_name: wire type 0, the field has 2"},
		{"packed element", field(5, field(5, text(1, "t"), field(2, []byte{2, 0x80}))), `op_node\[0\]: output_tensor "t": tensor_dim\[0\]: element 1: cut off`},
		{"nesting", field(10, deep), "nested deeper than 98 messages"},
		{"unknown field cut off", []byte{0xba, 0x3e, 9}, "unknown field 999 at byte 0"},
		{"second attribute", field(5, text(1, "a"), attr("k", text(11, "v")), attr("l", text(11, "\xff"))), `op_node\[0\] "a": op_attr\[1\] "l": value: string_value: the text`},
	} {
		err := newScanner().next(c.data)
		require.Error(t, err, c.name)
		assert.Regexp(t, c.want, err.Error(), c.name)
		_, err = Parse(c.data)
		assert.ErrorContains(t, err, "decode as an .xmodel: ")
	}
	for cut := range sound {
		_, err := Parse(sound[:cut])
		assert.Error(t, err, "the first %d bytes", cut)
	}
}

// TestManySmallPieces feeds the shapes of file whose decoded form is largest against their size.
func TestManySmallPieces(t *testing.T) {
	for name, piece := range map[string][]byte{
		"empty ops":              field(5),
		"small ops":              field(5, text(1, "a"), text(2, "b"), field(5, varint(6, 1))),
		"graph attributes":       field(11),
		"ops with one attribute": field(5, attr("", text(11, ""))),
		"arguments":              field(5, field(4), field(4), field(4), field(4)),
		"nested tensor maps":     field(5, field(5, field(10))),
		"empty subgraphs":        field(10, field(10)),
		"subgraph attributes":    field(10, field(5, field(2, field(32, field(1))))),
		"operator definitions":   field(101),
		"int vectors":            field(11, field(2, field(16, field(1, make([]byte, 4000))))),
		"text vectors":           field(11, field(2, field(20, []byte(strings.Repeat("\x0a\x00", 2000))))),
		"byte vectors":           field(11, field(2, field(21, []byte(strings.Repeat("\x0a\x00", 2000))))),
		"maps in an attribute":   field(11, field(2, field(27, []byte(strings.Repeat("\x0a\x00", 2000))))),
	} {
		data := []byte(strings.Repeat(string(piece), 1<<21/len(piece)))
		data = append(text(1, "g"), data...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse(data)
		runtime.ReadMemStats(&after)
		assert.Error(t, err, name)
		assert.Less(t, int64(after.TotalAlloc-before.TotalAlloc), int64(64<<20+len(data)), name)
	}
}
