package suite

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Choose gives the cases whose name has the pattern in it, or matches it where it has *, ? or [, and that have all of the tags. An
// empty pattern fits every name. names, where there are any, are those of the only cases to choose from; each must be there.
func Choose(cases []Case, pattern string, tags, names []string) ([]Case, error) {
	for _, name := range names {
		if !slices.ContainsFunc(cases, func(c Case) bool { return c.Name == name }) {
			return nil, fmt.Errorf("the suite has no case %q; --list shows their names", name)
		}
	}
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
		if fits && tagged && (len(names) == 0 || slices.Contains(names, c.Name)) {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}
