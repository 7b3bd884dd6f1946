package model

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// fuzzRead holds whatever is read to be a network that is whole, and that is read again the same.
func fuzzRead(f *testing.F, seeds ...string) {
	for _, name := range seeds {
		f.Add(content(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		network, err := readBytes(t, data, ReadOptions{})
		if err != nil {
			return
		}
		require.NoError(t, network.Validate())
		again, err := readBytes(t, data, ReadOptions{})
		require.NoError(t, err)
		require.Equal(t, network, again)
	})
}

func FuzzRead(f *testing.F) {
	fuzzRead(f, "lstm.npz", "lstm-zip.pth", "module.pth", "scripted.pt", "lstm-big-endian.pth", "gru-cell.pth")
}

func FuzzReadLegacy(f *testing.F) {
	fuzzRead(f, "lstm-legacy.pth", "lstm-views-legacy.pth", "lstm-half-legacy.pth", "module-legacy.pth")
}

func FuzzReadSafetensors(f *testing.F) {
	fuzzRead(f, "lstm-F32.safetensors", "lstm-BF16.safetensors", "full.safetensors")
}

// FuzzReadPickle puts pickles into an archive whose storages are sound, past the checksum that stops mutations of the whole file.
func FuzzReadPickle(f *testing.F) {
	f.Add([]byte(tensorPickle(24, "I0\n", "(I8\nI3\nt", "(I3\nI1\nt")))
	for _, name := range []string{"lstm-zip.pth", "module.pth", "checkpoint-state_dict.pth", "traced.pt"} {
		edited(f, name, func(entry string, old []byte) []byte {
			if len(entry) > 8 && entry[len(entry)-8:] == "data.pkl" {
				f.Add(old)
			}
			return old
		})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		network, err := readBytes(t, withPickle(t, string(data)), ReadOptions{})
		if err == nil {
			require.NoError(t, network.Validate())
		}
	})
}
