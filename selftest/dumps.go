package selftest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"rnnsim/dump"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// flipDump spoils a deploy_check folder, which holds one sequence: a bit of one of its files, or a bit of a value, which is then
// written into both of its files, as a faulty device would.
func (s *subject) flipDump(ctx context.Context, random *rand.Rand, f *flip) error {
	if random.IntN(2) == 0 {
		return s.flipRecorded(ctx, random, f)
	}
	var files []string
	for file := range s.files {
		if strings.HasPrefix(file, "dump/") {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	file := files[random.IntN(len(files))]
	mend, err := s.spoil(f, file, random.IntN(8*len(s.files[file])))
	if err != nil {
		return err
	}
	return errors.Join(s.judgeText(ctx, f, file), mend())
}

// replay judges the folder as verifying it does.
func (s *subject) replay(ctx context.Context) (*verify.Comparison, error) {
	header := s.exact.Header()
	return verify.Replay(ctx, func() (dump.Source, error) {
		return dump.OpenDeployCheck(filepath.Join(s.dir, "dump"), dump.DeployCheckReadOptions{Formats: &header})
	}, s.exact, s.model, verify.ReplayOptions{Exact: true, Compat: xmodel.Sane, Stimulus: s.stimulus})
}

// stimulus is input_0 as the unspoilt run has it.
func (s *subject) stimulus(cell, sequence, step int) []int16 {
	for _, f := range s.trace.Frames {
		if f.Cell == cell && f.Sequence == sequence && f.Step == step {
			return f.Fixed[0]
		}
	}
	return nil
}

func (s *subject) judgeText(ctx context.Context, f *flip, file string) error {
	comparison, err := s.replay(ctx)
	if err != nil {
		return f.is(refused, "%v", err)
	}
	data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(file)))
	if err != nil {
		return err
	}
	was, is := strings.Split(string(s.files[file]), "\n"), strings.Split(string(data), "\n")
	line := -1
	for i := range was {
		if len(was) != len(is) || plainNumber(was[i]) != plainNumber(is[i]) {
			line = i
			break
		}
	}
	switch {
	case comparison.Verdict() != verify.Pass && line < 0:
		return f.is(missed, "the text says the same, and a difference was found at %v", comparison.First.Address)
	case comparison.Verdict() != verify.Pass:
		return s.judgeLine(f, file, line, comparison)
	case line < 0 && path.Base(file) != "shape.txt":
		return f.is(harmless, "a text that reads as the same numbers")
	case path.Base(file) == "shape.txt" && strings.TrimSpace(strings.Join(was, "\n")) == strings.TrimSpace(strings.Join(is, "\n")):
		return f.is(harmless, "white space around a text")
	case path.Base(file) == "shape.txt":
		return f.is(missed, "line %d of the shapes is %q", line+1, is[max(line, 0)])
	}
	return f.is(missed, "line %d is %q, was %q", line+1, is[line], was[line])
}

// plainNumber reads a number as a text says it; what is none stays a text.
func plainNumber(text string) string {
	text = strings.TrimSpace(text)
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return fmt.Sprintf("%b", v+0)
	}
	return text
}

// judgeLine wants one value to be wrong: that of the file and the line.
func (s *subject) judgeLine(f *flip, file string, line int, c *verify.Comparison) error {
	first := c.First
	base := strings.TrimSuffix(strings.TrimSuffix(path.Base(file), ".txt"), "_fix")
	frame := strings.TrimPrefix(path.Base(path.Dir(file)), "frame_")
	switch {
	case c.Counts.Wrong != 1:
		return f.is(missed, "%d values are called wrong for one flip", c.Counts.Wrong)
	case !strings.HasSuffix(base, first.Address.Node) || first.Address.Index != line:
		return f.is(missed, "line %d of %s was altered, and %v was found", line+1, file, first.Address)
	case first.Address.Step != verify.NoStep && strconv.Itoa(first.Address.Step) != frame:
		return f.is(missed, "frame %s was altered, and %v was found", frame, first.Address)
	}
	return f.is(found, "%v", first.Address)
}

// flipRecorded flips a bit of a value of the run and writes both of its texts by the format's own rule: "%12g" and "%g".
func (s *subject) flipRecorded(ctx context.Context, random *rand.Rand, f *flip) error {
	var frames []*dump.Frame
	for _, frame := range s.trace.Frames {
		if frame.Sequence == 0 {
			frames = append(frames, frame)
		}
	}
	frame := frames[random.IntN(len(frames))]
	cell := s.trace.Header.Cells[frame.Cell]
	at := random.IntN(len(cell.Nodes))
	node := cell.Nodes[at]
	index, bit := random.IntN(node.Width), random.IntN(node.Bits)
	was := frame.Fixed[at][index]
	is := was ^ 1<<bit
	if node.Bits < 16 { // the sign bit of a narrow value is all the bits above it
		shift := 16 - node.Bits
		is = is << shift >> shift
	}
	want := verify.Address{Layer: cell.Layer, Backward: cell.Backward, Step: frame.Step, Node: node.Name, Index: index}
	f.place = fmt.Sprintf("%s: dump, %v, bit %d", s.name, want, bit)
	stem := fmt.Sprintf("dump/%s/frame_%d/%s__%s", cell.Graph, frame.Step, xmodel.Sanitize(cell.Graph), node.Name)
	texts := map[string]string{}
	if _, single := s.files[stem+"_fix.txt"]; !single {
		texts[stem+".txt"] = fmt.Sprintf("%d", is)
	} else {
		texts[stem+"_fix.txt"] = fmt.Sprintf("%d", is)
		texts[stem+".txt"] = fmt.Sprintf("%12.6g", float64(is)/pow2(node.Position))
	}
	if err := s.rewrite(texts, index); err != nil {
		return err
	}
	comparison, err := s.replay(ctx)
	for file := range texts {
		err = errors.Join(err, os.WriteFile(filepath.Join(s.dir, filepath.FromSlash(file)), s.files[file], 0o644))
	}
	switch {
	case err != nil:
		return err
	case comparison.First == nil:
		return f.is(missed, "the value is %d, was %d, and no difference was found", is, was)
	case comparison.Counts.Wrong != 1 || comparison.First.Address != want || comparison.First.Got.Int != int64(is):
		return f.is(missed, "the value is %d, was %d; found were %d, the first %v with %d", is, was, comparison.Counts.Wrong,
			comparison.First.Address, comparison.First.Got.Int)
	}
	return f.is(found, "%v", want)
}

// rewrite replaces a line of files.
func (s *subject) rewrite(texts map[string]string, line int) error {
	for file, text := range texts {
		data, ok := s.files[file]
		if !ok {
			return fmt.Errorf("the dump has no file %s", file)
		}
		lines := strings.Split(string(data), "\n")
		lines[line] = text
		if err := os.WriteFile(filepath.Join(s.dir, filepath.FromSlash(file)), []byte(strings.Join(lines, "\n")), 0o644); err != nil {
			return err
		}
	}
	return nil
}
