package kernel

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestChoicesAreReadAndWritten(t *testing.T) {
	texts := []string{General, divided, General + "+" + divided}
	for _, set := range Sets() {
		texts = append(texts, set, set+"+"+divided)
	}
	for _, text := range texts {
		c, err := ParseChoice(text)
		require.NoError(t, err)
		assert.Equal(t, text, c.String())
	}
	for text, want := range map[string]string{
		"mmx": `choose a kernel: "mmx" is none; this processor runs `, "generic+general": `"generic+general" names two routine sets`,
	} {
		_, err := ParseChoice(text)
		require.ErrorContains(t, err, want)
	}
}

// Rows are divided among more workers than there are processors, so that each waits for others that do not run.
func TestEveryChoiceGivesTheSame(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	random := seeded(t)
	p := alignedLSTM(random, fills[1].fill, 9, 70, 16, 12)
	general := p
	general.Choice = Choice{Set: General}
	cell, err := NewLSTM(general)
	require.NoError(t, err)
	require.Equal(t, "general", cell.Plan().Kernel)
	want := randomBatch(random, 9, 70, 3, 20, cell.layout)
	inputs := make([]Sequence, len(want))
	for k := range want {
		inputs[k] = clone(want[k])
		inputs[k].Trace = nil
	}
	require.NoError(t, cell.Run(want, 1))
	for _, set := range Sets() {
		for _, divide := range []bool{false, true} {
			p.Choice = Choice{Set: set, Divide: divide}
			cell, err := NewLSTM(p)
			require.NoError(t, err)
			require.Equal(t, set, cell.Plan().Kernel)
			for processors := 1; processors <= 4; processors++ {
				runtime.GOMAXPROCS(processors)
				got := make([]Sequence, len(inputs))
				for k := range inputs {
					got[k] = clone(inputs[k])
				}
				require.NoError(t, cell.Run(got, 10))
				for k := range got {
					require.Equal(t, want[k].Output, got[k].Output, "%v on %d processors", p.Choice, processors)
					require.Equal(t, want[k].H, got[k].H)
					require.Equal(t, want[k].C, got[k].C)
				}
			}
		}
	}
}

// TestTheEnvironmentChooses starts this test again, in a process with the variable set.
func TestTheEnvironmentChooses(t *testing.T) {
	if os.Getenv("RNNSIM_TEST_CHOICE") != "" {
		cell, err := NewLSTM(alignedLSTM(seeded(t), fills[1].fill, 4, 8, 8, 12))
		if err != nil {
			t.Log(err)
			t.Fail()
			return
		}
		t.Log("runs", cell.Plan().Kernel, "and", best().name)
		return
	}
	program, err := os.Executable()
	require.NoError(t, err)
	for choice, want := range map[string]string{
		"generic": "runs generic and generic", General: "runs general and generic", "sse": `read the environment variable RNNSIM_KERNEL: choose a kernel: "sse" is none`,
	} {
		again := exec.Command(program, "-test.run=^TestTheEnvironmentChooses$", "-test.v")
		again.Env = append(os.Environ(), "RNNSIM_TEST_CHOICE=1", Environment+"="+choice)
		out, err := again.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("this program runs under an emulator, which does not start others")
		}
		assert.Contains(t, string(out), want)
		assert.Equal(t, choice == "sse", err != nil)
	}
}
