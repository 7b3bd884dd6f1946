package quant

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

func TestRecordedInfosAgreeWithTheirGraphs(t *testing.T) {
	eachRecordedCase(t, func(t *testing.T, c *recordedCase) {
		recorded, err := xmodel.ReadModel(c.dir)
		require.NoError(t, err)
		info, err := ReadInfo(c.dir + "/quant_info.json")
		require.NoError(t, err)
		require.NoError(t, info.Agree(recorded))
		for _, compat := range []xmodel.Compat{xmodel.Sane, xmodel.VAI20} {
			result, err := Calibrate(t.Context(), c.net, c.sequences[:1], Options{WeightBits: c.WeightBits, Compat: compat})
			require.NoError(t, err)
			require.NoError(t, result.Info.Agree(result.Model))
		}
	})
}

func TestAnInfoThatDoesNotGoWithItsGraphs(t *testing.T) {
	recorded, err := xmodel.ReadModel("../vectors/digits-gru8")
	require.NoError(t, err)
	const h = "Gru_StandardGruCell_layer_0_forward::h_next"
	for name, c := range map[string]struct {
		spoil func(*Info)
		want  string
	}{
		"a position":           {func(i *Info) { set(i.Output, h, 16, 11) }, `output entry "` + h + `" is [16,11], graph Gru_StandardGruCell_layer_0_forward has [16,12]`},
		"a width":              {func(i *Info) { set(i.Param, "weight_ii", 16, 6) }, `param entry "weight_ii" is [16,6], graph`},
		"a matmul input":       {func(i *Info) { i.Input[0].Format.Position-- }, `input entry "Gru_StandardGruCell_layer_0_forward::w_ii * input_0 + bias_ii" is [8,6], graph`},
		"a missing entry":      {func(i *Info) { i.Output = i.Output[:len(i.Output)-1] }, `it has no output entry for "` + h + `", which is [16,12] there`},
		"an entry too many":    {func(i *Info) { i.Output = append(i.Output, Entry{Name: "other::y", Format: fixed.Format{Bits: 16}}) }, `its output entry "other::y" is of no node`},
		"16 instead of 8 bits": {func(i *Info) { i.Input = nil }, "it has no input entry for"},
	} {
		t.Run(name, func(t *testing.T) {
			info, err := ReadInfo("../vectors/digits-gru8/quant_info.json")
			require.NoError(t, err)
			c.spoil(info)
			err = info.Agree(recorded)
			require.Error(t, err)
			assert.ErrorContains(t, err, "../vectors/digits-gru8/quant_info.json does not go with the graphs of ../vectors/digits-gru8: ")
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func set(s Section, name string, bits, position int) {
	at := slices.IndexFunc(s, func(e Entry) bool { return e.Name == name })
	s[at].Format = fixed.Format{Bits: bits, Position: position}
}
