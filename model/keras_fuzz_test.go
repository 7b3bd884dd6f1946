package model

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzReadKeras(f *testing.F) {
	fuzzRead(f, kerasFixture("keras1-lstm.h5"), kerasFixture("keras2-lstm.h5"), kerasFixture("keras2-weights.h5"), kerasFixture("keras3-gru.h5"), kerasFixture("keras3-lstm.keras"))
}

// FuzzReadKerasConfig puts configurations beside weights that are sound.
func FuzzReadKerasConfig(f *testing.F) {
	for _, name := range []string{"keras2-lstm.keras", "keras2-stacked.keras", "keras3-lstm.keras", "keras3-stacked.keras", "keras3-backwards.keras", "keras3-masked.keras"} {
		edited(f, kerasFixture(name), func(entry string, old []byte) []byte {
			if entry == "config.json" {
				f.Add(old)
			}
			return old
		})
	}
	f.Fuzz(func(t *testing.T, config []byte) {
		network, err := readBytes(t, edited(t, kerasFixture("keras3-stacked.keras"), func(entry string, old []byte) []byte {
			if entry == "config.json" {
				return config
			}
			return old
		}), ReadOptions{})
		if err == nil {
			require.NoError(t, network.Validate())
		}
	})
}
