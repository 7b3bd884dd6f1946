package verify

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
	"rnnsim/xmodel"
)

func TestShippedCasePasses(t *testing.T) {
	c, err := OpenCase(shipped)
	require.NoError(t, err)
	var checks []string
	var progress []string
	var last int64
	report, err := RunCase(context.Background(), c, CaseOptions{Version: "v0", Progress: func(check string, done, total int64) {
		if !slices.Contains(progress, check) {
			progress = append(progress, check)
		}
		require.LessOrEqual(t, done, total)
		if check != "calibration" {
			require.GreaterOrEqual(t, done, last, "the checks, which run at the same time, add up")
			last = done
		}
	}})
	require.NoError(t, err)
	for _, check := range report.Checks {
		checks = append(checks, check.Name)
	}
	require.Equal(t, Pass, report.Verdict)
	require.Subset(t, checks, []string{NameQuantInfo, NameGraphs, NameExact, NameRecorded, NameDeployCheck, NameFloat, NameOutputs, NameAccuracy})
	require.Equal(t, "calibration", progress[0])
	require.ElementsMatch(t, []string{NameExact, NameRecorded, NameDeployCheck, NameFloat}, progress[1:])
	requireGoldenText(t, "case.txt", report, TextOptions{})
}

// Cases with one cell a layer and no GRU show none of the original's faults.
func TestCasesUnderSaneSemantics(t *testing.T) {
	sane := xmodel.Sane
	for _, name := range recordedCases(t) {
		t.Run(name, func(t *testing.T) {
			c, err := OpenCase(shared.Path(t, "vectors", name))
			require.NoError(t, err)
			report, err := RunCase(context.Background(), c, CaseOptions{Compat: &sane})
			require.NoError(t, err)
			require.Equal(t, "sane", report.Compat)
			plain := !strings.Contains(name, "gru") && !strings.Contains(name, "bidir") && !strings.Contains(name, "bilstm")
			if plain {
				require.Equal(t, Pass, report.Verdict)
			}
			if name == "bidir-w8" {
				require.Equal(t, Fail, report.Verdict)
			}
			if name == "gru_w8" {
				require.Equal(t, Fail, report.Verdict)
				failed := 0
				for _, check := range report.Checks {
					if check.Name == NameDeployCheck && check.Verdict == Fail {
						failed++
						require.Contains(t, strings.Join(check.Comparison.Notes, "\n"), "with the faults of the original (compat vai2.0) nothing here is wrong")
					}
				}
				require.NotZero(t, failed)
			}
			require.Contains(t, strings.Join(report.Notes, "\n"), "verified with sane semantics, as was asked for")
		})
	}
}

// smallCase copies the shipped case without its larger parts. Folders that are not altered are links.
func smallCase(t *testing.T, altered ...string) string {
	t.Helper()
	dir, source := t.TempDir(), shipped
	entries, err := os.ReadDir(source)
	require.NoError(t, err)
	for _, entry := range entries {
		from, to := filepath.Join(source, entry.Name()), filepath.Join(dir, entry.Name())
		switch {
		case entry.Name() == deployCheckFloat64 || entry.Name() == "model.onnx" || entry.Name() == "model.pth":
		case entry.IsDir() && !slices.Contains(altered, entry.Name()):
			from, err := filepath.Abs(from)
			require.NoError(t, err)
			require.NoError(t, os.Symlink(from, to))
		case entry.IsDir():
			require.NoError(t, os.CopyFS(to, os.DirFS(from)))
		default:
			content, err := os.ReadFile(from)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(to, content, 0o644))
		}
	}
	return dir
}

func TestACaseWithoutAFloatModelStartsWithItsGraphs(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a whole case")
	}
	dir := smallCase(t)
	require.NoError(t, os.Remove(filepath.Join(dir, "model.npz")))
	c, err := OpenCase(dir)
	require.NoError(t, err)
	report, err := RunCase(context.Background(), c, CaseOptions{})
	require.NoError(t, err)
	require.Equal(t, Pass, report.Verdict)
	require.Equal(t, NameExact, report.Checks[0].Name)
}

