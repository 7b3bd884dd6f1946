package pickle

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"value-0", "value-2", "value-5"} {
		data, err := os.ReadFile("testdata/" + name + ".pkl")
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte("cos\nsystem\n(X\x04\x00\x00\x00echotR."))
	f.Add([]byte("(ishop\nThing\n}b."))
	hooks := Hooks{
		Call:       func(function Global, args Tuple) (any, bool, error) { return args, function.Module == "m", nil },
		Persistent: func(id any) (any, error) { return id, nil },
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := NewDecoder(bytes.NewReader(data), hooks)
		for {
			before := d.Offset()
			_, err := d.Decode()
			require.LessOrEqual(t, d.Offset(), int64(len(data)))
			require.Greater(t, d.Offset(), before-1)
			if err != nil {
				return
			}
		}
	})
}
