package contain

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStatOfAProcess(t *testing.T) {
	fields := " S 17 23" + strings.Repeat(" 0", 16) + " 987654321 0 0\n"
	for _, name := range []string{"sh", "a b", ") S 1 1", "(x) y)"} {
		s, err := parseStat(5, []byte("5 ("+name+")"+fields))
		require.NoError(t, err, name)
		assert.Equal(t, stat{pid: 5, parent: 17, group: 23, started: 987654321}, s, name)
	}
	for _, text := range []string{"", "5", "5 (sh) S 17", "5 (sh) S x 23" + strings.Repeat(" 0", 20)} {
		_, err := parseStat(5, []byte(text))
		assert.Error(t, err, text)
	}
	own, err := readStat(os.Getpid())
	require.NoError(t, err)
	assert.Equal(t, os.Getppid(), own.parent)
	assert.Greater(t, own.memory(), int64(1<<20))
}

func TestDescendantsOfNumbersThatChangedHands(t *testing.T) {
	table := &table{children: map[int][]stat{1: {{pid: 2}, {pid: 3}}, 2: {{pid: 4}}, 4: {{pid: 1}, {pid: 2}}}}
	var pids []int
	for _, s := range table.descendants(1) {
		pids = append(pids, s.pid)
	}
	assert.Equal(t, []int{2, 3, 4}, pids)
}

// A number that another process has by now is recognized by when it began.
func TestAnotherProcessWithTheSameNumberIsSpared(t *testing.T) {
	child := exec.Command("sleep", "600")
	require.NoError(t, child.Start())
	s, err := readStat(child.Process.Pid)
	require.NoError(t, err)
	earlier := s
	earlier.started--
	earlier.kill()
	time.Sleep(50 * time.Millisecond)
	_, err = readStat(s.pid)
	require.NoError(t, err, "it was ended")
	s.kill()
	require.Error(t, child.Wait())
}

// left gives what has the mark of p and was not ended.
func left(p *Process) int {
	n := 0
	for _, s := range readTable().all {
		if s.hasInEnvironment(p.mark) {
			n++
		}
	}
	return n
}

func start(t *testing.T, ctx context.Context, script string) *Process {
	t.Helper()
	command := exec.CommandContext(ctx, "sh", "-c", script)
	command.WaitDelay = time.Minute
	var out strings.Builder
	command.Stdout = &out // a pipe, which all that it starts hold
	p := New(command, true)
	require.NoError(t, p.Start())
	return p
}

const daemons = "(setsid sleep 600 &); sleep 600 & (setsid sh -c 'sleep 600 & (setsid sleep 600 &); sleep 600' &); "

func TestADaemonEndsWithItsProcess(t *testing.T) {
	p := start(t, t.Context(), daemons+"sleep 0.2; exit 3")
	err := p.Wait()
	require.ErrorContains(t, err, "exit status 3")
	assert.Eventually(t, func() bool { return left(p) == 0 }, 5*time.Second, 10*time.Millisecond)
	require.ErrorIs(t, p.Kill(), os.ErrProcessDone)
	assert.Zero(t, p.Memory())
}

func TestADaemonEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := start(t, ctx, daemons+"wait")
	require.Eventually(t, func() bool { return left(p) >= 6 }, 10*time.Second, 10*time.Millisecond)
	assert.Greater(t, p.Memory(), int64(0))
	cancel()
	require.ErrorContains(t, p.Wait(), "killed")
	assert.Eventually(t, func() bool { return left(p) == 0 }, 5*time.Second, 10*time.Millisecond)
}

// What has cleared its environment is found as long as what adopts it lives: here this test.
func TestOrphansAreAdopted(t *testing.T) {
	require.NoError(t, AdoptOrphans())
	out, err := exec.Command("sh", "-c", "env -i setsid sleep 600 >/dev/null 2>&1 & echo $!").Output()
	require.NoError(t, err)
	ours := func() (found []stat) {
		for _, s := range readTable().descendants(os.Getpid()) {
			if text, _ := os.ReadFile(s.file("cmdline")); strings.HasPrefix(string(text), "sleep\x00600\x00") {
				found = append(found, s)
			}
		}
		return found
	}
	require.Eventually(t, func() bool { return len(ours()) == 1 }, 10*time.Second, 10*time.Millisecond, "%s", out)
	EndDescendants()
	assert.Eventually(t, func() bool { return len(ours()) == 0 }, 5*time.Second, 10*time.Millisecond)
}
