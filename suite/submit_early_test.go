package suite

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
)

// A merge can begin while a shard is being requeued, which counts as ended for a moment. What Slurm says is played here.
func TestAMergeThatBeginsTooEarlyTriesAgain(t *testing.T) {
	bash := needs.Program(t, "bash", "apt-get install bash")
	for name, c := range map[string]struct {
		states   string // of the shard, a look each; the last stays
		exit     int
		merges   int
		requeued bool
	}{
		"nothing is under way":            {states: "FAILED", exit: 4, merges: 2},
		"requeued":                        {states: "CANCELLED PENDING PENDING RUNNING DONE", merges: 2},
		"seen late":                       {states: "CANCELLED COMPLETING RUNNING DONE", merges: 2},
		"done at once":                    {states: "DONE", merges: 1},
		"waiting for this very processor": {states: "PENDING", exit: -1, merges: 1, requeued: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			programs := filepath.Join(dir, "programs")
			require.NoError(t, os.Mkdir(programs, 0o755))
			for program, text := range map[string]string{
				"rnnsim": `echo >>merges; [[ -f done ]] || exit 4; mkdir -p merged; echo '{}' >merged/summary.json; exit 1`,
				"squeue": `read -r state rest <states; [[ -z $rest ]] || echo "$rest" >states
[[ $* == *--jobs=17* ]] || exit 1
if [[ $state == DONE ]]; then touch done; echo COMPLETED; else echo "$state"; fi`,
				"scontrol": `echo "$*" >requeued; kill -KILL $PPID`,
				"sleep":    `:`,
			} {
				require.NoError(t, os.WriteFile(filepath.Join(programs, program), []byte("#!"+bash+"\n"+text+"\n"), 0o755))
			}
			require.NoError(t, os.WriteFile(filepath.Join(dir, "states"), []byte(c.states+"\n"), 0o644))
			if c.states == "DONE" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, "done"), nil, 0o644))
			}
			s := &Submission{Dir: dir, Program: filepath.Join(programs, "rnnsim"), Suite: filepath.Join(dir, "suite.yaml"), Shards: 2, Today: "2026-01-02"}
			require.NoError(t, s.writeScripts())

			command := exec.Command(bash, mergeScript, "17")
			command.Dir = dir
			command.Env = append(os.Environ(), "PATH="+programs+":"+os.Getenv("PATH"), "SLURM_JOB_ID=18")
			output, err := command.CombinedOutput()
			var exit *exec.ExitError
			require.True(t, err == nil || errors.As(err, &exit), "%v", err)
			assert.Equal(t, c.exit, command.ProcessState.ExitCode(), "%s", output)
			merges, err := os.ReadFile(filepath.Join(dir, "merges"))
			require.NoError(t, err)
			assert.Equal(t, c.merges, strings.Count(string(merges), "\n"))
			requeued, err := os.ReadFile(filepath.Join(dir, "requeued"))
			assert.Equal(t, c.requeued, err == nil)
			if c.requeued {
				assert.Equal(t, "requeue 18\n", string(requeued))
			}
		})
	}
}
