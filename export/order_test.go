package export_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// reordered gives a trace with the sequences of all cells in another order.
func reordered(trace *dump.Memory, random *rand.Rand) *dump.Memory {
	other := &dump.Memory{Header: trace.Header, Frames: slices.Clone(trace.Frames)}
	order := random.Perm(len(trace.Frames))
	slices.SortStableFunc(other.Frames, func(a, b *dump.Frame) int { return order[a.Sequence] - order[b.Sequence] })
	return other
}

// forms write a trace in each form that can have its sequences in any order; what they write is opened by its content.
func forms(t *testing.T, model *xmodel.Model) map[string]func(*dump.Memory) (path string) {
	write := func(sink dump.Sink, trace *dump.Memory) {
		require.NoError(t, sink.Begin(trace.Header))
		for _, f := range trace.Frames {
			require.NoError(t, sink.Write(f))
		}
		require.NoError(t, sink.Close())
	}
	arrow := func(options dump.ArrowOptions) func(*dump.Memory) string {
		return func(trace *dump.Memory) string {
			dir := filepath.Join(t.TempDir(), "trace")
			write(dump.NewArrowSink(dir, options), trace)
			return dir
		}
	}
	return map[string]func(*dump.Memory) string{
		"arrow":      arrow(dump.ArrowOptions{BatchBytes: 10000}),
		"compressed": arrow(dump.ArrowOptions{Zstd: true}),
		"hex":        func(trace *dump.Memory) string { return exported(t, model, trace, export.Options{}) },
		"vcd":        func(trace *dump.Memory) string { return waveform(t, trace, export.VCDOptions{}) },
		"answers": func(trace *dump.Memory) string {
			path := filepath.Join(t.TempDir(), "answers")
			require.NoError(t, os.WriteFile(path, answersOutOfOrder(t, trace), 0o644))
			return path
		},
	}
}

// answersOutOfOrder are those of a device that yields its sequences in the order of the trace.
func answersOutOfOrder(t *testing.T, trace *dump.Memory) []byte {
	t.Helper()
	text := string(stimuliText(t, trace, []dump.Sequence{{Fixed: make([]int16, trace.Header.Cells[0].Nodes[0].Width)}}))
	head, rest, ok := strings.Cut(text, "begin\n")
	require.True(t, ok)
	for i, c := range trace.Header.Cells {
		head += itoa("yields", i)
		for _, n := range c.Nodes {
			head += " " + n.Name
		}
		head += "\n"
	}
	var lines strings.Builder
	for _, f := range trace.Frames {
		lines.WriteString(itoa("y", f.Cell, f.Sequence, f.Step))
		for i, values := range f.Fixed {
			for _, v := range values {
				lines.WriteString(" " + word(v, trace.Header.Cells[f.Cell].Nodes[i].Bits))
			}
		}
		lines.WriteString("\n")
	}
	x, end, ok := strings.Cut(rest, "end")
	require.True(t, ok)
	return []byte(head + "begin\n" + x + lines.String() + "end" + end)
}

// compareFiles compares two traces with hardly any room for frames that wait for their twins.
func compareFiles(t *testing.T, got, want string) *verify.Comparison {
	t.Helper()
	sides := [2]dump.Source{}
	for i, path := range []string{got, want} {
		source, err := export.OpenTrace(path, export.TraceOptions{})
		require.NoError(t, err)
		sides[i] = source
	}
	result, err := verify.Compare(context.Background(), sides[0], sides[1], verify.Options{Pending: 1, Detail: true})
	require.NoError(t, errors.Join(err, sides[0].Close(), sides[1].Close()))
	return result
}

