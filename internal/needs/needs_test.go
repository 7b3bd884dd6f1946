package needs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outcome runs a part of a test aside and gives how it ended.
type outcome struct {
	testing.TB
	skipped, failed string
}

func (o *outcome) Helper()          {}
func (o *outcome) Skip(args ...any) { o.skipped = args[0].(string); panic(o) }
func (o *outcome) Fatal(args ...any) {
	o.failed = args[0].(string)
	panic(o)
}

func ended(test func(testing.TB)) (o *outcome) {
	o = &outcome{}
	defer func() {
		if r := recover(); r != nil && r != any(o) {
			panic(r)
		}
	}()
	test(o)
	return o
}

func TestWhatLacksSkipsAndFailsInCI(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "node_modules", "@a", "b"), 0o755))
	for message, test := range map[string]func(testing.TB){
		"needs no-such-program: install it":                                              func(t testing.TB) { Program(t, "no-such-program", "install it") },
		"needs c: npm install --prefix dump/testdata/readers --no-save --ignore-scripts": func(t testing.TB) { Readers(t, folder, "@a/b", "c") },
	} {
		t.Setenv("CI", "")
		assert.Equal(t, message, ended(test).skipped)
		t.Setenv("CI", "true")
		assert.Equal(t, message, ended(test).failed)
	}
	t.Setenv("CI", "true")
	there := ended(func(t testing.TB) {
		Readers(t, folder, "@a/b")
		assert.NotEmpty(t, Program(t, "go", "install it"))
	})
	assert.Empty(t, there.skipped+there.failed)
}
