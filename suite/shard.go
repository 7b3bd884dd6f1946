package suite

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// ParseShard reads "2/8", or for "auto" what the environment says: a job array, a Kubernetes Indexed Job, or a CI's nodes. "auto/8" says
// how many shards there are where the environment does not.
func ParseShard(text string, getenv func(string) string) (Shard, error) {
	index, count, found := strings.Cut(text, "/")
	n, err := strconv.Atoi(count)
	if index == "auto" && (!found || err == nil && n > 0) {
		return shardOfEnvironment(getenv, n)
	}
	i, err1 := strconv.Atoi(index)
	if !found || err1 != nil || err != nil {
		return Shard{}, fmt.Errorf("shard %q: I/N is wanted, like 1/4, or auto, or auto/N", text)
	}
	return checkShard(i, n, "shard "+text)
}

// maxShards bounds the number of shards, which costs memory.
const maxShards = 100_000

func checkShard(index, count int, what string) (Shard, error) {
	if count < 1 || count > maxShards || index < 1 || index > count {
		return Shard{}, fmt.Errorf("%s: shard %d of %d is none; shards count from 1 to N, at most %d", what, index, count, maxShards)
	}
	return Shard{Index: index, Count: count}, nil
}

// node is how a batch system or a CI numbers the machines that share a job.
type node struct {
	index, count string // environment variables
	from         int    // the first index
}

// nodes are tried in this order: what runs inside another comes first.
var nodes = []node{
	{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 0}, // the first index is another variable's
	{"JOB_COMPLETION_INDEX", "JOB_COMPLETION_COUNT", 0},  // a Kubernetes Indexed Job; it does not set the count
	{"AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", 0},
	{"CI_NODE_INDEX", "CI_NODE_TOTAL", 1}, // GitLab
	{"CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0},
	{"BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0},
	{"SEMAPHORE_JOB_INDEX", "SEMAPHORE_JOB_COUNT", 1},
	{"SYSTEM_JOBPOSITIONINPHASE", "SYSTEM_TOTALJOBSINPHASE", 1}, // Azure Pipelines
}

// shardOfEnvironment finds the shard of this machine; count is the number of shards where it was given, or 0.
func shardOfEnvironment(getenv func(string) string, count int) (Shard, error) {
	var names []string
	for _, n := range nodes {
		names = append(names, n.index)
		if getenv(n.index) == "" {
			continue
		}
		numbers := map[string]int{}
		for _, name := range []string{n.index, n.count, slurmFirst, slurmLast, slurmStep} {
			if name == n.count && count > 0 || getenv(name) == "" {
				continue
			}
			v, err := strconv.Atoi(getenv(name))
			if err != nil {
				return Shard{}, fmt.Errorf("shard auto: %s=%q is no number", name, getenv(name))
			}
			numbers[name] = v
		}
		total := cmp.Or(count, numbers[n.count])
		if total == 0 {
			return Shard{}, fmt.Errorf("shard auto: %s is set, but not %s: say how many shards there are with auto/N", n.index, n.count)
		}
		what := fmt.Sprintf("shard auto: %s=%d, %d shards", n.index, numbers[n.index], total)
		if n.index != nodes[0].index {
			return checkShard(numbers[n.index]-n.from+1, total, what)
		}
		step := cmp.Or(numbers[slurmStep], 1)
		if last, known := numbers[slurmLast]; known && (last-numbers[slurmFirst])/step+1 != total {
			return Shard{}, fmt.Errorf("%s: the array is a list with gaps; name the shard as I/N", what)
		}
		return checkShard((numbers[n.index]-numbers[slurmFirst])/step+1, total, what)
	}
	return Shard{}, fmt.Errorf("shard auto: none of %s is set; name the shard as I/N", strings.Join(names, ", "))
}

const (
	slurmFirst = "SLURM_ARRAY_TASK_MIN"
	slurmLast  = "SLURM_ARRAY_TASK_MAX"
	slurmStep  = "SLURM_ARRAY_TASK_STEP"
)
