package suite

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func names(cases []Case) []string {
	var all []string
	for _, c := range cases {
		all = append(all, c.Name)
	}
	return all
}

func TestAnEntryStandsForItsProduct(t *testing.T) {
	b := newBench(t, `
suite: 1
cases:
  - models: [m.xmodel, more/*.xmodel]
    stimuli: [x.npy]
    seeds: [3, 4]
    modes: [sane, vai2.0]
    tags: [b, a, b]
    known_failure: {reason: the table, until: 2027-01-31}
  - {case: cases/*, tags: [a], time_limit: 2m, memory_limit: 1GiB}
`)
	b.write("more/n.xmodel", "n")
	b.write("x.npy", "x")
	b.write("cases/one/case.json", "{}")
	b.write("cases/two/other.json", "{}")
	s := b.load()
	assert.Equal(t, []string{
		"cases/one@recorded",
		"m.xmodel:seed=3@sane", "m.xmodel:seed=3@vai2.0", "m.xmodel:seed=4@sane", "m.xmodel:seed=4@vai2.0",
		"m.xmodel:x.npy@sane", "m.xmodel:x.npy@vai2.0",
		"more/n.xmodel:seed=3@sane", "more/n.xmodel:seed=3@vai2.0", "more/n.xmodel:seed=4@sane", "more/n.xmodel:seed=4@vai2.0",
		"more/n.xmodel:x.npy@sane", "more/n.xmodel:x.npy@vai2.0",
	}, names(s.Cases))
	assert.Equal(t, []string{"a", "b"}, s.Cases[1].Tags)
	assert.Equal(t, Expectation{Outcome: Failed, Reason: "the table", Until: "2027-01-31"}, s.Cases[1].Expectation)
	assert.EqualValues(t, 1<<30, s.Cases[0].MemoryLimit)

	chosen, err := Choose(s.Cases, "seed=3", []string{"b"}, nil)
	require.NoError(t, err)
	assert.Len(t, chosen, 4)
	chosen, err = Choose(s.Cases, "more/*@sane", nil, nil)
	require.NoError(t, err)
	assert.Len(t, chosen, 3)
	_, err = Choose(s.Cases, "[", nil, nil)
	require.Error(t, err)
}

func TestMistakesAreToldWithTheirPlace(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "suite: 0 is no version",
		"suite: 2\ncases: [{case: c}]\n":  ":1:8: suite: 2 is no version",
		"suite: 1\n":                      "has no cases",
		"suite: 1\ncase: []\n":            `:2:1: unknown field "case"`,
		"suite: 1\ncases:\n  - cass: x\n": `:3:5: unknown field "cass"`,
		"suite: 1\ncases:\n  - {models: [m.xmodel], known_failure: {because: x}}\n":                                    "unknown field \"because\"",
		"suite: 1\ncases:\n  - {models: [m.xmodel], known_failure: {until: 2026-01-01}}\n":                             "wants a reason",
		"suite: 1\ncases:\n  - {models: [m.xmodel], known_failure: {reason: x, until: soon}}\n":                        "YYYY-MM-DD",
		"suite: 1\ncases:\n  - {models: [m.xmodel], known_failure: {outcome: passed, reason: x, until: 2026-01-01}}\n": "is no failure",
		"suite: 1\nsuite: 1\n":                                                          ":2:1:",
		"suite: 1\ncases: ! \n":                                                         ":2:8: a suite has no tags",
		"suite: 1\nname: &a x\ncases: [{case: *a}]\n":                                   ":2:7: a suite has no anchors",
		"suite: [\n":                                                                    ":1:8:",
		"suite: 1\ncases:\n  - {models: [../m.xmodel]}\n":                               "do not leave it",
		"suite: 1\ncases:\n  - {models: [/etc/passwd]}\n":                               "do not leave it",
		"suite: 1\ncases:\n  - {models: [out]}\n":                                       "escapes",
		"suite: 1\ncases:\n  - {models: [none*]}\n":                                     "matches nothing",
		"suite: 1\ncases:\n  - {case: \"m*\"}\n":                                        "no folder with a case.json",
		"suite: 1\ncases:\n  - {models: [none]}\n":                                      "no such file",
		"suite: 1\ncases:\n  - {models: [\"ou*\"]}\n":                                   "escapes",
		"suite: 1\ncases:\n  - {case: c, models: [m.xmodel]}\n":                         "either case",
		"suite: 1\ncases:\n  - {models: [m.xmodel], modes: [fast]}\n":                   `no mode "fast"`,
		"suite: 1\ncases:\n  - {models: [m.xmodel], modes: [recorded]}\n":               `no mode "recorded"`,
		"suite: 1\ncases:\n  - {models: [m.xmodel], min_sqnr: 3}\n":                     "wants float",
		"suite: 1\ncases:\n  - {models: [m.xmodel], float: m.xmodel, min_sqnr: .nan}\n": "no finite number",
		"suite: 1\ncases:\n  - {models: [m.xmodel], time_limit: -3s}\n":                 "no positive duration",
		"suite: 1\nmemory_limit: 1 apple\ncases:\n  - {models: [m.xmodel]}\n":           "is no size",
		"suite: 1\nmemory_limit: 1MiB\ncases:\n  - {models: [m.xmodel]}\n":              "needs to start",
		"suite: 1\ncases:\n  - {models: [m.xmodel], seeds: [-1]}\n":                     ":3:",
		"suite: 1\ncases:\n  - {models: [m.xmodel], tags: [\"a b\"]}\n":                 "without commas or spaces",
		"suite: 1\ncases:\n  - {models: [m.xmodel]}\n  - {models: [m.xmodel]}\n":        ":4:",
	} {
		b := newBench(t, text)
		require.NoError(t, os.Symlink(os.TempDir(), filepath.Join(b.dir, "out")))
		_, err := Load(filepath.Join(b.dir, "suite.yaml"))
		require.ErrorContains(t, err, want, text)
		assert.Regexp(t, `suite\.yaml:\d+:\d+: `, err.Error())
	}
}

func TestLinksInsideACaseDoNotLeaveTheSuite(t *testing.T) {
	b := newBench(t, "suite: 1\ncases:\n  - {case: c}\n")
	b.write("c/case.json", "{}")
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("x"), 0o644))
	require.NoError(t, os.Symlink(secret, filepath.Join(b.dir, "c", "x.npy")))
	s := b.load()
	keyer, err := NewKeyer(s, "v1")
	require.NoError(t, err)
	defer keyer.Close()
	_, err = keyer.Key(t.Context(), &s.Cases[0])
	require.ErrorContains(t, err, "escapes")
	require.NoError(t, os.Remove(filepath.Join(b.dir, "c", "x.npy")))
	require.NoError(t, os.Symlink(".", filepath.Join(b.dir, "c", "again")))
	_, err = keyer.Key(t.Context(), &s.Cases[0])
	require.Regexp(t, "circle|too many levels", err)
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"suite: 1\ncases:\n  - {models: [m.xmodel], seeds: [1, 2], modes: [sane]}\n", badWays,
		"suite: 1\ncases:\n  - case: c*\n    known_failure: {reason: x, until: 2026-01-01}\n", "suite: &a [*a]\n", "- {",
	} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	require.NoError(f, os.WriteFile(filepath.Join(dir, "m.xmodel"), nil, 0o644))
	root, err := os.OpenRoot(dir)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parse(text, root)
		if err != nil {
			require.Regexp(t, `^\d+:\d+: `, err.Error())
			return
		}
		require.NotEmpty(t, s.Cases)
	})
}
