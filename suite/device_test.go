package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
	"rnnsim/internal/suitetest"
)

// newDeviceBench is a suite folder with a true model and the device in Python.
func newDeviceBench(t *testing.T, yaml string) *bench {
	needs.Program(t, "python3", "apt-get install python3")
	b := newBench(t, yaml)
	require.NoError(t, os.CopyFS(filepath.Join(b.dir, "lstm"), os.DirFS(filepath.Join("..", "vectors", "digits-lstm8", "xmodel"))))
	device, err := os.ReadFile(filepath.Join("..", "python", "device.py"))
	require.NoError(t, err)
	b.write("device.py", string(device))
	return b
}

// devices are commands and what becomes of their cases.
var devices = []struct {
	name, command, more string
	want                Outcome
	first               string
}{
	{"answers", `[python3, device.py, "{export}"]`, "", Passed, ""},
	{"writes", `[cp, -r, "{export}", "{trace}"]`, "", Passed, ""},
	{"wrong", `[bash, -c, 'python3 device.py "$0" | sed "s/^\(y 0 7 3\) .\(.*\)/\1 7\2/"', "{export}"]`, "", Failed, "device: layer[0].fwd.seq[7].step[3].input_0[0]: got "},
	{"other-stimuli", `[bash, -c, 'python3 device.py "$0" | sed "s/^\(x 0 0\) ..../\1 0001/"', "{export}"]`, "", Unreadable, "passed on other stimuli than it was given"},
	{"half", `[bash, -c, 'python3 device.py "$0" | head -n 100', "{export}"]`, "", Unreadable, "read the device's answers, line 101"},
	{"trace-cut", `[bash, -c, 'cp -r "$0" "$1" && sed -i 3s/.*/1234/ "$1"/*/nodes/h_next.hex', "{export}", "{trace}"]`, "", Unreadable, "read the got side: trace/Lstm_StandardLstmCell_layer_0_forward/nodes/h_next.hex, line"},
	{"passes-on", `[cat]`, "", Unreadable, "no device stands between"},
	{"silent", `["true"]`, "", Unreadable, "read the device's answers"},
	{"no-trace", `["true", "{trace}"]`, "", Crashed, "the device ended without writing its trace"},
	{"no-program", `[no-such-program]`, "", Unreadable, "run the device no-program"},
	{"fails", `[sh, -c, "echo first line >&2; echo more >&2; exit 3"]`, "", Crashed, "the device ended with exit status 3: first line"},
	{"killed", `[sh, -c, "kill -9 $$"]`, "", Crashed, "the device ended with signal: killed"},
	{"hangs", `[sh, -c, "sleep 600 & sleep 600"]`, "time_limit: 1s", TimedOut, "ended at its time limit of 1s"},
	{"endless", `[sh, -c, "yes"]`, "", Crashed, "the device answers with far more than there is to say"},
	{"leaves-one-behind", `[sh, -c, 'cp -r "$0" "$1"; sleep 600 & exit 0', "{export}", "{trace}"]`, "", Passed, ""},
	{"eats", `[python3, -c, "x = bytearray(1 << 30)"]`, "memory_limit: 256MiB", OutOfMemory, "the device ended with exit status 1: Traceback"},
	{"leaves-a-daemon", `[sh, -c, 'cp -r "$0" "$1"; (setsid sleep 600 &)', "{export}", "{trace}"]`, "", Passed, ""},
	{"leaves-a-daemon-without-environment", `[sh, -c, 'cp -r "$0" "$1"; (env -i setsid sleep 600 >/dev/null 2>&1 &)', "{export}", "{trace}"]`, "", Passed, ""},
	{"daemon-hangs", `[sh, -c, "(env -i setsid sleep 600 &); (setsid sleep 600 &); sleep 600"]`, "time_limit: 1s", TimedOut, "ended at its time limit of 1s"},
	{"kills-its-worker", `[sh, -c, "(setsid sleep 600 &); sleep 0.2; kill -9 0"]`, "", Crashed, "signal: killed"},
	{"daemons-eat-together", `[sh, -c, 'for i in 1 2 3 4; do (env -i setsid python3 -c "import time; x = bytearray(150 << 20); time.sleep(60)" &) done; sleep 60']`, "memory_limit: 300MiB", OutOfMemory, "ran into its memory limit of 300 MiB"},
	{"eats-together", `[sh, -c, 'for i in 1 2 3 4; do python3 -c "import time; x = bytearray(150 << 20); time.sleep(60)" & done; wait']`, "memory_limit: 300MiB", OutOfMemory, "ran into its memory limit of 300 MiB"},
}

