package kernel

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheBarrierHoldsEveryWorkerBack(t *testing.T) {
	const workers, rounds = 3, 50
	var b barrier
	b.start(workers)
	var entered atomic.Int64
	var early atomic.Int64
	each(workers, workers, func(int) {
		for round := int64(1); round <= rounds; round++ {
			entered.Add(1)
			b.wait()
			if entered.Load() < round*workers {
				early.Add(1)
			}
			b.wait()
		}
	})
	assert.Zero(t, early.Load(), "workers passed the barrier before the others arrived")
	assert.EqualValues(t, workers*rounds, entered.Load())
}

func TestHelpersThatSleepAreWoken(t *testing.T) {
	random := seeded(t)
	p := alignedLSTM(random, fills[1].fill, 5, 40, 16, 12)
	cell, err := NewLSTM(p)
	require.NoError(t, err)
	batch := []Sequence{randomSequence(random, fills[2].fill, fills[1].fill, 5, 40, 12, cell.layout)}
	want := clone(batch[0])
	cell.runGeneral(&want)

	columns := []column{{&batch[0], 12}}
	w := cell.fused.workspace(1, 2)
	copy(w.h[0], batch[0].H)
	for u, v := range batch[0].C {
		w.c[u] = int32(v)
	}
	team := &team{}
	for n := range 2 {
		team.workers = append(team.workers, newWorker(cell.fused, w, columns, n, team))
	}
	team.run(func() {
		team.workers[0].readInputs(0)
		team.share(job{workers: 2})
		for from := 0; from < 12; from += 4 {
			for !team.sleep[1].asleep.Load() {
				time.Sleep(time.Millisecond)
			}
			team.share(job{steps: true, from: from, to: from + 4, workers: 2 - from/4%2})
		}
	})
	require.Equal(t, want.Output, batch[0].Output)
	require.Equal(t, want.H, batch[0].H)
	require.Equal(t, want.C, batch[0].C)
}

func TestThePaceSharesOnlyWhilePaying(t *testing.T) {
	var p pace
	assert.Equal(t, 1, p.workers(1))
	assert.Equal(t, 1, p.workers(2), "the first window measures one worker")
	p.measured(1, 4, 400)
	assert.Equal(t, 2, p.workers(2))
	p.measured(2, 4, 240)
	assert.Equal(t, 2, p.workers(2), "60 a step shared is less than 100 alone")
	p.measured(2, 4, 560)
	assert.Equal(t, 2, p.workers(2), "140 a step is more, and no more than was saved")
	p.measured(2, 4, 4000)
	assert.Equal(t, 1, p.workers(2), "1000 a step is more than that")

	// What the bad window lost, 3600, is at most a twentieth of what follows alone.
	alone := time.Duration(0)
	for p.workers(2) == 1 {
		p.measured(1, 4, 400)
		alone += 400
	}
	assert.Equal(t, time.Duration(20*3600), alone)
	assert.Equal(t, 2, p.workers(2), "then it is tried again")
}

// However much was saved, sharing ends soon after it stops paying.
func TestThePaceForgetsOldSavings(t *testing.T) {
	p := pace{alone: 10 * time.Microsecond}
	for range lookAgain - 1 {
		p.measured(2, fewestSteps, fewestSteps*5*time.Microsecond)
	}
	lost := time.Duration(0)
	p.measured(1, fewestSteps, fewestSteps*10*time.Microsecond)
	for p.workers(2) == 2 {
		p.measured(2, fewestSteps, fewestSteps*30*time.Microsecond)
		lost += fewestSteps * 20 * time.Microsecond
	}
	assert.InDelta(t, mostSaved, lost, float64(fewestSteps*20*time.Microsecond))
}

// What one worker takes alone is measured again from time to time: it may have been found in a slow moment.
func TestThePaceLooksAgain(t *testing.T) {
	p := pace{alone: 100 * time.Microsecond}
	windows := 0
	for ; p.workers(2) == 2; windows++ {
		p.measured(2, fewestSteps, fewestSteps*60*time.Microsecond)
	}
	assert.Equal(t, lookAgain, windows)
	p.measured(1, fewestSteps, fewestSteps*40*time.Microsecond)
	lost := time.Duration(0)
	for p.workers(2) == 2 {
		p.measured(2, fewestSteps, fewestSteps*60*time.Microsecond)
		lost += fewestSteps * 20 * time.Microsecond
	}
	assert.InDelta(t, mostSaved, lost, float64(fewestSteps*20*time.Microsecond))
}

func TestMoreWorkersThanRowsAreNotUsed(t *testing.T) {
	p := alignedLSTM(seeded(t), fills[1].fill, 4, 600, 8, 12)
	cell, err := NewLSTM(p)
	require.NoError(t, err)
	assert.Equal(t, 1, cell.fused.rowWorkers(1))
	assert.Equal(t, 2, cell.fused.rowWorkers(2))
	assert.Equal(t, 4*600*600/productsPerWorker, cell.fused.rowWorkers(1000))
}

// A wake-up that was meant for the last job comes while the helper already sleeps for the next one.
func TestALateWakeUpDoesNotStartAJobEarly(t *testing.T) {
	team := &team{sleep: make([]sleeper, 2)}
	helper := &team.sleep[1]
	helper.wake = make(chan struct{}, 1)
	helper.wake <- struct{}{}
	seen := make(chan int64)
	go func() {
		team.await(1, 1)
		seen <- team.epoch.Load()
	}()
	for len(helper.wake) > 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(10 * time.Millisecond)
	team.epoch.Add(1)
	if helper.asleep.CompareAndSwap(true, false) {
		helper.wake <- struct{}{}
	}
	assert.EqualValues(t, 1, <-seen)
}

func TestWindowsTakeAboutTheSameTime(t *testing.T) {
	for alone, want := range map[time.Duration]int{
		0: fewestSteps, 1: mostSteps, 5 * time.Microsecond: mostSteps, 10 * time.Microsecond: 50, 100 * time.Microsecond: 5, time.Second: fewestSteps,
	} {
		p := pace{alone: alone}
		assert.Equal(t, want, p.window(), "%v", alone)
	}
}
