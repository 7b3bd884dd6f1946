package compile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/sim/isa"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// TestAFlippedBitOfAnyWordIsToldOrHarmless flips bits of the words of a compiled model, one at a time. What makes no valid word is
// told with segment, word and field; what does is a program of which something is wrong, in its tokens or in what it computes, or
// which is proven to compute a cell graph all the same.
func TestAFlippedBitOfAnyWordIsToldOrHarmless(t *testing.T) {
	stride := 23
	if testing.Short() {
		stride = 211
	}
	told, deviates, harmless := 0, 0, 0
	for m, model := range []*xmodel.Compiled{
		smallModel(t, xmodel.LSTM, configurations[0], 70, 12), smallModel(t, xmodel.GRU, configurations[1], 70, 12),
	} {
		for name, data := range map[string][]byte{"init": model.Cells[0].Init, "loop": model.Cells[0].Loop, "end": model.End} {
			words := len(data) / isa.WordSize
			for bit := m; bit < 8*len(data); bit += stride {
				word := bit / 8 / isa.WordSize
				if name == "init" && word < words-40 { // the loads before are all alike
					bit += 8 * isa.WordSize * 12
					continue
				}
				other := copied(model)
				stream := map[string][]byte{"init": other.Cells[0].Init, "loop": other.Cells[0].Loop, "end": other.End}[name]
				stream[bit/8] ^= 1 << (bit % 8)
				report, err := machine.CheckTokens(other, 4)
				if err != nil {
					told++
					requirePlace(t, err, name, word)
					continue
				}
				_, err = compile.Lift(other)
				switch {
				case err != nil || !report.Clean():
					deviates++
				default:
					harmless++
				}
			}
		}
	}
	t.Logf("%d told with their place, %d deviate in tokens or in what they compute, %d proven harmless", told, deviates, harmless)
	assert.Greater(t, told, deviates/2)
	assert.Greater(t, deviates, 10)
}

// requirePlace wants the place of a fault: a word's field, or what the segments as a whole move through registers.
func requirePlace(t *testing.T, err error, segment string, word int) {
	t.Helper()
	var place *isa.WordError
	if !errors.As(err, &place) {
		require.True(t, strings.Contains(err.Error(), "segments init, loop and end") || strings.Contains(err.Error(), "segment end"), err)
		return
	}
	require.Equal(t, segment, place.Segment, err)
	require.Equal(t, word, place.Word, err)
	var field *isa.FieldError
	require.ErrorAs(t, err, &field)
	require.NotEmpty(t, field.Field)
}
