package verify

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkRunCase verifies shipped cases as a whole.
func BenchmarkRunCase(b *testing.B) {
	for _, name := range []string{"digits-lstm16", "digits-lstm8", "digits-gru8"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c, err := OpenCase("../vectors/" + name)
				require.NoError(b, err)
				report, err := RunCase(context.Background(), c, CaseOptions{})
				require.NoError(b, err)
				require.Equal(b, Pass, report.Verdict)
			}
		})
	}
}
