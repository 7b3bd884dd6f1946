package compile

import (
	"fmt"
	"strings"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// recovery reads a cell out of the expressions for its h: gates, shifts, parameters. It takes each shift from the first block that
// shows it; that all blocks and lanes agree is for the proof to show.
type recovery struct {
	*machine
	*step
	reading
	kind          xmodel.CellKind
	input, hidden int // values

	shifts map[string]int // by what they follow
	values map[string][]int16
	places map[string][]int32 // bytes of the blob that the values come from, -1 where the stream does not read them
	// h and c are the terms of the state's blocks; -1 where nothing depends on them.
	h, c []termID
}

// notCell says that an expression has not the form of a cell.
func (r *recovery) notCell(id termID, want string) error {
	return fmt.Errorf("the stream computes no %s: %s is wanted, and there is %s", r.kind, want, r.describe(id))
}

// unitBlocks is how many blocks a unit of 32 values has.
const unitBlocks = isa.ElementwiseWidth / blockValues

// firstInput, firstBlock and ownBlocks place x in the frames that are read, and h in those that are saved.
func (r *recovery) firstInput() int { return r.reading.in.at * unitBlocks }
func (r *recovery) firstBlock() int { return r.reading.out.at * unitBlocks }
func (r *recovery) ownBlocks() int {
	if r.handedTo > 0 {
		return r.handedTo * unitBlocks
	}
	return len(r.step.out[0]) - r.firstBlock()
}

func (m *machine) recover(s *step, reads reading, hidden int) (*recovery, error) {
	r := &recovery{
		machine: m, step: s, reading: reads, input: len(reads.in.columns), hidden: hidden,
		shifts: map[string]int{}, values: map[string][]int16{}, places: map[string][]int32{},
	}
	blocks := (hidden + blockValues - 1) / blockValues
	if len(s.out[0]) < r.firstBlock()+blocks {
		return nil, fmt.Errorf("h of %d values is wanted, and the stream saves %d blocks of %d", hidden, len(s.out[0]), blockValues)
	}
	own := s.out[0][r.firstBlock():][:blocks]
	r.h, r.c = noTerms(blocks), noTerms(blocks)
	r.kind = r.kindOf(own)
	for _, label := range xmodel.Parameters(r.kind, true) {
		n := hidden
		if width := r.columns(label); width > 0 {
			n *= width
		}
		r.values[label], r.places[label] = make([]int16, n), make([]int32, n)
		for i := range n {
			r.places[label][i] = -1
		}
	}
	for block, id := range own {
		if _, constant := r.machine.values(id); constant {
			continue // the proof shows that it stays zero
		}
		read := r.lstm
		if r.kind == xmodel.GRU {
			read = r.gru
		}
		if err := read(block, id); err != nil {
			return nil, fmt.Errorf("values %d to %d of h: %w", block*blockValues, (block+1)*blockValues-1, err)
		}
	}
	return r, nil
}

func noTerms(n int) []termID {
	list := make([]termID, n)
	for i := range list {
		list[i] = -1
	}
	return list
}

// kindOf tells by the last operation: a product of an LSTM's o and tanh(c), a sum in a GRU.
func (r *recovery) kindOf(blocks []termID) xmodel.CellKind {
	for _, id := range blocks {
		switch e := r.list[r.bare(id)]; e.op {
		case opAdd:
			return xmodel.GRU
		case opMultiply:
			return xmodel.LSTM
		}
	}
	return xmodel.LSTM
}

// columns is the width of a matrix by its label, 0 for a bias.
func (r *recovery) columns(label string) int {
	switch {
	case strings.HasPrefix(label, "weight_i"):
		return r.input
	case strings.HasPrefix(label, "weight_h"):
		return r.hidden
	}
	return 0
}

// note keeps a shift.
func (r *recovery) note(name string, shift int) {
	if _, known := r.shifts[name]; !known {
		r.shifts[name] = shift
	}
}

// bare is a term without the change of fix position around it.
func (r *recovery) bare(id termID) termID {
	if e := r.list[id]; e.op == opRescale {
		return e.a
	}
	return id
}

// strip is bare, and notes the change under a name.
func (r *recovery) strip(name string, id termID) termID {
	shift := 0
	if e := r.list[id]; e.op == opRescale {
		shift = int(e.shift)
	}
	r.note(name+" rescaled", shift)
	return r.bare(id)
}

// isOp tells whether a term, apart from a change of fix position, is made by an operation.
func (r *recovery) isOp(id termID, op operation) bool { return r.list[r.bare(id)].op == op }

// order gives two operands, the first of which is wanted to satisfy a condition.
func order(a, b termID, first func(termID) bool) (termID, termID) {
	if !first(a) && first(b) {
		return b, a
	}
	return a, b
}

// expect takes a term of an operation apart, and notes its shift.
func (r *recovery) expect(name string, id termID, op operation) (term, error) {
	e := r.list[id]
	if e.op != op {
		return e, r.notCell(id, fmt.Sprintf("%s as %s", op, name))
	}
	r.note(name, int(e.shift))
	return e, nil
}
