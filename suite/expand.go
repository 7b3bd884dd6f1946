package suite

import (
	"cmp"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"
)

// maxCases bounds what the products of a short text can come to.
const maxCases = 200_000

// expand makes the cases of all entries.
func (s *Suite) expand(doc *document, root *os.Root, places locator) error {
	if _, err := parseTimeLimit(doc.TimeLimit); err != nil {
		return places.errorf("$.time_limit", "%w", err)
	}
	if _, err := parseMemoryLimit(doc.MemoryLimit); err != nil {
		return places.errorf("$.memory_limit", "%w", err)
	}
	seen := map[string]int{}
	for i := range doc.Cases {
		place := fmt.Sprintf("$.cases[%d]", i)
		cases, err := doc.Cases[i].expand(doc, root)
		if err != nil {
			return places.errorf(place, "%w", err)
		}
		for _, c := range cases {
			if before, twice := seen[c.Name]; twice {
				return places.errorf(place, "the case %s is there already, from entry %d: cases are named once", c.Name, before+1)
			}
			seen[c.Name] = i
		}
		if s.Cases = append(s.Cases, cases...); len(s.Cases) > maxCases {
			return places.errorf(place, "the suite has more than %d cases; split it", maxCases)
		}
	}
	slices.SortFunc(s.Cases, func(a, b Case) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}

func (e *entry) expand(doc *document, root *os.Root) ([]Case, error) {
	shape, err := e.shape(doc)
	if err != nil {
		return nil, err
	}
	if e.Case != "" {
		return e.folders(shape, root)
	}
	return e.products(shape, root)
}

// shape is what all cases of an entry have in common.
func (e *entry) shape(doc *document) (Case, error) {
	if (e.Case == "") == (len(e.Models) == 0) {
		return Case{}, fmt.Errorf("an entry has either case, a glob of case folders, or models")
	}
	if e.Case != "" && (len(e.Stimuli) > 0 || len(e.Seeds) > 0 || e.Float != "" || e.Device != nil) {
		return Case{}, fmt.Errorf("stimuli, seeds, float and device do not go with case, whose folder says what it is verified with")
	}
	if e.MinSQNR != nil {
		switch {
		case math.IsNaN(*e.MinSQNR) || math.IsInf(*e.MinSQNR, 0):
			return Case{}, at("min_sqnr", fmt.Errorf("min_sqnr is no finite number of dB"))
		case e.Case == "" && e.Float == "":
			return Case{}, at("min_sqnr", fmt.Errorf("min_sqnr wants float, the model to compare with"))
		}
	}
	for i, tag := range e.Tags {
		if tag == "" || strings.ContainsAny(tag, ", \t\n") {
			return Case{}, at(fmt.Sprintf("tags[%d]", i), fmt.Errorf("tag %q: tags are words without commas or spaces", tag))
		}
	}
	shape := Case{Tags: slices.Compact(slices.Sorted(slices.Values(e.Tags))), Float: e.Float, MinSQNR: e.MinSQNR}
	var err error
	if shape.Expectation, err = e.Known.expectation(); err != nil {
		return Case{}, at("known_failure", err)
	}
	if shape.TimeLimit, err = parseTimeLimit(cmp.Or(e.TimeLimit, doc.TimeLimit)); err != nil {
		return Case{}, at("time_limit", err)
	}
	shape.MemoryLimit, err = parseMemoryLimit(cmp.Or(e.MemoryLimit, doc.MemoryLimit))
	return shape, at("memory_limit", err)
}

func (e *entry) modes(usual Mode) ([]Mode, error) {
	if len(e.Modes) == 0 {
		return []Mode{usual}, nil
	}
	var modes []Mode
	for i, name := range e.Modes {
		mode := Mode(name)
		if mode != ModeSane && mode != ModeVAI20 && (mode != ModeRecorded || e.Case == "") {
			return nil, at(fmt.Sprintf("modes[%d]", i), fmt.Errorf("there is no mode %q here; there is sane and vai2.0, and for case folders recorded", name))
		}
		modes = append(modes, mode)
	}
	return modes, nil
}

func (e *entry) folders(shape Case, root *os.Root) ([]Case, error) {
	modes, err := e.modes(ModeRecorded)
	if err != nil {
		return nil, err
	}
	matches, err := glob(root, e.Case)
	if err != nil {
		return nil, at("case", err)
	}
	var cases []Case
	for _, folder := range matches {
		if !isCaseFolder(root, folder) {
			continue
		}
		for _, mode := range modes {
			c := shape
			c.Folder, c.Mode, c.Name = folder, mode, folder+"@"+string(mode)
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 {
		return nil, at("case", fmt.Errorf("case: %q matches no folder with a case.json", e.Case))
	}
	return cases, nil
}

// caseFile is what makes a folder a case.
const caseFile = "case.json"

func isCaseFolder(root *os.Root, folder string) bool {
	info, err := root.Stat(path.Join(folder, caseFile))
	return err == nil && info.Mode().IsRegular()
}

// products makes models × stimuli and seeds × modes.
func (e *entry) products(shape Case, root *os.Root) ([]Case, error) {
	modes, err := e.modes(ModeSane)
	if err != nil {
		return nil, err
	}
	models, err := globs(root, e.Models)
	if err != nil {
		return nil, at("models", err)
	}
	stimuli, err := globs(root, e.Stimuli)
	if err != nil {
		return nil, at("stimuli", err)
	}
	if e.Float != "" {
		if err := inside(root, e.Float); err != nil {
			return nil, at("float", err)
		}
	}
	device, err := e.Device.device(root)
	if err != nil {
		return nil, at("device", err)
	}
	suffix := ""
	if device != nil {
		suffix = "+" + device.Name
	}
	seeds := e.Seeds
	if len(stimuli) == 0 && len(seeds) == 0 {
		seeds = []uint64{1}
	}
	if len(models)*(len(stimuli)+len(seeds))*len(modes) > maxCases {
		return nil, fmt.Errorf("the entry stands for more than %d cases; split it", maxCases)
	}
	var cases []Case
	for _, model := range models {
		for _, mode := range modes {
			for _, stimulus := range stimuli {
				c := shape
				c.Model, c.Stimulus, c.Mode, c.Device = model, stimulus, mode, device
				c.Name = fmt.Sprintf("%s:%s@%s%s", model, stimulus, mode, suffix)
				cases = append(cases, c)
			}
			for _, seed := range seeds {
				c := shape
				c.Model, c.Seed, c.Mode, c.Device = model, seed, mode, device
				c.Name = fmt.Sprintf("%s:seed=%d@%s%s", model, seed, mode, suffix)
				cases = append(cases, c)
			}
		}
	}
	return cases, nil
}

func globs(root *os.Root, patterns []string) ([]string, error) {
	var all []string
	for i, pattern := range patterns {
		matches, err := glob(root, pattern)
		if err != nil {
			return nil, &misplaced{fmt.Sprintf("[%d]", i), err}
		}
		all = append(all, matches...)
	}
	return all, nil
}

// glob gives what a pattern matches under root, sorted. No match is an error: a suite that tests less than it says must not pass.
func glob(root *os.Root, pattern string) ([]string, error) {
	if !fs.ValidPath(pattern) {
		return nil, fmt.Errorf("path %q: paths are relative to the suite's folder, with slashes, and do not leave it", pattern)
	}
	if !strings.ContainsAny(pattern, `*?[\`) {
		return []string{pattern}, inside(root, pattern)
	}
	matches, err := fs.Glob(root.FS(), pattern)
	if err != nil {
		return nil, fmt.Errorf("path %q: %w", pattern, err)
	}
	if len(matches) == 0 {
		return nil, fmt.Errorf("path %q matches nothing in the suite's folder", pattern)
	}
	for _, match := range matches {
		if err := inside(root, match); err != nil {
			return nil, err
		}
	}
	slices.Sort(matches)
	return matches, nil
}

// inside refuses a path that is not there, or that leads out of the suite's folder, through a link too.
func inside(root *os.Root, name string) error {
	if !fs.ValidPath(name) {
		return fmt.Errorf("path %q: paths are relative to the suite's folder, with slashes, and do not leave it", name)
	}
	if _, err := root.Stat(name); err != nil {
		return fmt.Errorf("path %q: %w", name, err)
	}
	return nil
}
