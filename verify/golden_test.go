package verify

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files with what the tests give")

// requireGolden holds text against testdata/<name>.
func requireGolden(t *testing.T, name string, text []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, text, 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update once")
	require.Equal(t, string(want), string(text))
}

func requireGoldenText(t *testing.T, name string, report *Report, options TextOptions) {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, report.WriteText(&text, options))
	requireGolden(t, name, text.Bytes())
}
