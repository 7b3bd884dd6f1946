package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Slurm is the batch system of that name, by its commands sbatch and squeue.
type Slurm struct{}

var _ Batch = Slurm{}

// Submit starts the jobs. The array comes first, and the merge depends on it; a merge that cannot be started takes the array with it.
func (Slurm) Submit(ctx context.Context, s *Submission) (Jobs, error) {
	logs := filepath.Join(s.Dir, logsFolder)
	array := []string{
		"--parsable", "--requeue", "--job-name=rnnsim", fmt.Sprintf("--array=1-%d", s.Shards),
		"--open-mode=append", "--output=" + filepath.Join(logs, "shard-%a.txt"), "--chdir=" + s.Dir,
	}
	jobs := Jobs{Engine: "slurm"}
	var err error
	if jobs.Array, err = sbatch(ctx, append(append(array, s.Options...), filepath.Join(s.Dir, arrayScript))); err != nil {
		return Jobs{}, err
	}
	merge := []string{
		"--parsable", "--requeue", "--job-name=rnnsim-merge", "--dependency=afterany:" + jobs.Array,
		"--open-mode=append", "--output=" + filepath.Join(logs, "merge.txt"), "--chdir=" + s.Dir,
	}
	if jobs.Merge, err = sbatch(ctx, append(append(merge, s.Options...), filepath.Join(s.Dir, mergeScript))); err != nil {
		_, cancelled := command(context.WithoutCancel(ctx), "scancel", jobs.Array)
		return Jobs{}, errors.Join(err, cancelled)
	}
	return jobs, nil
}

// sbatch starts a job and gives its number.
func sbatch(ctx context.Context, args []string) (string, error) {
	out, err := command(ctx, "sbatch", args...)
	if err != nil {
		return "", err
	}
	// With --parsable it is the number, and after a semicolon the cluster.
	id, _, _ := strings.Cut(strings.TrimSpace(out), ";")
	if id == "" || strings.Trim(id, "0123456789") != "" {
		return "", fmt.Errorf("sbatch answers %q, which is no number of a job", out)
	}
	return id, nil
}

// Active says whether Slurm knows the job as one that waits or runs.
func (Slurm) Active(ctx context.Context, job string) (bool, error) {
	out, err := command(ctx, "squeue", "--noheader", "--format=%T", "--jobs="+job)
	switch {
	case err != nil && strings.Contains(err.Error(), "Invalid job id"):
		return false, nil // it has been over for a while
	case err != nil:
		return false, err
	}
	// A job stays in sight for some time after its end.
	for state := range strings.FieldsSeq(out) {
		switch state {
		case "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE", "PREEMPTED", "REVOKED":
		default:
			return true, nil
		}
	}
	return false, nil
}

// commandTime is how long a command of the batch system may take.
const commandTime = 2 * time.Minute

func command(ctx context.Context, name string, args ...string) (string, error) {
	limited, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	process := exec.CommandContext(limited, name, args...)
	process.WaitDelay = time.Second
	var out, said bytes.Buffer
	process.Stdout, process.Stderr = &out, &said
	if err := process.Run(); err != nil {
		return "", fmt.Errorf("%s: %w%s", name, err, firstLine(said.String()))
	}
	return out.String(), nil
}
