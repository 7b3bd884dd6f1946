package export_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
)

// The example of the page is read as the page says.
func TestTheExampleOfTheProtocol(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "protocol.md"))
	require.NoError(t, err)
	_, example, ok := strings.Cut(string(page), "## An example")
	require.True(t, ok)
	_, example, _ = strings.Cut(example, "```\n")
	example, _, ok = strings.Cut(example, "```")
	require.True(t, ok)
	s, err := export.OpenProtocol(strings.NewReader(example), export.ProtocolOptions{KeepStimuli: true})
	require.NoError(t, err)
	frames, err := drain(s)
	require.NoError(t, err)
	require.Equal(t, []*dump.Frame{
		{Fixed: [][]int16{{0x0a3c}, {1, -1}}},
		{Step: 1, Fixed: [][]int16{{-0x0a3c}, {-32768, 32767}}},
	}, frames)
	require.Equal(t, []dump.Sequence{{Fixed: []int16{1, -1, -32768, 32767}}}, s.Stimuli())
}
