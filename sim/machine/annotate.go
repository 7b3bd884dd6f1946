package machine

import (
	"fmt"
	"slices"
	"strings"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// meaning is a vector of a node.
type meaning struct {
	label string
	block int
}

// glossary names the terms of a loop, and those of a first step that stand for them.
type glossary struct {
	exact map[*term]meaning
	// reduced are terms of the first step, by what is left of them and the kind of word: several nodes are one where state is zero.
	reduced map[reducedTerm]meaning
	// products are known by their weights too, for those with a zero vector.
	products map[term]meaning
}

type reducedTerm struct {
	term *term
	kind termKind
}

func (t *term) weights() term { return term{b: t.b, place: t.place} }

// glossary calls a product that a bias is still to be added to by its factors.
func (a *analysis) glossary() *glossary {
	g := &glossary{exact: map[*term]meaning{}, reduced: map[reducedTerm]meaning{}, products: map[term]meaning{}}
	memo := map[*term]*term{}
	for block, m := range a.matched {
		for _, n := range xmodel.Nodes(a.probe.kind) {
			t := m[n.Label]
			if t == nil {
				continue
			}
			g.exact[t] = meaning{n.Label, block}
			if first := a.firstStep(t, memo); first.kind != termZero {
				g.reduced[reducedTerm{first, t.kind}] = meaning{n.Label, block}
			}
			if n.Op != "matmul" {
				continue
			}
			label := n.Label
			if t.kind == termAdd {
				t, _, _ = t.either(termProduct)
				t = t.core()
				label, _, _ = strings.Cut(label, " +")
			}
			g.exact[t], g.products[t.weights()] = meaning{label, block}, meaning{label, block}
		}
	}
	return g
}

// annotate says of words what they compute: "y_g [0:128]". In the first step some compute zeros.
func (a *analysis) annotate(written []writtenVector, isFirst bool) map[int]string {
	g := a.glossary()
	memo := map[*term]*term{}
	found, zeros := map[int][]meaning{}, map[int]bool{}
	for _, w := range written {
		m, ok := g.exact[w.value]
		if !ok && w.value.kind == termProduct {
			m, ok = g.products[w.value.weights()]
		}
		if !ok {
			m, ok = g.reduced[reducedTerm{a.firstStep(w.value, memo), w.value.kind}]
		}
		if !ok && w.value.kind == termRescale {
			if m, ok = g.exact[w.value.core()]; ok {
				m.label += " at another fix position"
			}
		}
		if ok {
			found[w.word] = append(found[w.word], m)
		} else if isFirst && a.firstStep(w.value, memo).kind == termZero {
			zeros[w.word] = true
		}
	}
	labels := map[int]string{}
	for word := range zeros {
		labels[word] = "zeros: there is no state yet"
	}
	for word, all := range found {
		labels[word] = describe(all, a.view.Units)
	}
	return labels
}

// describe joins neighbouring vectors of one node.
func describe(all []meaning, units int) string {
	slices.SortStableFunc(all, func(a, b meaning) int { return a.block - b.block })
	var parts []string
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end] == (meaning{all[i].label, all[end-1].block + 1}) {
			end++
		}
		from, to := all[i].block*isa.ElementwiseWidth, min(units, (all[end-1].block+1)*isa.ElementwiseWidth)
		parts = append(parts, fmt.Sprintf("%s [%d:%d]", all[i].label, from, to))
		i = end
	}
	return strings.Join(parts, ", ")
}
