package pickle

import (
	"bytes"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// copyReg knows the one function by which protocols 0 and 1 make instances of a class.
func copyReg(function Global, args Tuple) (any, bool, error) {
	if function.Name != "_reconstructor" {
		return nil, false, nil
	}
	return &Object{Class: args[0].(Global)}, true, nil
}

func TestEveryProtocol(t *testing.T) {
	for protocol := range 6 {
		t.Run(strconv.Itoa(protocol), func(t *testing.T) {
			file, err := os.Open(filepath.Join("testdata", "value-"+strconv.Itoa(protocol)+".pkl"))
			require.NoError(t, err)
			defer file.Close()
			d := NewDecoder(file, Hooks{Call: copyReg})
			root, err := d.Decode()
			require.NoError(t, err)
			info, err := file.Stat()
			require.NoError(t, err)
			assert.Equal(t, info.Size(), d.Offset())
			requireRecorded(t, root.(*Dict))
		})
	}
}

func requireRecorded(t *testing.T, root *Dict) {
	t.Helper()
	get := func(key string) any {
		value, ok := root.Get(key)
		require.True(t, ok, key)
		return value
	}
	one, two := int64(1), int64(2)
	assert.Nil(t, get("none"))
	assert.Equal(t, true, get("true"))
	assert.Equal(t, false, get("false"))
	assert.Equal(t, []any{int64(0), int64(255), int64(256), int64(65535), int64(65536), int64(-1), int64(math.MinInt32),
		int64(1 << 31), int64(math.MinInt64), int64(math.MaxInt64)}, get("integers").(*List).Items)
	want, _ := new(big.Int).SetString("1950a86a20f9469cfc6c", 16)
	assert.Zero(t, want.Cmp(get("long").(*big.Int)))
	want = new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 70))
	assert.Zero(t, want.Cmp(get("negative long").(*big.Int)))
	assert.Equal(t, Tuple{1.5, -0.1}, get("floats"))
	assert.Equal(t, "héé \\ 'quoted' \n ☃", get("text"))
	assert.Equal(t, strings.Repeat("abc", 300), get("long text"))
	assert.Equal(t, Bytes("\x00\xff'"), get("bytes"))
	assert.Equal(t, Tuple{Tuple{}, Tuple{one}, Tuple{one, two}, Tuple{one, two, int64(3)}, Tuple{one, two, int64(3), int64(4)}}, get("tuples"))
	assert.Equal(t, []any{int64(7)}, get("set").(*Set).Items)
	assert.Equal(t, []any{int64(8)}, get("frozenset").(*Set).Items)
	ordered := get("ordered").(*Dict)
	require.Equal(t, 2, ordered.Len())
	key, value := ordered.At(0)
	assert.Equal(t, "z", key)
	assert.Equal(t, one, value)
	fallback, ok := get("default").(*Dict).Get("k")
	assert.True(t, ok)
	assert.Equal(t, int64(3), fallback)
	pair := get("shared").(*List).Items
	assert.Same(t, pair[0], pair[1])
	thing := get("thing").(*Object)
	assert.Equal(t, "shop.Thing", thing.Class.String())
	price, _ := thing.State.(*Dict).Get("price")
	assert.Equal(t, 2.5, price)
	assert.Same(t, root, get("self"))
	key, value = root.At(root.Len() - 2)
	assert.Equal(t, int64(5), key)
	assert.Equal(t, "integer key", value)
}

func TestPicklesFollowOneAnother(t *testing.T) {
	d := NewDecoder(strings.NewReader("K\x01.N.K\x02.rest"), Hooks{})
	for i, want := range []any{int64(1), nil, int64(2)} {
		got, err := d.Decode()
		require.NoError(t, err)
		assert.Equal(t, want, got, "pickle %d", i)
	}
	assert.Equal(t, int64(8), d.Offset())
}

func TestDictKeys(t *testing.T) {
	dict := &Dict{}
	for round := range 2 {
		for i := range int64(20) {
			dict.set(i, round)
			dict.set(float64(i)+0.5, round)
			dict.set(strconv.Itoa(int(i)), round)
		}
	}
	assert.Equal(t, 60, dict.Len())
	dict.set(Tuple{}, 1)
	dict.set(Tuple{}, 2)
	assert.Equal(t, 62, dict.Len(), "tuples are not compared")
	_, ok := dict.Get("20")
	assert.False(t, ok)
}

func TestPersistent(t *testing.T) {
	hooks := Hooks{Persistent: func(id any) (any, error) { return Tuple{id}, nil }}
	for pickle, want := range map[string]any{"K\x07Q.": Tuple{int64(7)}, "Pname\n.": Tuple{"name"}} {
		got, err := NewDecoder(strings.NewReader(pickle), hooks).Decode()
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestOldInstances(t *testing.T) {
	for _, pickle := range []string{"(ishop\nThing\n.", "(cshop\nThing\no.", "cshop\nThing\n)\x81.", "cshop\nThing\n)}\x92."} {
		got, err := NewDecoder(strings.NewReader(pickle), Hooks{}).Decode()
		require.NoError(t, err, "%q", pickle)
		assert.Equal(t, Global{"shop", "Thing"}, got.(*Object).Class)
	}
}

func TestSubclassesOfContainers(t *testing.T) {
	got, err := NewDecoder(strings.NewReader("cshop\nBag\n)\x81(K\x01K\x02eU\x01aK\x03s."), Hooks{}).Decode()
	require.NoError(t, err)
	bag := got.(*Object)
	assert.Equal(t, []any{int64(1), int64(2)}, bag.Items)
	value, _ := bag.Dict.Get("a")
	assert.Equal(t, int64(3), value)
}

func TestCallsReachTheHook(t *testing.T) {
	hooks := Hooks{Call: func(function Global, args Tuple) (any, bool, error) { return args, function == Global{"m", "f"}, nil }}
	for _, pickle := range []string{"cm\nf\n(K\x01K\x02tR.", "(K\x01K\x02im\nf\n.", "(cm\nf\nK\x01K\x02o."} {
		got, err := NewDecoder(bytes.NewReader([]byte(pickle)), hooks).Decode()
		require.NoError(t, err)
		assert.Equal(t, Tuple{int64(1), int64(2)}, got)
	}
}
