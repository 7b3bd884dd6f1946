package verify

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
)

// A short trace is opened once, a long one twice; what is seen is the same.
func TestReadTwice(t *testing.T) {
	for name, c := range map[string]struct{ width, opened int }{"short": {10, 1}, "long": {1 << 20, 2}} {
		t.Run(name, func(t *testing.T) {
			const frames = 20
			source := &endless{header: dump.Header{Cells: []dump.Cell{{Graph: "g"}}}, frame: dump.Frame{Fixed: [][]int16{make([]int16, c.width)}}}
			opened := 0
			open := func() (dump.Source, error) {
				opened++
				source.left = frames
				return source, nil
			}
			var seen [2][]string
			visit := func(which int) visitor {
				return visitor{
					begin: func(h dump.Header) error { seen[which] = append(seen[which], h.Cells[0].Graph); return nil },
					frame: func(f *dump.Frame) error {
						require.Len(t, f.Fixed[0], c.width)
						seen[which] = append(seen[which], "frame")
						return nil
					},
				}
			}
			require.NoError(t, readTwice(context.Background(), open, visit(0), visit(1)))
			require.Equal(t, c.opened, opened)
			require.Len(t, seen[0], 1+frames)
			require.Equal(t, seen[0], seen[1])
		})
	}
}
