package pickle

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBadPickles(t *testing.T) {
	for name, c := range map[string]struct {
		pickle string
		want   string
	}{
		"empty":                {"", "cut short"},
		"no stop":              {"N", "cut short"},
		"nothing":              {".", "0 values on its stack"},
		"two values":           {"NN.", "2 values"},
		"open mark":            {"N(.", "1 values"},
		"unknown":              {"\xff.", "0xff"},
		"extension":            {"\x82\x01.", "0x82"},
		"protocol":             {"\x80\x06N.", "protocol 6"},
		"no mark":              {"t.", "no mark"},
		"below the mark":       {"K\x01(0" + "0.", ""},
		"append below":         {"](a.", "1 values wanted"},
		"odd pairs":            {"(K\x01d.", "1 values are no pairs"},
		"fill a number":        {"K\x01K\x02a.", "a int64 cannot be filled"},
		"pairs into a list":    {"]K\x01K\x02s.", "cannot be filled"},
		"state of a number":    {"K\x01}b.", "a int64 takes no state"},
		"nothing remembered":   {"h\x05.", "nothing is remembered under 5"},
		"remember nothing":     {"q\x01.", "the stack is empty"},
		"text beyond the file": {"X\xff\xff\xff\x00abc.", "cut short"},
		"text beyond all":      {"X\xff\xff\xff\xffabc.", "4294967295 bytes"},
		"64-bit text":          {"\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc.", "18446744073709551615 bytes"},
		"negative long":        {"\x8b\xff\xff\xff\xffabc.", "4294967295 bytes"},
		"not UTF-8":            {"X\x01\x00\x00\x00\xff.", "not UTF-8"},
		"no integer":           {"Ix\n.", `"x" is no integer`},
		"no float":             {"Fx\n.", `"x" is no number`},
		"unquoted":             {"Sx\n.", "not in quotes"},
		"unicode escape":       {`V\u12` + "\n.", "escape"},
		"escape":               {`S'\q'` + "\n.", "escape"},
		"long line":            {"I" + strings.Repeat("1", 5000) + "\n.", "longer than 4096"},
		"persistent":           {"NQ.", "persistent id"},
		"os.system":            {"cos\nsystem\n(X\x04\x00\x00\x00echotR.", "os.system, which is refused"},
		"os.system by INST":    {"(X\x04\x00\x00\x00echoios\nsystem\n.", "os.system, which is refused"},
		"os.system by OBJ":     {"(cos\nsystem\nX\x04\x00\x00\x00echoo.", "os.system, which is refused"},
		"by STACK_GLOBAL":      {"\x8c\x02os\x8c\x06system\x93\x8c\x04echo\x85R.", "os.system, which is refused"},
		"eval":                 {"c__builtin__\neval\nU\x011\x85R.", "__builtin__.eval, which is refused"},
		"call a number":        {"K\x01)R.", "a function expected on the stack, not int64"},
		"call of a list":       {"cos\nsystem\n]R.", "a tuple of arguments expected on the stack, not *pickle.List"},
		"class of a number":    {"K\x01)\x81.", "a class expected"},
		"OBJ without class":    {"(o.", "a class expected"},
		"OBJ of a number":      {"(K\x01o.", "a class expected"},
		"name of a number":     {"K\x01K\x02\x93.", "a name expected"},
		"set of a number":      {"c__builtin__\nset\nK\x01\x85R.", "1 arguments, the first being int64"},
		"dict of a number":     {"ccollections\nOrderedDict\n]K\x01a\x85R.", "no pair"},
		"dict of two":          {"ccollections\nOrderedDict\nNN\x86R.", "2 arguments"},
		"bytes of a number":    {"c__builtin__\nbytes\nK\x01\x85R.", "the first being int64"},
		"encode":               {"c_codecs\nencode\nU\x01aU\x04utf8\x86R.", "only text as latin1"},
		"encode a number":      {"c_codecs\nencode\nK\x01U\x06latin1\x86R.", "text expected"},
		"encode snow":          {"c_codecs\nencode\nX\x03\x00\x00\x00\xe2\x98\x83U\x06latin1\x86R.", "not in latin1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewDecoder(strings.NewReader(c.pickle), Hooks{}).Decode()
			require.ErrorContains(t, err, "pickle, byte ")
			require.ErrorContains(t, err, c.want)
		})
	}
}

// What a few bytes make many of is bounded by operations and text, whatever the pickle does with them.
func TestPicklesThatGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("runs to the limits")
	}
	longList := "](" + strings.Repeat("N", 100_000) + "eq\x00"
	hundredPairs := "}q\x00("
	for i := range byte(100) {
		hundredPairs += "K" + string(rune(i)) + "N"
	}
	hundredPairs += "u"
	for name, pickle := range map[string]string{
		"many values":   strings.Repeat("N", MaxOperations+1),
		"many marks":    strings.Repeat("(", MaxOperations+1),
		"copied lists":  longList + strings.Repeat("c__builtin__\nset\nh\x00\x85R", 1000),
		"copied dicts":  hundredPairs + strings.Repeat("c__builtin__\ndict\nh\x00\x85R", 300_000),
		"copied text":   "X\x00\x00\x10\x00" + strings.Repeat("a", 1<<20) + "q\x00" + strings.Repeat("c_codecs\nencode\nh\x00U\x06latin1\x86R", 100),
		"copied bytes":  "B\x00\x00\x10\x00" + strings.Repeat("a", 1<<20) + "q\x00" + strings.Repeat("c__builtin__\nbytes\nh\x00\x85R", 100),
		"dictionaries":  strings.Repeat("}", MaxOperations+1),
		"nested tuples": "N" + strings.Repeat("\x85", MaxOperations+1),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := NewDecoder(strings.NewReader(pickle), Hooks{}).Decode()
			require.ErrorContains(t, err, "pickle, byte ")
			assert.NotContains(t, err.Error(), "cut short", "the limit is what ends it")
			runtime.ReadMemStats(&after)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(192<<20))
			assert.Less(t, time.Since(start), 5*time.Second)
		})
	}
}
