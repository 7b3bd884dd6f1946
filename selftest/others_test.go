package selftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
)

// unnoticed is a flip in a trace that nothing noticed and that selftest's own reading of the file proved harmless.
type unnoticed struct {
	file, reason string
	spoilt       []byte
}

// unnoticedFlips flips bits of the trace files and gives those flips.
func unnoticedFlips(t *testing.T, s *subject, flips int) []unnoticed {
	t.Helper()
	var all []unnoticed
	random := rand.New(rand.NewPCG(11, 12))
	files := s.traceFiles()
	require.Len(t, files, 4, "plain and zstd, with their parameters")
	for range flips {
		file := files[random.IntN(len(files))]
		bit := random.IntN(8 * len(s.files[file]))
		f := &flip{}
		mend, err := s.spoil(f, file, bit)
		require.NoError(t, err)
		require.NoError(t, s.judgeTrace(t.Context(), f, file, bit))
		require.NoError(t, mend())
		require.NotEqual(t, missed, f.outcome, "%s: %s", f.place, f.reason)
		if f.outcome == harmless {
			spoilt := bytes.Clone(s.files[file])
			spoilt[bit/8] ^= 1 << (bit % 8)
			all = append(all, unnoticed{file, f.place + ": " + f.reason, spoilt})
		}
	}
	return all
}

// foundByOthers lets apache-arrow's JavaScript say what is other in each spoilt file.
func foundByOthers(t *testing.T, s *subject, all []unnoticed) []string {
	t.Helper()
	readers := filepath.Join("..", "dump", "testdata", "readers")
	needs.Readers(t, readers, "apache-arrow", "fzstd")
	dir := t.TempDir()
	words := []string{filepath.Join(readers, "spoilt.mjs")}
	for i, u := range all {
		path := filepath.Join(dir, fmt.Sprint(i))
		require.NoError(t, os.WriteFile(path, u.spoilt, 0o644))
		words = append(words, path, filepath.Join(s.dir, filepath.FromSlash(u.file)))
	}
	command := exec.CommandContext(t.Context(), "node", words...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(t, err)
	var found []string
	require.NoError(t, json.Unmarshal(out, &found))
	require.Len(t, found, len(all))
	return found
}

// That a flip which nobody noticed does not matter is said by our own reader. Another one agrees: what it reads of such a file is what
// was written, but for what the reason names. It may refuse the file, or describe it otherwise.
func TestUnnoticedFlipsAreHarmlessToOtherReaders(t *testing.T) {
	s := prepared(t)
	flips := 1000
	if testing.Short() {
		flips = 200
	}
	all := unnoticedFlips(t, s, flips)
	tally := map[string]int{}
	for i, found := range foundByOthers(t, s, all) {
		what, columns, _ := strings.Cut(found, ": ")
		tally[what]++
		switch {
		case what != "columns":
		case strings.Contains(all[i].reason, "a count of clamped values"):
			require.Equal(t, "saturations", columns, all[i].reason)
		default:
			require.Contains(t, all[i].reason, "the name or the shape of a parameter", "apache-arrow reads other values: %s", columns)
		}
	}
	t.Log(tally)
	require.Greater(t, tally["same"], len(all)/2)
	require.Greater(t, tally["same"], flips/10)
}