func TestDevicesAreHeldToTheSimulator(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for time limits, and the race detector has memory of its own that the limit counts")
	}
	var yaml strings.Builder
	yaml.WriteString("suite: 1\ncases:\n")
	for _, d := range devices {
		yaml.WriteString("  - models: [lstm]\n    " + d.more + "\n    device: {name: " + d.name + ", command: " + d.command + "}\n")
	}
	b := newDeviceBench(t, yaml.String())
	o := b.options(t.TempDir())
	summary := b.run(o)
	rows := map[string]CaseSummary{}
	for _, row := range summary.Cases {
		rows[strings.TrimPrefix(row.Name, "lstm:seed=1@sane+")] = row
	}
	for _, d := range devices {
		row := rows[d.name]
		assert.Equal(t, d.want, row.Outcome, "%s: %s", d.name, row.First)
		assert.Contains(t, row.First, d.first, d.name)
	}
	assert.Contains(t, rows["wrong"].Reproduce, "rnnsim regress --no-cache --results one-case --case lstm:seed=1@sane+wrong suite.yaml")
	log, err := os.ReadFile(filepath.Join(o.Results, "logs", rows["fails"].Key+".txt"))
	require.NoError(t, err)
	assert.Equal(t, "first line\nmore\n", string(log))
	left, err := filepath.Glob(filepath.Join(o.Results, "work", "*"))
	require.NoError(t, err)
	assert.Empty(t, left)
	suitetest.RequireNoProcessIn(t, b.dir)
}

func TestWhatADeviceIsMadeOfDeterminesItsResults(t *testing.T) {
	b := newDeviceBench(t, `
suite: 1
cases:
  - models: [lstm]
    device: {name: python, command: [python3, device.py, "{export}"], files: [src], version: [cat, version]}
`)
	b.write("src/a.sv", "a")
	b.write("version", "1")
	key := func() string {
		s := b.load()
		keyer, err := NewKeyer(s, "v1")
		require.NoError(t, err)
		defer keyer.Close()
		key, err := keyer.Key(t.Context(), &s.Cases[0])
		require.NoError(t, err)
		return key
	}
	seen := map[string]string{}
	for _, c := range []struct{ file, text string }{{"src/a.sv", "a"}, {"src/a.sv", "b"}, {"src/b.sv", ""}, {"version", "2"}, {"device.py", "pass"}} {
		b.write(c.file, c.text)
		assert.Empty(t, seen[key()], "%s=%s", c.file, c.text)
		seen[key()] = c.file
	}
	// What a version command leaves behind holds nothing up, and ends with it.
	b.write("suite.yaml", `
suite: 1
cases:
  - {models: [lstm], device: {name: daemon, command: ["true"], version: [sh, -c, "(setsid sleep 600 &); echo 1"]}}
`)
	require.NotEmpty(t, key())
	suitetest.RequireNoProcessIn(t, b.dir)
	b.write("suite.yaml", `
suite: 1
cases:
  - {models: [lstm], device: {name: python, command: [python3, device.py], version: [cat, version]}}
`)
	require.NoError(t, os.Remove(filepath.Join(b.dir, "version")))
	s := b.load()
	keyer, err := NewKeyer(s, "v1")
	require.NoError(t, err)
	defer keyer.Close()
	_, err = keyer.Key(t.Context(), &s.Cases[0])
	require.ErrorContains(t, err, "ask the device python for its version")
}

func TestMistakesInDevices(t *testing.T) {
	for device, want := range map[string]string{
		`{command: [x]}`:                                   ":3:34: a device wants a name",
		`{name: a b, command: [x]}`:                        "a device wants a name",
		`{name: a}`:                                        "wants its command as a list",
		`{name: a, command: x y}`:                          ":3:",
		`{name: a, command: [x], shell: true}`:             `unknown field "shell"`,
		`{name: a, command: [x], files: [../y]}`:           "do not leave it",
		`{name: a, command: [x], signals: m.xmodel}`:       "signals map those of a VCD",
		`{name: a, command: ["{trace}"], signals: none}`:   "no such file",
		`{name: a, command: [x], version: [""]}`:           "version is a command",
		`{name: a, command: [x], files: [none], x: [y, z]`: ":3:",
	} {
		b := newBench(t, "suite: 1\ncases:\n  - {models: [m.xmodel], device: "+device+"}\n")
		_, err := Load(filepath.Join(b.dir, "suite.yaml"))
		require.ErrorContains(t, err, want, device)
		assert.Regexp(t, `suite\.yaml:3:\d+: `, err.Error())
	}
	b := newBench(t, "suite: 1\ncases:\n  - {case: c, device: {name: a, command: [x]}}\n")
	_, err := Load(filepath.Join(b.dir, "suite.yaml"))
	require.ErrorContains(t, err, "do not go with case")
}
