package export_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/xmodel"
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

// namedOnThePage are the words that the page sets as code.
func namedOnThePage(t *testing.T) map[string]bool {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "docs", "protocol.md"))
	require.NoError(t, err)
	text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(string(page), "")
	named := map[string]bool{}
	for _, span := range regexp.MustCompile("`[^`\n]+`").FindAllString(text, -1) {
		for _, word := range strings.FieldsFunc(span, func(r rune) bool { return r == '`' || r == ' ' }) {
			named[word] = true
		}
	}
	return named
}

// The page names every key and every node that is written, of the cells that there are and of those that are shipped.
func TestThePageOfTheProtocolNamesAllThatIsWritten(t *testing.T) {
	named := namedOnThePage(t)
	for _, part := range []any{
		export.Manifest{}, export.TableFile{}, export.CellFiles{}, export.StimuliFile{}, export.LaneFiles{}, export.ParameterFile{}, export.NodeFile{},
	} {
		for i := range reflect.TypeOf(part).NumField() {
			key, _, _ := strings.Cut(reflect.TypeOf(part).Field(i).Tag.Get("json"), ",")
			require.True(t, named[key], "%T: %q", part, key)
		}
	}
	for _, kind := range []xmodel.CellKind{xmodel.LSTM, xmodel.GRU} {
		require.True(t, named[kind.String()], kind)
		for _, n := range xmodel.Nodes(kind) {
			name := xmodel.Sanitize(n.Label)
			require.True(t, named[name], "%s: %q", kind, name)
			require.True(t, named[n.Op], "%s: %q", kind, n.Op)
			if n.Weight != "" {
				require.True(t, named[xmodel.PreFixName(name)], "%s: %q", kind, xmodel.PreFixName(name))
			}
		}
		for _, name := range xmodel.Parameters(kind, true) {
			require.True(t, named[name], "%s: %q", kind, name)
		}
	}
	for _, name := range []string{"digits-lstm16", "digits-lstm8", "digits-gru16", "digits-gru8", "digits-bilstm16"} {
		model, stimuli := shipped(t, name, 1)
		trace := simulate(t, model, stimuli)
		for line := range strings.Lines(string(answer(stimuliText(t, trace, stimuli), trace))) {
			words := strings.Fields(line)
			require.True(t, named[words[0]], "%s: %q", name, line)
			if words[0] == "node" {
				require.True(t, named[words[2]] && named[words[6]], "%s: %q", name, line)
			}
		}
		text, err := os.ReadFile(filepath.Join(exported(t, model, trace, export.Options{}), export.ManifestName))
		require.NoError(t, err)
		var manifest map[string]any
		require.NoError(t, json.Unmarshal(text, &manifest))
		delete(manifest, "meta") // its keys are the trace's
		requireKeys(t, named, manifest)
	}
}

// requireKeys wants all keys of a document to be named, and all names and kinds in it.
func requireKeys(t *testing.T, named map[string]bool, value any) {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			require.True(t, named[key], "key %q", key)
			if text, ok := inner.(string); ok && (key == "name" || key == "op" || key == "kind" || key == "format") {
				require.True(t, named[text], "%s %q", key, text)
			}
			requireKeys(t, named, inner)
		}
	case []any:
		for _, inner := range value {
			requireKeys(t, named, inner)
		}
	}
}
