package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/selftest"
	"rnnsim/selftest/differential"
)

func TestSelftestCommand(t *testing.T) {
	code, stdout, stderr := inProcess(t, "selftest", "--flips", "36", "--jobs", "1", "--json")
	require.Equal(t, exitSame, code, stderr)
	var flips selftest.Report
	require.NoError(t, json.Unmarshal([]byte(stdout), &flips))
	assert.EqualValues(t, 36, flips.Flips)
	for _, kind := range selftest.Kinds() {
		assert.EqualValues(t, 6, flips.Kinds[kind].Flips)
	}
	code, stdout, stderr = inProcess(t, "selftest", "--flips", "6", "--first", "12", "../../vectors/digits-gru16")
	require.Equal(t, exitSame, code, stderr)
	assert.Contains(t, stdout, "6 flipped bits, seed 1, from number 12 on")
	assert.Contains(t, stdout, "PASS: none missed")

	code, stdout, stderr = inProcess(t, "selftest", "--differential", "--cells", "20", "--jobs", "1", "--json")
	require.Equal(t, exitSame, code, stderr)
	var cells differential.Report
	require.NoError(t, json.Unmarshal([]byte(stdout), &cells))
	assert.GreaterOrEqual(t, cells.Cells, uint64(20))
	assert.Nil(t, cells.Found)
	code, stdout, _ = inProcess(t, "selftest", "--differential", "--cells", "5")
	assert.Equal(t, exitSame, code)
	assert.Contains(t, stdout, "no difference")

	for _, args := range [][]string{
		{"--flips", "0"}, {"--jobs", "-1"}, {"a", "b"}, {"--differential", "a"}, {"--differential", "--seconds", "-1"},
		{"--differential", "--seconds", "0"}, {"--differential", "--jobs", "-2"},
	} {
		code, _, stderr := inProcess(t, append([]string{"selftest"}, args...)...)
		assert.Equal(t, exitUsage, code, "%v: %s", args, stderr)
	}
	code, _, stderr = inProcess(t, "selftest", "nowhere")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "test with the case nowhere")
}
