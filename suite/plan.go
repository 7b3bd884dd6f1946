package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Shard is one of Count parts of a suite, counted from 1. The zero value is all of it.
type Shard struct {
	Index int `json:"index"`
	Count int `json:"count"`
}

// plan is what a run is about to do: plan.json of its results folder.
type plan struct {
	Schema  int       `json:"schema"`
	Suite   string    `json:"suite"`
	File    string    `json:"file"` // of the suite, without its folder
	Version string    `json:"rnnsim_version"`
	Shard   Shard     `json:"shard"`
	Cases   []planned `json:"cases"` // all that were selected, also those of other shards
}

type planned struct {
	Case
	Key   string `json:"key"`
	Shard int    `json:"shard"`
}

func (p *plan) mine(c *planned) bool { return p.Shard.Count <= 1 || c.Shard == p.Shard.Index }

// makePlan computes the keys of the selected cases and deals them out to the shards.
func makePlan(ctx context.Context, s *Suite, cases []Case, o *Options) (*plan, error) {
	keyer, err := NewKeyer(s, o.Build)
	if err != nil {
		return nil, err
	}
	defer keyer.Close()
	p := &plan{Schema: ResultSchema, Suite: s.Name, File: s.File, Version: o.Version, Shard: o.Shard}
	if p.Shard.Count == 0 {
		p.Shard = Shard{Index: 1, Count: 1}
	}
	shards := deal(cases, p.Shard.Count, o.Times)
	for i := range cases {
		key, err := keyer.Key(ctx, &cases[i])
		if err != nil {
			return nil, err
		}
		p.Cases = append(p.Cases, planned{Case: cases[i], Key: key, Shard: shards[i]})
	}
	return p, nil
}

// deal gives each case its shard, from 1: the longest first, each to the shard with the least to do. Cases without a recorded
// time count as long as the middle one of those that have one. It depends on its arguments alone, so that all shards agree.
func deal(cases []Case, count int, times map[string]float64) []int {
	var known []float64
	for i := range cases {
		if seconds, ok := times[cases[i].Name]; ok {
			known = append(known, seconds)
		}
	}
	usual := 1.0
	if len(known) > 0 {
		slices.Sort(known)
		usual = known[len(known)/2]
	}
	length := func(i int) float64 {
		if seconds, ok := times[cases[i].Name]; ok {
			return seconds
		}
		return usual
	}
	order := make([]int, len(cases))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(length(b), length(a)) })
	load, held := make([]float64, count), make([]int, count)
	shards := make([]int, len(cases))
	for _, i := range order {
		least := 0
		for s := 1; s < count; s++ {
			if load[s] < load[least] || load[s] == load[least] && held[s] < held[least] {
				least = s
			}
		}
		load[least] += length(i)
		held[least]++
		shards[i] = least + 1
	}
	return shards
}

func readPlan(dir string) (*plan, error) {
	text, err := os.ReadFile(filepath.Join(dir, planFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no %s: it is no results folder of regress", dir, planFile)
	}
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	p, err := parsePlan(text)
	if err != nil {
		return nil, fmt.Errorf("read the plan: %s: %w", filepath.Join(dir, planFile), err)
	}
	return p, nil
}

// parsePlan reads a plan and refuses one that no run has written: keys become the names of files.
func parsePlan(text []byte) (*plan, error) {
	var p plan
	if err := strictJSON(text, &p); err != nil {
		return nil, err
	}
	if p.Schema != ResultSchema {
		return nil, fmt.Errorf("it is of schema %d; this rnnsim reads schema %d", p.Schema, ResultSchema)
	}
	if _, err := checkShard(p.Shard.Index, p.Shard.Count, "its shard"); err != nil {
		return nil, err
	}
	for i := range p.Cases {
		c := &p.Cases[i]
		if _, err := checkShard(c.Shard, p.Shard.Count, "the case "+c.Name); err != nil {
			return nil, err
		}
		if !isKey(c.Key) {
			return nil, fmt.Errorf("the case %s has the key %q, which is no digest", c.Name, c.Key)
		}
	}
	return &p, nil
}

// isKey says whether a text has the form of a key.
func isKey(text string) bool {
	return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == ""
}
