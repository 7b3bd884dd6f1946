package dump

import (
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// wideHeader is an LSTM of the given number of inputs and units: 24 nodes.
func wideHeader(inputs, units int) Header {
	cell := Cell{Graph: "Lstm_StandardLstmCell_layer_0_forward"}
	for i := range 24 {
		node := Node{Name: "node_" + string(rune('a'+i)), Label: "node", Op: "add", Width: units, Bits: 16, Position: 12}
		if i == 0 {
			node.Width = inputs
		}
		cell.Nodes = append(cell.Nodes, node)
	}
	return Header{Cells: []Cell{cell}}
}

func frameBytes(h Header) int64 {
	n := 0
	for _, node := range h.Cells[0].Nodes {
		n += 2 * node.Width
	}
	return int64(n)
}

// nullFile takes the bytes of a file and drops them, so that the cost of the trace itself is seen.
type nullFile struct{ size int64 }

func (f *nullFile) Write(p []byte) (int, error) {
	f.size += int64(len(p))
	return len(p), nil
}
func (f *nullFile) Seek(int64, int) (int64, error) { return f.size, nil }
func (f *nullFile) Close() error                   { return nil }

func BenchmarkArrowWrite(b *testing.B) {
	h := wideHeader(32, 100)
	f := randomFrame(h, 0, 0, 0, false, rand.New(rand.NewPCG(1, 1)))
	for _, to := range []string{"null", "disk", "zstd"} {
		b.Run(to, func(b *testing.B) {
			sink := NewArrowSink(filepath.Join(b.TempDir(), "trace"), ArrowOptions{Zstd: to == "zstd"})
			require.NoError(b, sink.Begin(h))
			if to == "null" {
				sink.cells[0].create = func(string) (arrowFile, error) { return &nullFile{}, nil }
			}
			b.SetBytes(frameBytes(h))
			for i := 0; b.Loop(); i++ {
				f.Step = i
				if err := sink.Write(f); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
			require.NoError(b, sink.Close())
		})
	}
}

func BenchmarkArrowRead(b *testing.B) {
	h := wideHeader(32, 100)
	frames := testFrames(h, []int{20000}, false, rand.New(rand.NewPCG(1, 1)))
	dir := filepath.Join(b.TempDir(), "trace")
	write(b, NewArrowSink(dir, ArrowOptions{}), h, frames)
	b.SetBytes(frameBytes(h) * int64(len(frames)))
	for b.Loop() {
		s, err := OpenArrow(dir)
		require.NoError(b, err)
		var f Frame
		n := 0
		for s.Next(&f) == nil {
			n++
		}
		require.Equal(b, len(frames), n)
		require.NoError(b, s.Close())
	}
}

// A trace is written and read in memory that does not grow with it.
func TestArrowMemoryIsBounded(t *testing.T) {
	for _, c := range []struct {
		zstd         bool
		steps, short int // 100,000 steps are 0.5 GB
	}{{false, 100_000, 10_000}, {true, 25_000, 2_500}} {
		steps := c.steps
		if testing.Short() {
			steps = c.short
		}
		h := wideHeader(32, 100)
		f := randomFrame(h, 0, 0, 0, false, rand.New(rand.NewPCG(1, 1)))
		dir := filepath.Join(t.TempDir(), "trace")
		peak := watchMemory()
		sink := NewArrowSink(dir, ArrowOptions{Zstd: c.zstd})
		require.NoError(t, sink.Begin(h))
		for f.Step = 0; f.Step < steps; f.Step++ {
			require.NoError(t, sink.Write(f))
		}
		require.NoError(t, sink.Close())
		s, err := OpenArrow(dir)
		require.NoError(t, err)
		n := 0
		for err = s.Next(f); err == nil; err = s.Next(f) {
			n++
		}
		require.Equal(t, steps, n)
		require.NoError(t, s.Close())
		grown := peak()
		t.Logf("%d MB of values, heap grown by %d MB", frameBytes(h)*int64(steps)>>20, grown>>20)
		require.Less(t, grown, uint64(80<<20))
	}
}

// watchMemory gives a function that says by how much the heap had grown at most since.
func watchMemory() func() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before, most := stats.HeapInuse, uint64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapInuse)
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		return most - min(most, before)
	}
}