func TestWhatDiffersInACaseFailsIt(t *testing.T) {
	replace := func(t *testing.T, path, old, with string) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(text), old)
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), old, with, 1)), 0o644))
	}
	for _, c := range []struct {
		name, check, finding string
		alter                func(t *testing.T, dir string)
	}{
		{"position", NameQuantInfo, "want \"Lstm_StandardLstmCell_layer_0_forward::weight_ii\":[16,11],", func(t *testing.T, dir string) {
			replace(t, filepath.Join(dir, "quant_info.json"), "weight_ii\":[16,12]", "weight_ii\":[16,11]")
		}},
		{"accuracy", NameAccuracy, "the recorded accuracy is 50.00 %", func(t *testing.T, dir string) {
			replace(t, filepath.Join(dir, caseFile), "\"quantized_accuracy\": 0.9833333333333333", "\"quantized_accuracy\": 0.5")
		}},
		{"dump", NameDeployCheck, "", func(t *testing.T, dir string) {
			stem := filepath.Join(dir, deployCheckFloat32, "Lstm_StandardLstmCell_layer_0_forward", "frame_3", "Lstm_StandardLstmCell_layer_0_forward__c_next")
			for _, file := range []string{stem + ".txt", stem + "_fix.txt"} {
				text, err := os.ReadFile(file)
				require.NoError(t, err)
				lines := strings.Split(string(text), "\n")
				lines[5] = "0"
				if strings.HasSuffix(file, "_fix.txt") {
					require.NotEqual(t, "0", strings.TrimSpace(lines[6]))
				}
				require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o644))
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && c.check != NameDeployCheck {
				t.Skip("runs a whole case")
			}
			dir := smallCase(t, deployCheckFloat32)
			c.alter(t, dir)
			opened, err := OpenCase(dir)
			require.NoError(t, err)
			report, err := RunCase(context.Background(), opened, CaseOptions{})
			require.NoError(t, err)
			require.Equal(t, Fail, report.Verdict)
			for _, check := range report.Checks {
				require.Equal(t, check.Name == c.check, check.Verdict == Fail, check.Name)
				if check.Verdict != Fail {
					continue
				}
				if c.finding != "" {
					require.Contains(t, strings.Join(check.Findings, "\n"), c.finding)
				} else {
					require.Equal(t, "layer[0].fwd.seq[0].step[3].c_next[5]", check.Comparison.First.Address.String())
					require.EqualValues(t, 1, check.Comparison.Counts.Wrong)
				}
			}
		})
	}
}

func TestBrokenCasesAreErrors(t *testing.T) {
	remove := func(names ...string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, name := range names {
				require.NoError(t, os.RemoveAll(filepath.Join(dir, name)))
			}
		}
	}
	write := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		}
	}
	array := func(name string, values []int64, shape ...int) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			a, err := npy.New(values, shape...)
			require.NoError(t, err)
			require.NoError(t, npy.WriteFile(filepath.Join(dir, name), a))
		}
	}
	graph := "Lstm_StandardLstmCell_layer_0_forward"
	for _, c := range []struct {
		name    string
		alter   func(*testing.T, string)
		message string
		late    bool // found deep in the dump, or at the end of the chain
	}{
		{"no description", remove(caseFile), "case.json", false},
		{"empty description", write(caseFile, ""), "case.json: unexpected end of JSON", false},
		{"garbage description", write(caseFile, "\x00\x01"), "case.json: invalid character", false},
		{"bits", write(caseFile, `{"weight_bits":12}`), "weight_bits is 12; 8 and 16 are possible", false},
		{"dumped sequence", write(caseFile, `{"dump_sequence":-1}`), "dump_sequence is -1", false},
		{"no stimulus", remove("x_test.npy"), "has no stimulus: x_test.npy or x.npy is wanted", false},
		{"no model", remove("model.npz", "model.pth", "model.onnx", "xmodel"), "has no model", false},
		{"truncated model", write("model.npz", "PK\x03\x04"), "model.npz", false},
		{"no calibration", remove("x_calib.npy"), "has no calibration data", false},
		{"garbage recording", write("exact.npz", "no zip"), "exact.npz", false},
		{"missing frame", remove(filepath.Join(deployCheckFloat32, graph, "frame_4")), deployCheckFloat32, true},
		{"missing file", remove(filepath.Join(deployCheckFloat32, graph, "frame_4", graph+"__ot_fix.txt")), "ot_fix.txt", true},
		{"no number", write(filepath.Join(deployCheckFloat32, graph, "frame_4", graph+"__ot_fix.txt"), "1\n2\nthree"), "ot_fix.txt", true},
		{"labels of another shape", array("y_test.npy", []int64{1, 2}, 2), "y_test.npy has shape [2]", true},
		{"garbage outputs", write("h_last.npz", ""), "h_last.npz", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && c.late {
				t.Skip("runs a whole case")
			}
			dir := smallCase(t, deployCheckFloat32)
			c.alter(t, dir)
			opened, err := OpenCase(dir)
			if err == nil {
				_, err = RunCase(context.Background(), opened, CaseOptions{})
			}
			require.ErrorContains(t, err, c.message)
		})
	}
}

