package xmodel

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
)

// canonical is a copy of the graph in the one form that all graphs of the same meaning share: ops sorted by name, tensors
// named, and no root subgraph where it says nothing beyond its ops.
func (g *Graph) canonical() *Graph {
	c := &Graph{Name: g.Name, Attrs: g.Attrs, Ops: slices.Clone(g.Ops)}
	for i, op := range c.Ops {
		if op.Output.Name == "" {
			named := *op
			named.Output.Name = op.Name
			c.Ops[i] = &named
		}
	}
	slices.SortStableFunc(c.Ops, func(a, b *Op) int { return cmp.Compare(a.Name, b.Name) })
	if g.Root != nil && (len(g.Root.Children) > 0 || len(g.Root.Attrs) > 0) {
		c.Root = canonicalSubgraph(g.Root)
	}
	return c
}

func canonicalSubgraph(s *Subgraph) *Subgraph {
	c := &Subgraph{Name: s.Name, Attrs: s.Attrs, Ops: slices.Compact(slices.Sorted(slices.Values(s.Ops)))}
	for _, child := range s.Children {
		c.Children = append(c.Children, canonicalSubgraph(child))
	}
	return c
}

// Digest is the SHA-256 of the model in hex. Models of the same meaning have the same digest, whoever wrote their files and in
// whichever order the ops came. The graphs must be ones that can be written, as all parsed and built ones are; Digest panics
// where one was filled in by hand with what XIR cannot say.
func (m *Model) Digest() string {
	h := sha256.New()
	for _, c := range m.Cells {
		g := c.Graph.canonical()
		head := binary.LittleEndian.AppendUint64(nil, uint64(c.Layer))
		head = append(head, byte(rank(c.Backward)))
		head = binary.LittleEndian.AppendUint64(head, uint64(len(g.Ops)))
		h.Write(head)
		hashPart(h, &Graph{Name: g.Name, Attrs: g.Attrs, Root: g.Root})
		for _, op := range g.Ops {
			hashPart(h, &Graph{Ops: []*Op{op}})
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashPart hashes a piece of a graph, with its length in front, so that a large model is never encoded as a whole.
func hashPart(h hash.Hash, part *Graph) {
	data, err := part.Marshal()
	if err != nil {
		panic(fmt.Sprintf("xmodel: digest of a graph that cannot be written: %v", err))
	}
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(data))))
	h.Write(data)
}
