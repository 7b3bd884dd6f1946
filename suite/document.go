package suite

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// document is suite.yaml as it is written.
type document struct {
	Suite       int     `yaml:"suite"`
	Name        string  `yaml:"name"`
	TimeLimit   string  `yaml:"time_limit"`
	MemoryLimit string  `yaml:"memory_limit"`
	Cases       []entry `yaml:"cases"`
}

// entry stands for one case or many.
type entry struct {
	Case        string        `yaml:"case"`
	Models      []string      `yaml:"models"`
	Stimuli     []string      `yaml:"stimuli"`
	Seeds       []uint64      `yaml:"seeds"`
	Float       string        `yaml:"float"`
	Device      *deviceEntry  `yaml:"device"`
	Modes       []string      `yaml:"modes"`
	Tags        []string      `yaml:"tags"`
	MinSQNR     *float64      `yaml:"min_sqnr"`
	Known       *knownFailure `yaml:"known_failure"`
	TimeLimit   string        `yaml:"time_limit"`
	MemoryLimit string        `yaml:"memory_limit"`
}

type knownFailure struct {
	Outcome string `yaml:"outcome"`
	Reason  string `yaml:"reason"`
	Until   string `yaml:"until"`
}

// expectation checks what is said of a known failure.
func (k *knownFailure) expectation() (Expectation, error) {
	if k == nil {
		return Expectation{Outcome: Passed}, nil
	}
	e := Expectation{Outcome: Outcome(k.Outcome), Reason: strings.TrimSpace(k.Reason), Until: k.Until}
	if k.Outcome == "" {
		e.Outcome = Failed
	}
	switch {
	case !e.Outcome.known() || e.Outcome == Passed:
		return e, fmt.Errorf("known_failure: outcome %q is no failure; there is failed, nothing, unreadable, crashed, timeout and memory", k.Outcome)
	case e.Reason == "":
		return e, fmt.Errorf("a known failure wants a reason")
	}
	if _, err := time.Parse(time.DateOnly, k.Until); err != nil {
		return e, fmt.Errorf("a known failure wants until: YYYY-MM-DD, the last day on which it is excused; got %q", k.Until)
	}
	return e, nil
}

func parseTimeLimit(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	limit, err := time.ParseDuration(text)
	if err != nil || limit <= 0 {
		return 0, fmt.Errorf("time_limit %q is no positive duration like 90s, 5m or 1h30m", text)
	}
	return limit, nil
}

// leastMemory is what a process of ours needs to start and say what is wrong.
const leastMemory = 64 << 20

func parseMemoryLimit(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	for unit, size := range map[string]int64{"MiB": 1 << 20, "GiB": 1 << 30} {
		digits, found := strings.CutSuffix(text, unit)
		if !found {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 32)
		if err != nil || n <= 0 {
			break
		}
		if n*size < leastMemory {
			return 0, fmt.Errorf("memory_limit %q is less than the 64MiB that a case needs to start", text)
		}
		return n * size, nil
	}
	return 0, fmt.Errorf("memory_limit %q is no size like 512MiB or 2GiB", text)
}
