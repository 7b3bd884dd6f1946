package model

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// safetensorsFile is a file with that header and as many bytes of values.
func safetensorsFile(header string, size int) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), make([]byte, size)...)
}

func TestSafetensorsHeaders(t *testing.T) {
	entry := func(name, kind, shape, offsets string) string {
		return `"` + name + `":{"dtype":"` + kind + `","shape":` + shape + `,"data_offsets":` + offsets + `}`
	}
	for name, c := range map[string]struct {
		header string
		size   int
		want   string
	}{
		"nothing":             {"{}", 0, "no LSTM or GRU"},
		"metadata":            {`{"__metadata__":{"a":1}}`, 0, "metadata"},
		"no JSON":             {`{"a`, 0, "header"},
		"cut JSON":            {`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`, 4, "header"},
		"behind":              {`{} {}`, 0, "lies behind the JSON object"},
		"a number":            {`{"a":1}`, 0, `tensor "a"`},
		"twice":               {"{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("a", "F32", "[1]", "[0,4]") + "}", 4, `"a" is there twice`},
		"one offset":          {"{" + entry("a", "F32", "[1]", "[0]") + "}", 4, "holds 1 numbers"},
		"outside":             {"{" + entry("a", "F32", "[2]", "[0,8]") + "}", 4, "lie outside the 4 bytes"},
		"negative":            {"{" + entry("a", "F32", "[1]", "[-4,0]") + "}", 4, "lie outside"},
		"backwards":           {"{" + entry("a", "F32", "[1]", "[4,0]") + "}", 4, "lie outside"},
		"overlap":             {"{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[1]", "[2,6]") + "}", 6, "overlap those of tensor \"a\""},
		"same":                {"{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[1]", "[0,4]") + "}", 4, "overlap"},
		"gap":                 {"{" + entry("a", "F32", "[1]", "[4,8]") + "}", 8, "no tensor holds the bytes 0 to 4"},
		"tail":                {"{" + entry("a", "F32", "[1]", "[0,4]") + "}", 8, "no tensor holds the last 4 bytes"},
		"shape":               {"{" + entry("a", "F32", "[2]", "[0,4]") + "}", 4, "of shape [2] takes 8 bytes, it has 4"},
		"negative shape":      {"{" + entry("a", "F32", "[-1,-1]", "[0,4]") + "}", 4, "negative dimension"},
		"shape overflow":      {"{" + entry("a", "F32", "[4294967296,4294967296]", "[0,4]") + "}", 4, "too large"},
		"offset overflow":     {"{" + entry("a", "F32", "[1]", "[0,99999999999999999999]") + "}", 4, `tensor "a"`},
		"integers as weights": {"{" + entry("weight_hh_l0", "I32", "[4,1]", "[0,16]") + "," + entry("weight_ih_l0", "I32", "[4,1]", "[16,32]") + "}", 32, "it holds int32, floats are wanted"},
		"unknown type":        {"{" + entry("weight_hh_l0", "F4", "[4,1]", "[0,16]") + "," + entry("weight_ih_l0", "F4", "[4,1]", "[16,32]") + "}", 32, `type "F4" is not known`},
		"huge":                {"{" + strings.Repeat(" ", maxSafetensorsHeader) + "}", 0, "the limit is 8388608"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readBytes(t, safetensorsFile(c.header, c.size), ReadOptions{})
			require.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, "safetensors")
		})
	}
}
