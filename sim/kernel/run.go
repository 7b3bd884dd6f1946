package kernel

import (
	"cmp"
	"runtime"
	"slices"
	"time"
)

// maxColumns is how many sequences run in step, sharing each reading of the weights.
const maxColumns = 16

// column is one sequence of a run.
type column struct {
	s     *Sequence
	steps int
}

// run divides the sequences into groups that run in step, and the groups among the threads; where there are more threads than
// groups, it divides the rows of the matrices as well.
func (f *fused) run(sequences []Sequence, threads int) {
	if !f.divide {
		threads = min(threads, runtime.GOMAXPROCS(0))
	}
	threads = max(1, threads)
	groups := f.group(sequences, threads)
	workers := 1
	if len(groups) > 0 && len(groups) < threads {
		workers = f.rowWorkers(threads / len(groups))
	}
	each(len(groups), threads, func(n int) { f.runGroup(groups[n], workers) })
}

// group puts sequences of like length together. A traced sequence runs alone, since its trace is laid out by unit.
func (f *fused) group(sequences []Sequence, threads int) [][]column {
	var groups [][]column
	var plain []column
	for n := range sequences {
		c := column{&sequences[n], len(sequences[n].X) / f.inputs}
		switch {
		case c.steps == 0:
		case c.s.Trace != nil:
			groups = append(groups, []column{c})
		default:
			plain = append(plain, c)
		}
	}
	slices.SortStableFunc(plain, func(a, b column) int { return cmp.Compare(b.steps, a.steps) })
	size := min(max((len(plain)+threads-1)/threads, 1), maxColumns)
	return slices.AppendSeq(groups, slices.Chunk(plain, size))
}

// A step's rows are worth dividing among threads where each gets this many products: several times what a barrier costs.
const productsPerWorker = 1 << 18

// rowWorkers is the number of threads that a step is worth, at most limit.
func (f *fused) rowWorkers(limit int) int {
	places := f.state.panels / f.splitUnit()
	if f.divide {
		return max(1, min(limit, places))
	}
	products := f.gates * f.hidden * f.hidden
	return max(1, min(limit, products/productsPerWorker, places))
}

// splitUnit is the number of panels between places where units and panels end together.
func (f *fused) splitUnit() int {
	if f.isLSTM {
		return 1
	}
	return 3 // 3 panels of 4 vectors are 4 blocks of 3 gates
}

// runGroup runs the columns, longest first, with the rows divided among the workers.
func (f *fused) runGroup(columns []column, workers int) {
	w := f.workspace(len(columns), workers)
	defer f.workspaces.Put(w)
	for n, c := range columns {
		copy(w.h[0][n*f.stride:], c.s.H)
		for u, v := range c.s.C {
			w.c[n*f.stride+u] = int32(v)
		}
	}
	if f.state.eight {
		f.r.cut8(w.h8[0], w.h[0], f.stateCut)
	}
	t := &team{}
	for n := range workers {
		t.workers = append(t.workers, newWorker(f, w, columns, n, t))
	}
	t.run(func() { f.lead(t, w, columns) })
}

// lead posts the jobs of a run: for each chunk the products with x, then its steps, in windows for which the pace decides how
// many workers take part.
func (f *fused) lead(t *team, w *workspace, columns []column) {
	f.paceLock.Lock()
	p := f.pace
	f.paceLock.Unlock()
	p.always = f.divide
	for begin := 0; begin < columns[0].steps; begin += w.chunk {
		end := min(begin+w.chunk, columns[0].steps)
		t.workers[0].readInputs(begin)
		t.share(job{begin: begin, workers: p.workers(len(t.workers))})
		for from := begin; from < end; {
			j := job{steps: true, begin: begin, from: from, to: min(from+p.window(), end), workers: p.workers(len(t.workers))}
			if len(t.workers) == 1 {
				j.to = end
			}
			from = j.to
			start := time.Now()
			t.share(j)
			p.measured(j.workers, j.to-j.from, time.Since(start))
		}
	}
	f.paceLock.Lock()
	f.pace = p
	f.paceLock.Unlock()
}
