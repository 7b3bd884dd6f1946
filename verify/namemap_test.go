package verify

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNameMaps(t *testing.T) {
	want := map[string]string{"h_out": "h_next", "cell0/c": "c_next"}
	for name, text := range map[string]string{
		"lines": "# ours\n h_out = h_next # h\n\ncell0/c=c_next\n",
		"json":  ` {"h_out": "h_next", "cell0/c": "c_next"} `,
	} {
		got, err := ParseNameMap([]byte(text))
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	for text, message := range map[string]string{
		"h_out h_next":         `line 1 is "h_out h_next"`,
		"\nh = ":               "line 2",
		"a = b\na = c":         `"a" is there twice`,
		`{"a": 1}`:             `the name for "a"`,
		`{"a": "b"`:            "EOF",
		`{"a": "b"} {}`:        "follows",
		`{"a": "b", "a": "c"}`: "twice",
	} {
		_, err := ParseNameMap([]byte(text))
		require.ErrorContains(t, err, message, text)
	}
}

func FuzzParseNameMap(f *testing.F) {
	f.Add([]byte("a = b\n# c\n"))
	f.Add([]byte(`{"a": "b"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		names, err := ParseNameMap(text)
		if err != nil || len(names) == 0 {
			return
		}
		again, err := json.Marshal(names)
		require.NoError(t, err)
		got, err := ParseNameMap(again)
		require.NoError(t, err)
		if json.Valid(text) {
			require.Equal(t, names, got)
		}
	})
}
