package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"rnnsim/selftest"
	"rnnsim/vectors"
)

// flipCases are the cases that the flips are made in: the folder that is named, or those in the binary.
func flipCases(c *cli.Context) (selftest.Options, error) {
	o := selftest.Options{Seed: c.Uint64("seed"), First: c.Uint64("first"), Flips: c.Uint64("flips"), Jobs: c.Int("jobs"), Cases: vectors.Embedded}
	switch {
	case o.Flips == 0:
		return o, usagef("--flips is 0: nothing would be flipped")
	case o.Jobs < 0:
		return o, usagef("--jobs is %d; it must be positive", o.Jobs)
	case c.NArg() > 1:
		return o, usagef("selftest takes one case at most, and got %q too", c.Args().Get(1))
	case c.NArg() == 1:
		path := filepath.Clean(c.Args().First())
		info, err := os.Stat(filepath.Join(path, "xmodel"))
		if err != nil {
			return o, fmt.Errorf("test with the case %s: %w", path, err)
		}
		if !info.IsDir() {
			return o, fmt.Errorf("test with the case %s: its xmodel is no folder", path)
		}
		o.Cases = os.DirFS(filepath.Dir(path))
		o.Only = filepath.Base(path)
	}
	return o, nil
}

func selftestFlips(c *cli.Context, s streams) error {
	options, err := flipCases(c)
	if err != nil {
		return err
	}
	bar := newProgress(c.Context, s.err, "flips")
	options.Progress = func(done uint64) { bar.update(int(done), int(options.Flips)) }
	report, err := selftest.Run(c.Context, options)
	bar.stop()
	if report == nil {
		return err
	}
	return showSelftest(c, s, report, writeFlips, err, len(report.Missed) > 0)
}

func writeFlips(w io.Writer, r *selftest.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s flipped bits, seed %d, from number %d on\n", grouped(int64(r.Flips)), r.Seed, r.First)
	fmt.Fprintf(&b, "  %-8s %9s %9s %9s %9s %9s %7s\n", "in", "flips", "refused", "found", "noticed", "harmless", "missed")
	missed := uint64(0)
	for _, kind := range selftest.Kinds() {
		t := r.Kinds[kind]
		harmless := uint64(0)
		for _, n := range t.Harmless {
			harmless += n
		}
		missed += t.Missed
		fmt.Fprintf(&b, "  %-8s %9s %9s %9s %9s %9s %7s\n", kind, grouped(int64(t.Flips)), grouped(int64(t.Refused)), grouped(int64(t.Found)),
			grouped(int64(t.Noticed)), grouped(int64(harmless)), grouped(int64(t.Missed)))
	}
	b.WriteString("refused: an error of the reader. found: a difference at exactly that place. noticed: a difference, where no value has its place.\n")
	b.WriteString("harmless, each proved:\n")
	for _, kind := range selftest.Kinds() {
		reasons := r.Kinds[kind].Harmless
		for _, reason := range slices.Sorted(maps.Keys(reasons)) {
			fmt.Fprintf(&b, "  %-8s %9s %s\n", kind, grouped(int64(reasons[reason])), reason)
		}
	}
	for _, m := range r.Missed {
		fmt.Fprintf(&b, "MISSED %s\n  %s\n  again: rnnsim selftest --seed %d --first %d --flips 1\n", m.Place, m.Why, r.Seed, m.Number)
	}
	if missed == 0 {
		b.WriteString("PASS: none missed\n")
	} else {
		fmt.Fprintf(&b, "FAIL: %s missed\n", grouped(int64(missed)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
