package compile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/compile"
)

func BenchmarkLift(b *testing.B) {
	c := readCompiled(b, realFiles(b)[4])
	for b.Loop() {
		_, err := compile.Lift(c)
		require.NoError(b, err)
	}
}

func BenchmarkCompile(b *testing.B) {
	c := readCompiled(b, realFiles(b)[4])
	l, err := compile.Lift(c)
	require.NoError(b, err)
	for b.Loop() {
		_, err := compile.Compile(l.Model, compile.Options{Target: c.Target, Batch: c.Batch})
		require.NoError(b, err)
	}
}