// Each form with its sequences in another order is what each form says in the first order; one value that differs is found in its place.
func TestTracesOfAnyFormAndOrderCompare(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	random := rand.New(rand.NewPCG(51, 52))
	model, _ := shipped(t, "digits-bilstm16", 0)
	trace := simulate(t, model, noise(random, 8, 3, 1, 4, 2, 5, 1, 3))
	altered := &dump.Memory{Header: trace.Header}
	for _, f := range trace.Frames {
		f = f.Clone()
		if f.Cell == 1 && f.Sequence == 4 && f.Step == 3 {
			f.Fixed[slices.IndexFunc(trace.Header.Cells[1].Nodes, func(n dump.Node) bool { return n.Name == "c_next" })][13] ^= 1
		}
		altered.Frames = append(altered.Frames, f)
	}
	wrote := forms(t, model)
	plain, other := map[string]string{}, map[string]string{}
	for form, write := range wrote {
		plain[form], other[form] = write(trace), write(reordered(altered, random))
	}
	for got := range wrote {
		for want := range wrote {
			equal := compareFiles(t, other[got], other[want])
			require.Equal(t, verify.Pass, equal.Verdict(), "%s, %s", got, want)
			require.EqualValues(t, len(trace.Frames), equal.Counts.Steps)
			found := compareFiles(t, other[got], plain[want])
			require.EqualValues(t, 1, found.Counts.Wrong, "%s, %s", got, want)
			require.Equal(t, "layer[0].bwd.seq[4].step[3].c_next[13]", found.First.Address.String())
			back := compareFiles(t, plain[want], other[got])
			require.Equal(t, found.First.Address, back.First.Address)
			require.Equal(t, -found.First.Delta, back.First.Delta)
		}
	}
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}

// A sequence that comes twice, or in two pieces, is an error that names its place.
func TestSequencesInPiecesAreErrors(t *testing.T) {
	model, stimuli := shipped(t, "digits-lstm16", 3)
	trace := simulate(t, model, stimuli)
	// The last sequence takes the number of the first, from its first step, or as what comes after the first's last.
	for name, step := range map[string]int{"twice": 0, "in pieces": 8} {
		t.Run(name, func(t *testing.T) {
			torn := func(text string, first, from, to string) string {
				head, rest, ok := strings.Cut(text, first)
				require.True(t, ok)
				return head + strings.ReplaceAll(first+rest, from, to)
			}
			read := func(path string) error {
				source, err := export.OpenTrace(path, export.TraceOptions{})
				require.NoError(t, err)
				_, err = drain(source)
				require.NoError(t, source.Close())
				return err
			}
			edit := func(path string, change func(string) string) {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(path, []byte(change(string(text))), 0o644))
			}
			wrote := forms(t, model)
			want := itoa("", 0, step)
			want = "sequence" + strings.Replace(want, " 0 ", " 0, step ", 1) + " comes after sequence 1, step 7, and other frames of sequence 0 before that"

			path := wrote["answers"](trace)
			edit(path, func(text string) string {
				for s := range 8 {
					text = strings.Replace(text, itoa("y", 0, 2, s)+" ", itoa("y", 0, 0, step+s)+" ", 1)
				}
				return text
			})
			require.ErrorContains(t, read(path), want)
			require.ErrorContains(t, read(path), "line ")

			path = wrote["hex"](trace)
			folder := filepath.Join(path, trace.Header.Cells[0].Graph)
			edit(filepath.Join(folder, "sequence.hex"), func(text string) string { return torn(text, "00000002", "00000002", "00000000") })
			edit(filepath.Join(folder, "step.hex"), func(text string) string {
				lines := strings.Split(text, "\n")
				for i := range 8 {
					lines[16+i] = word(int16(step+i), 32)
				}
				return strings.Join(lines, "\n")
			})
			require.ErrorContains(t, read(path), want)
			require.ErrorContains(t, read(path), "step.hex, line 17")

			renumbered := &dump.Memory{Header: trace.Header}
			for _, f := range trace.Frames {
				if f = f.Clone(); f.Sequence == 2 {
					f.Sequence, f.Step = 3, f.Step+step
				}
				renumbered.Frames = append(renumbered.Frames, f)
			}
			path = wrote["vcd"](renumbered)
			edit(path, func(text string) string {
				return strings.Replace(text, "b00000000000000000000000000000011 \"", "b00000000000000000000000000000000 \"", 1)
			})
			require.ErrorContains(t, read(path), want)
			require.ErrorContains(t, read(path), "line ")
		})
	}
}
