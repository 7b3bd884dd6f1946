package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/xmodel"
)

func TestMeasure(t *testing.T) {
	c := Config{Shape: Shape{3, []int{8, 5}, 4, 2}, WeightBits: 8, Threads: 1}
	r, err := Measure(context.Background(), c, 20*time.Millisecond)
	require.NoError(t, err)
	assert.Equal(t, "lstm", r.Cell)
	assert.Equal(t, "3,8+5,4,2", r.Shape)
	assert.Equal(t, checksumOf(t, c), r.Checksum)
	assert.GreaterOrEqual(t, r.Runs, turns)
	assert.Greater(t, r.MedianStepsPerSecond, 0.0)
	assert.GreaterOrEqual(t, r.StepsPerSecond, r.MedianStepsPerSecond)
	assert.InEpsilon(t, r.StepsPerSecond*float64(4*(8*(3+8)+5*(8+5)))/1e9, r.GMACs, 1e-9)
	assert.InEpsilon(t, r.StepsPerSecond/r.RooflineStepsPerSecond, r.RooflineFraction, 1e-9)

	c.Kind = xmodel.GRU
	g, err := Measure(context.Background(), c, 0)
	require.NoError(t, err)
	assert.Zero(t, g.RooflineFraction)
	text, err := json.Marshal(g)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "roofline", "what is not known is absent")

	var table bytes.Buffer
	require.NoError(t, WriteText(&table, []Result{*r, *g}))
	assert.Contains(t, table.String(), r.Checksum[:16])
}

func TestMeasureIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Measure(ctx, Config{Shape: Shape{3, []int{5}, 4, 2}, WeightBits: 8}, time.Hour)
	require.ErrorIs(t, err, context.Canceled)
}
