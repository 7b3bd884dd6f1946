package verify

import (
	"cmp"
	"slices"
)

// orderKey is the order in which values of a run come about: the first divergence is the smallest.
type orderKey struct{ sequence, cell, step, node int }

func (k orderKey) compare(o orderKey) int {
	return cmp.Or(
		cmp.Compare(k.sequence, o.sequence),
		cmp.Compare(k.cell, o.cell),
		cmp.Compare(k.step, o.step),
		cmp.Compare(k.node, o.node),
	)
}

// divergences keeps the first few in order, however they come.
type divergences struct {
	limit int
	total int64
	kept  []placed
}

type placed struct {
	key orderKey
	Divergence
}

// wants counts a divergence and says whether it is among the first, so that only those need to be described.
func (d *divergences) wants(key orderKey) bool {
	d.total++
	return len(d.kept) < d.limit || key.compare(d.kept[len(d.kept)-1].key) < 0
}

func (d *divergences) add(key orderKey, found Divergence) {
	at, _ := slices.BinarySearchFunc(d.kept, key, func(p placed, k orderKey) int { return p.key.compare(k) })
	d.kept = slices.Insert(d.kept, at, placed{key, found})
	if len(d.kept) > d.limit {
		d.kept = d.kept[:d.limit]
	}
}

func (d *divergences) sorted() []Divergence {
	list := make([]Divergence, len(d.kept))
	for i, p := range d.kept {
		list[i] = p.Divergence
	}
	return list
}
