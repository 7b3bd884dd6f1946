package suite

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Choose gives the cases whose name has the pattern in it, or matches it where it has *, ? or [, and that have all of the tags. An
// empty pattern fits every name.
func Choose(cases []Case, pattern string, tags []string) ([]Case, error) {
	isGlob := strings.ContainsAny(pattern, "*?[")
	if _, err := path.Match(pattern, ""); isGlob && err != nil {
		return nil, fmt.Errorf("filter %q: %w", pattern, err)
	}
	var chosen []Case
	for _, c := range cases {
		fits := strings.Contains(c.Name, pattern)
		if isGlob {
			// Names hold slashes, which a * of path.Match does not match.
			fits, _ = path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(c.Name, "/", "\x00"))
		}
		tagged := !slices.ContainsFunc(tags, func(tag string) bool { return !slices.Contains(c.Tags, tag) })
		if fits && tagged {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}

// ParseShard reads "2/8", or for "auto" what the environment says: a Slurm job array, a Kubernetes Indexed Job, or a CI matrix.
func ParseShard(text string, getenv func(string) string) (Shard, error) {
	if text == "auto" {
		return shardOfEnvironment(getenv)
	}
	index, count, found := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	if !found || err1 != nil || err2 != nil {
		return Shard{}, fmt.Errorf("shard %q: I/N is wanted, like 1/4, or auto", text)
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

func shardOfEnvironment(getenv func(string) string) (Shard, error) {
	for _, e := range []struct {
		index, count, base string
		from               int
	}{
		{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", 0},
		{"JOB_COMPLETION_INDEX", "JOB_COMPLETION_COUNT", "", 0},
		{"CI_NODE_INDEX", "CI_NODE_TOTAL", "", 1},
	} {
		index := getenv(e.index)
		if index == "" {
			continue
		}
		count := getenv(e.count)
		if count == "" {
			return Shard{}, fmt.Errorf("shard auto: %s is set, but not %s: set it to the number of shards", e.index, e.count)
		}
		i, err1 := strconv.Atoi(index)
		n, err2 := strconv.Atoi(count)
		from := e.from
		if base := getenv(e.base); e.base != "" && base != "" {
			var err error
			if from, err = strconv.Atoi(base); err != nil {
				return Shard{}, fmt.Errorf("shard auto: %s=%q is no number", e.base, base)
			}
		}
		if err1 != nil || err2 != nil {
			return Shard{}, fmt.Errorf("shard auto: %s=%q, %s=%q: numbers are wanted", e.index, index, e.count, count)
		}
		return checkShard(i-from+1, n, "shard auto: "+e.index+"="+index)
	}
	return Shard{}, fmt.Errorf("shard auto: neither SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX nor CI_NODE_INDEX is set; name the shard as I/N")
}
