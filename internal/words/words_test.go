package words

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", -1000: "-1,000", -999: "-999", 1234567: "1,234,567", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		require.Equal(t, want, Grouped(n))
	}
}

func TestPlural(t *testing.T) {
	require.Equal(t, "1 step", Plural(1, "step"))
	require.Equal(t, "0 steps", Plural(0, "step"))
	require.Equal(t, "2,880 steps", Plural(2880, "step"))
}
