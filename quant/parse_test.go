package quant

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/internal/fixed"
)

const smallInfo = `{
  "param":
  {
    "weight_ii":[8,7]
  },
  "output":
  {
    "G::input_0":[16,12],
    "G::w_ii * input_0 + bias_ii":[16,-3]
  },
  "input":
  {

  }
}`

func TestParseInfoKeepsOrderAndMarshalGivesTheBytesBack(t *testing.T) {
	info, err := ParseInfo([]byte(smallInfo))
	require.NoError(t, err)
	assert.Equal(t, &Info{
		Param: Section{{"weight_ii", fixed.Format{Bits: 8, Position: 7}}},
		Output: Section{
			{"G::input_0", fixed.Format{Bits: 16, Position: 12}},
			{"G::w_ii * input_0 + bias_ii", fixed.Format{Bits: 16, Position: -3}},
		},
	}, info)
	assert.Equal(t, smallInfo, string(info.Marshal()))
	format, found := info.Output.Lookup("G::input_0")
	assert.True(t, found)
	assert.Equal(t, fixed.Format{Bits: 16, Position: 12}, format)
	_, found = info.Output.Lookup("G::input_1")
	assert.False(t, found)
}

func TestParseInfoRejects(t *testing.T) {
	replace := func(old, replacement string) string {
		require.Contains(t, smallInfo, old)
		return strings.Replace(smallInfo, old, replacement, 1)
	}
	for name, c := range map[string]struct{ data, want string }{
		"an empty file":             {"", "the file ends too early"},
		"half a file":               {smallInfo[:80], "the file ends too early"},
		"garbage":                   {"\x00\x01garbage", "not valid JSON"},
		"a list":                    {"[1,2]", "[ stands where { belongs"},
		"a number":                  {"17", "17 stands where { belongs"},
		"something behind":          {smallInfo + "\n{}", "something follows the closing brace"},
		"a missing section":         {`{"param":{},"output":{}}`, `section "input" is missing`},
		"a foreign section":         {replace(`"param"`, `"weights"`), `section "weights" is not one of param, output, input`},
		"a section twice":           {`{"param":{},"param":{}}`, `section "param" appears twice`},
		"a section that is a list":  {`{"param":[]}`, `section "param": [ stands where { belongs`},
		"a section that is null":    {`{"param":null}`, `section "param": <nil> stands where { belongs`},
		"a null entry":              {replace("[8,7]", "null"), `param entry "weight_ii": it is null, so calibration never saw this tensor: quantize again`},
		"a null position":           {replace("[16,-3]", "[16,null]"), `output entry "G::w_ii * input_0 + bias_ii": it is null`},
		"an entry twice":            {replace("G::w_ii * input_0 + bias_ii", "G::input_0"), `output entry "G::input_0" appears twice`},
		"an empty name":             {replace("weight_ii", ""), "an entry has an empty name"},
		"a position too high":       {replace("[8,7]", "[8,32]"), `param entry "weight_ii": [8,32]: fix position 32 is outside -32 to 31`},
		"a position too low":        {replace("[8,7]", "[8,-33]"), "fix position -33 is outside"},
		"a width of zero":           {replace("[8,7]", "[0,7]"), "bit width 0 is outside 1 to 32"},
		"a width too large":         {replace("[8,7]", "[33,7]"), "bit width 33 is outside"},
		"an enormous position":      {replace("[8,7]", "[8,99999999999999999999]"), "not an integer within range"},
		"a fraction":                {replace("[8,7]", "[8,7.5]"), "the fix position is 7.5, not an integer"},
		"a word":                    {replace("[8,7]", `["8",7]`), "the bit width is 8, not an integer"},
		"one number":                {replace("[8,7]", "[8]"), "the fix position is ], not an integer"},
		"three numbers":             {replace("[8,7]", "[8,7,6]"), "more than the two numbers"},
		"the lists of CNN files":    {replace("[8,7]", "[[8,7]]"), "the bit width is [, not an integer"},
		"an object for an entry":    {replace("[8,7]", "{}"), "{ is not of the form [bits,position]"},
		"a truth value for a entry": {replace("[8,7]", "true"), "true is not of the form [bits,position]"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseInfo([]byte(c.data))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestParseInfoNamesTheLine(t *testing.T) {
	_, err := ParseInfo([]byte(strings.Replace(smallInfo, "[16,-3]", "null", 1)))
	require.ErrorContains(t, err, "line 9:")
}

func TestReadInfoNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quant_info.json")
	_, err := ReadInfo(path)
	require.ErrorContains(t, err, path)
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o644))
	_, err = ReadInfo(path)
	require.ErrorContains(t, err, path)
	require.NoError(t, os.WriteFile(path, []byte(smallInfo), 0o644))
	info, err := ReadInfo(path)
	require.NoError(t, err)
	require.Equal(t, path, info.Source)
}

func TestInfoRoundTrip(t *testing.T) {
	entries := rapid.Custom(func(t *rapid.T) Section {
		var s Section
		for name := range rapid.MapOf(rapid.StringN(1, -1, -1), rapid.Bool()).Draw(t, "names") {
			s = append(s, Entry{name, fixed.Format{
				Bits: rapid.IntRange(fixed.MinBits, fixed.MaxBits).Draw(t, "bits"), Position: rapid.IntRange(fixed.MinPosition, fixed.MaxPosition).Draw(t, "position"),
			}})
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		info := &Info{Param: entries.Draw(t, "param"), Output: entries.Draw(t, "output"), Input: entries.Draw(t, "input")}
		data := info.Marshal()
		for _, b := range data {
			require.Less(t, b, byte(0x80), "the file is ASCII")
		}
		parsed, err := ParseInfo(data)
		require.NoError(t, err)
		require.Equal(t, info, parsed)
	})
}

func FuzzParseInfo(f *testing.F) {
	f.Add([]byte(smallInfo))
	f.Add([]byte(`{"param":{"a":null},"output":{},"input":{}}`))
	f.Add([]byte(`{"param":{"\ud83d\ude00":[16,12]},"output":{},"input":{}}`))
	f.Add([]byte(`{"param":{"a":[[8,7]]}}`))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := ParseInfo(data)
		if err != nil {
			require.Nil(t, info)
			return
		}
		again, err := ParseInfo(info.Marshal())
		require.NoError(t, err)
		require.Equal(t, info, again)
		require.Equal(t, info.Marshal(), again.Marshal())
	})
}