func TestDeployCheckBesideAModel(t *testing.T) {
	want := []string{filepath.Join(shipped, deployCheckFloat32)}
	require.Equal(t, want, DeployCheckBeside(shipped))
	require.Equal(t, want, DeployCheckBeside(filepath.Join(shipped, "xmodel")))
	files, err := filepath.Glob(filepath.Join(shipped, "xmodel", "*.xmodel"))
	require.NoError(t, err)
	require.Equal(t, want, DeployCheckBeside(files[0]))
	require.Empty(t, DeployCheckBeside(t.TempDir()))
	require.True(t, IsCase(shipped))
	require.False(t, IsCase(filepath.Join(shipped, "xmodel")))
}

// A case may say its semantics, the lengths of its sequences, and their initial states; what does not fit is an error that names it.
func TestCasesWithBadStatesAreRefused(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "xmodel"), os.DirFS("../vectors/digits-gru16/xmodel")))
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	array := func(name string, values []int16, shape ...int) {
		a, err := npy.New(values, shape...)
		require.NoError(t, err)
		require.NoError(t, npy.WriteFile(filepath.Join(dir, name), a))
	}
	states := func(name string, values []int16, shape ...int) {
		file, err := os.Create(filepath.Join(dir, "states.npz"))
		require.NoError(t, err)
		archive := npy.NewZipWriter(file)
		a, err := npy.New(values, shape...)
		require.NoError(t, err)
		require.NoError(t, archive.Add(name, a))
		require.NoError(t, archive.Close())
		require.NoError(t, file.Close())
	}
	run := func() error {
		c, err := OpenCase(dir)
		if err == nil {
			_, err = RunCase(context.Background(), c, CaseOptions{})
		}
		return err
	}
	array("x.npy", make([]int16, 2*3*8), 2, 3, 8)
	write("case.json", `{"compat": "vai3"}`)
	require.ErrorContains(t, run(), `compat is "vai3"; sane and vai2.0 are possible`)
	write("case.json", `{"compat": "vai2.0"}`)
	require.NoError(t, run())
	states("0.h", make([]int16, 2*32), 2, 32)
	require.NoError(t, run())
	states("0.h", make([]int16, 3*32), 3, 32)
	require.ErrorContains(t, run(), `array "0.h" has shape [3 32]; [2 sequences, hidden] is wanted`)
	states("0.h", make([]int16, 2*31), 2, 31)
	require.ErrorContains(t, run(), "31")
	states("0.c", make([]int16, 2*32), 2, 32)
	require.Error(t, run(), "a GRU has no c")
	write("states.npz", "no archive")
	require.ErrorContains(t, run(), "states.npz")
}
