package verify

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/vectors"
	"rnnsim/xmodel"
)

// stimulus reads the test sequences of a case.
func (c recordedCase) stimulus(t *testing.T) Input {
	t.Helper()
	path := filepath.Join(c.folder, "x_test.npy")
	read, err := vectors.ReadSequences(path, "")
	if err != nil {
		path = filepath.Join(c.folder, "x.npy")
		read, err = vectors.ReadSequences(path, "")
	}
	require.NoError(t, err)
	return Input{Source: path, Sequences: read.Sequences}
}

// replayDump runs the checks of a case with one of its dumps alone.
func (c recordedCase) replayDump(t *testing.T, folder string, exact, knowStimulus bool) *Comparison {
	t.Helper()
	sequence := Unknown
	if knowStimulus {
		sequence = 0
	}
	recording, err := DeployCheck(filepath.Join(c.folder, folder), c.model, exact, sequence)
	require.NoError(t, err)
	input := c.stimulus(t)
	input.Sequences = input.Sequences[:1]
	report, err := Run(context.Background(), Job{Model: c.model, Compat: xmodel.VAI20, Input: input, Recordings: []Recording{recording}})
	require.NoError(t, err)
	require.Len(t, report.Checks, 2)
	require.Equal(t, Pass, report.Checks[0].Verdict)
	require.Equal(t, NameDeployCheck, report.Checks[1].Name)
	return report.Checks[1].Comparison
}

func TestRecordedDumpsOfTheFloat32RunAreExplained(t *testing.T) {
	explained := int64(0)
	for _, name := range recordedCases(t) {
		t.Run(name, func(t *testing.T) {
			result := readRecordedCase(t, name).replayDump(t, "deploy_check_data_int", false, true)
			require.Equal(t, Pass, result.Verdict(), "%+v", result.First)
			t.Logf("%+v", result.Counts)
			explained += result.Counts.Explained
		})
	}
	if !testing.Short() {
		require.NotZero(t, explained, "some recorded float32 run differs by an LSB")
	}
}

func TestRecordedDumpsOfTheFloat64RunAreExact(t *testing.T) {
	for _, name := range recordedCases(t) {
		c := readRecordedCase(t, name)
		if matches, _ := filepath.Glob(filepath.Join(c.folder, "deploy_check_f64")); len(matches) == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for _, knowStimulus := range []bool{true, false} {
				result := c.replayDump(t, "deploy_check_f64", true, knowStimulus)
				require.Equal(t, Pass, result.Verdict(), "%+v", result.First)
				require.Zero(t, result.Counts.Explained)
				t.Logf("%+v %v", result.Counts, result.Notes)
			}
		})
	}
}
