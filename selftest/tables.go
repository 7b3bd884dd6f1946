package selftest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// tableHit is a value of a trace that came out of a table: which entry, of which table.
type tableHit struct {
	sigmoid bool
	entry   int
	frame   int
	node    int
	unit    int
}

// findHits finds the entries that the trace's activations were read from: floor(y · 2^7) of sigmoid, floor(y · 2^8) of tanh, from
// the middle of the table on.
func (s *subject) findHits() {
	s.hits = map[int][]tableHit{}
	for n, frame := range s.trace.Frames {
		nodes := s.trace.Header.Cells[frame.Cell].Nodes
		for at, node := range nodes {
			if node.Op != "sigmoid" && node.Op != "tanh" {
				continue
			}
			y := slices.IndexFunc(nodes, func(other dump.Node) bool { return other.Name == tableReads[node.Name] })
			if y < 0 || node.Position != fixed.TablePosition {
				continue
			}
			steps := 128.0
			if node.Op == "tanh" {
				steps = 256
			}
			for unit, v := range frame.Fixed[y] {
				entry := int(plainInteger(float64(v)*steps, 16, -nodes[y].Position, floor)) + fixed.TableSize/2
				if entry >= 0 && entry < fixed.TableSize {
					hit := tableHit{node.Op == "sigmoid", entry, n, at, unit}
					s.hits[hit.key()] = append(s.hits[hit.key()], hit)
				}
			}
		}
	}
}

// tableReads names the node that an activation of a cell is taken of.
var tableReads = map[string]string{"it": "y_i", "ft": "y_f", "cct": "y_g", "ot": "y_o", "c_temp": "c_next"}

// key numbers the entries of both tables.
func (h tableHit) key() int {
	if h.sigmoid {
		return h.entry
	}
	return fixed.TableSize + h.entry
}

// flipTable spoils an entry of a device's table: every activation that reads it is other by that bit, and the device's trace, each
// node computed from what it recorded of the others, must show those and no others.
func (s *subject) flipTable(ctx context.Context, random *rand.Rand, f *flip) error {
	key := random.IntN(2 * fixed.TableSize)
	if random.IntN(4) > 0 { // most flips where the run reads
		keys := make([]int, 0, len(s.hits))
		for k := range s.hits {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		key = keys[random.IntN(len(keys))]
	}
	bit := random.IntN(16)
	name := map[bool]string{true: "sigmoid", false: "tanh"}[key < fixed.TableSize]
	f.place = fmt.Sprintf("%s: table of %s, entry %d, bit %d", s.name, name, key%fixed.TableSize, bit)
	hits := s.hits[key]
	if len(hits) == 0 {
		return f.is(harmless, "an entry that the run does not read")
	}
	device := &dump.Memory{Header: s.trace.Header, Frames: slices.Clone(s.trace.Frames)}
	wanted := map[verify.Address]bool{}
	for _, h := range hits {
		if device.Frames[h.frame] == s.trace.Frames[h.frame] {
			device.Frames[h.frame] = device.Frames[h.frame].Clone()
		}
		frame := device.Frames[h.frame]
		frame.Fixed[h.node][h.unit] ^= 1 << bit
		cell := s.trace.Header.Cells[frame.Cell]
		wanted[verify.Address{
			Layer: cell.Layer, Backward: cell.Backward, Sequence: frame.Sequence, Step: frame.Step, Node: cell.Nodes[h.node].Name, Index: h.unit,
		}] = true
	}
	comparison, err := verify.Replay(ctx, func() (dump.Source, error) { return device.Source(), nil }, s.exact, s.model,
		verify.ReplayOptions{Exact: true, Compat: xmodel.Sane, Errors: len(hits)})
	if err != nil {
		return err
	}
	return judgeTable(f, comparison, wanted)
}

func judgeTable(f *flip, c *verify.Comparison, wanted map[verify.Address]bool) error {
	if c.Counts.Wrong != int64(len(wanted)) {
		return f.is(missed, "%d activations are other, %d were found", len(wanted), c.Counts.Wrong)
	}
	nodes := map[verify.Address]bool{} // a divergence is a node at a step, told by its first value
	for at := range wanted {
		at.Index = 0
		nodes[at] = true
	}
	for _, d := range append([]verify.Divergence{*c.First}, c.More...) {
		if !wanted[d.Address] {
			return f.is(missed, "found at %v, where no entry was altered", d.Address)
		}
		at := d.Address
		at.Index = 0
		delete(nodes, at)
	}
	if len(nodes) > 0 {
		return f.is(missed, "%d nodes with altered activations were not found", len(nodes))
	}
	return f.is(found, "%v", c.First.Address)
}
