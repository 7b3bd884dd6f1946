package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

// What a file may cost that is no good: a second of processor time, and so much memory above its size.
const (
	hostileTime   = time.Second
	hostileMemory = 64 << 20
)

// requireHarmless inspects a file: it opens, or its error names it, at little cost.
func requireHarmless(t *testing.T, path string, idle spent) (opens bool) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	cost, output := spend(t, ".", "inspect", path)
	require.Contains(t, []int{exitSame, exitFailed}, cost.Code, "%s: %s", path, output)
	if cost.Code == exitFailed {
		require.Contains(t, output, path)
	}
	assert.Less(t, cost.CPU, hostileTime+idle.CPU, path)
	assert.Less(t, cost.Memory, idle.Memory+info.Size()+hostileMemory, path)
	return cost.Code == exitSame
}

// damages are ways to break a file; each gives a new one.
var damages = []func(data []byte, random *rand.Rand) []byte{
	func(data []byte, random *rand.Rand) []byte { return data[:random.IntN(len(data))] },
	func(data []byte, random *rand.Rand) []byte {
		return data[:len(data)-1-random.IntN(min(64, len(data)-1))]
	},
	func(data []byte, random *rand.Rand) []byte { return data[:min(len(data), 16+random.IntN(2048))] },
	func(data []byte, random *rand.Rand) []byte { // lengths and counts near the beginning become huge
		for range 4 {
			binary.LittleEndian.PutUint64(data[random.IntN(min(len(data), 4096)-8):], 1<<(20+random.IntN(43)))
		}
		return data
	},
	func(data []byte, random *rand.Rand) []byte { // and near the end, where archives keep their directories
		for range 4 {
			at := max(0, len(data)-4096)
			binary.LittleEndian.PutUint32(data[at+random.IntN(len(data)-at-4):], 1<<31-1)
		}
		return data
	},
	func(data []byte, random *rand.Rand) []byte {
		for range 64 {
			data[random.IntN(len(data))] = byte(random.Uint32())
		}
		return data
	},
	func(data []byte, random *rand.Rand) []byte {
		clear(data[random.IntN(len(data)):])
		return data
	},
	func(data []byte, random *rand.Rand) []byte { return append(data, data[:random.IntN(len(data))]...) },
}

// TestBrokenFilesDoLittleHarm measures whole processes: on broken graphs, and on files of every format that inspect reads, cut short and garbled.
func TestBrokenFilesDoLittleHarm(t *testing.T) {
	requireLinuxPeak(t)
	idle, _ := spend(t, ".", "--version")
	require.Zero(t, idle.Code)
	for _, path := range shared.Glob("hostile", "xmodel", "*.xmodel") {
		requireHarmless(t, path, idle)
	}

	vectors, err := shippedVectors()
	require.NoError(t, err)
	work := t.TempDir()
	trace := filepath.Join(work, "trace")
	code, _, stderr := inProcess(t, "run", "--input", filepath.Join(vectors, "digits-gru8", "x_calib.npy"), "-o", trace, filepath.Join(vectors, "digits-gru8"))
	require.Zero(t, code, stderr)
	code, _, stderr = inProcess(t, "dump", "--to", "npz", "-o", trace+".npz", trace)
	require.Zero(t, code, stderr)
	sources := []string{
		filepath.Join(vectors, "digits-bilstm16", "model.onnx"), filepath.Join(vectors, "digits-gru8", "model.pth"), filepath.Join(vectors, "digits-lstm8", "model.npz"),
		filepath.Join(vectors, "digits-gru8", "quant_info.json"), filepath.Join(vectors, "digits-gru8", "xmodel", "Gru_StandardGruCell_layer_0_forward_int.xmodel"),
		filepath.Join("..", "..", "model", "testdata", "full.safetensors"), filepath.Join("..", "..", "model", "testdata", "scripted.pt"),
		filepath.Join("..", "..", "model", "testdata", "keras", "keras3-stacked.keras"), filepath.Join("..", "..", "model", "testdata", "keras", "keras2-stacked.h5"),
		trace + ".npz", filepath.Join(trace, "Gru_StandardGruCell_layer_0_forward.arrow"),
	}
	sources = append(sources, shared.Glob("models", "imdb_*")...)
	sources = append(sources, shared.Glob("models", "*", "u50lv", "gru_*batch_3.xmodel")...)
	sources = append(sources, shared.Glob("models", "quantized", "*.xmodel")...)

	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	random := rand.New(rand.NewPCG(11, 12))
	for _, source := range sources {
		whole, err := os.ReadFile(source)
		require.NoError(t, err)
		refused := 0
		for i := range rounds * len(damages) {
			if testing.Short() && i%3 != 0 {
				continue
			}
			broken := filepath.Join(work, fmt.Sprintf("%d%s", i, filepath.Ext(source)))
			require.NoError(t, os.WriteFile(broken, damages[i%len(damages)](bytes.Clone(whole), random), 0o644))
			if !requireHarmless(t, broken, idle) {
				refused++
			}
			require.NoError(t, os.Remove(broken))
		}
		require.NotZero(t, refused, source)
	}
}
