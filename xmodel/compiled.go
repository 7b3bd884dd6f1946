package xmodel

import (
	"errors"
	"fmt"
	"slices"
)

// Target is the accelerator that a model was compiled for.
type Target string

// The targets of the compiled models. Those for the U50LV card say U50.
const (
	U25 Target = "U25"
	U50 Target = "U50"
)

// instructionSize is the length of an instruction word in bytes.
const instructionSize = 16

// Compiled is a compiled RNN model: instruction streams and a weight blob for one accelerator and batch. Its byte slices are
// those of the graph it was taken from.
type Compiled struct {
	Source string
	Target Target
	Batch  int // sequences that run at once, a lane each
	// ModelType is what the file says; the compiler writes "lstm" for GRUs too. See BlobKind.
	ModelType string
	Weights   []byte // the blob: int16, little endian
	End       []byte // instructions that run once, at the end
	// InputPosition and OutputPosition are the fix positions of x and of h as the application sees them.
	InputPosition, OutputPosition int
	Runner                        map[string]string
	Branch, Commit                string // of the compiler
	Cells                         []CompiledCell
}

// CompiledCell is a cell of a compiled model.
type CompiledCell struct {
	Name string
	Init []byte // instructions of the first step
	Loop []byte // instructions of each later step
	// LoadX, LoadH and SaveH say how much a step moves between the memory and the lanes: x, h before, h after.
	LoadX, LoadH, SaveH Transfer
	// XLanes and HLanes are the on-chip addresses that x and h go to, one a lane.
	XLanes, HLanes []uint32
	// XRegisters and HRegisters are the names of the registers that the runner sets for x and h.
	XRegisters, HRegisters []string
}

// Transfer is a register map: the bytes of one step, as they are and as they lie in memory.
type Transfer struct {
	Forward  bool // the address grows from step to step
	Aligned  int  // bytes from one step to the next
	Original int  // bytes that mean something
}

// Values is the number of int16 values that mean something.
func (t Transfer) Values() int { return t.Original / 2 }

// ReadCompiled opens a compiled RNN model. Errors name the file, the subgraph and the attribute.
func ReadCompiled(path string) (*Compiled, error) {
	g, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := NewCompiled(g)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	c.Source = path
	return c, nil
}

// NewCompiled takes the compiled model out of its graph and checks it: known target, instruction streams of whole words, a lane
// address for every lane, as many parts as cells.
func NewCompiled(g *Graph) (*Compiled, error) {
	if kind := g.FileKind(); kind != CompiledRNN {
		return nil, fmt.Errorf("graph %q is a %s, a compiled RNN model is wanted", g.Name, kind)
	}
	r := attrReader{attrs: g.Root.Attrs}
	c := &Compiled{
		Target: Target(read[string](&r, "target")), Batch: int(read[int32](&r, "batch")), ModelType: read[string](&r, "model_type"),
		Weights: read[[]byte](&r, "weights"), End: r.instructions("end_bin_instr"),
		InputPosition: r.position("input_float2fix"), OutputPosition: r.position("output_fix2float"),
		Runner: optional[map[string]string](&r, "runner"),
		Branch: optional[map[string]string](&r, "git_branch")["compiler"], Commit: optional[map[string]string](&r, "git_commit")["compiler"],
	}
	cells := read[int32](&r, "cell_size")
	if r.err == nil {
		r.err = c.check(int(cells), len(g.Root.Children))
	}
	if r.err != nil {
		return nil, fmt.Errorf("subgraph %q: %w", g.Root.Name, r.err)
	}
	for i, child := range g.Root.Children {
		cell, err := compiledCell(child, c.Batch)
		if err != nil {
			return nil, fmt.Errorf("subgraph %q (cell %d): %w", child.Name, i, err)
		}
		c.Cells = append(c.Cells, cell)
	}
	return c, nil
}

func (c *Compiled) check(cells, children int) error {
	switch {
	case c.Target != U25 && c.Target != U50:
		return fmt.Errorf("attribute \"target\" is %q; only %s and %s are known", c.Target, U25, U50)
	case c.Batch < 1:
		return fmt.Errorf("attribute \"batch\" is %d; at least one lane is wanted", c.Batch)
	case cells < 1 || cells != children:
		return fmt.Errorf("attribute \"cell_size\" is %d, the subgraph has %d parts; they must be one for each cell", cells, children)
	case len(c.Weights) == 0 || len(c.Weights)%2 != 0:
		return fmt.Errorf("attribute \"weights\" has %d bytes; int16 values are wanted", len(c.Weights))
	}
	return nil
}

func compiledCell(s *Subgraph, batch int) (CompiledCell, error) {
	r := attrReader{attrs: s.Attrs}
	c := CompiledCell{
		Name: s.Name, Init: r.instructions("init_bin_instr"), Loop: r.instructions("loop_bin_instr"),
		LoadX: r.transfer("load_src_reg_0"), LoadH: r.transfer("load_src_reg_1"), SaveH: r.transfer("save_dst_reg_1"),
		XLanes: r.lanes("load_dst_reg_0", batch), HLanes: r.lanes("load_dst_reg_1", batch),
		XRegisters: read[[]string](&r, "Xt"), HRegisters: read[[]string](&r, "Ht"),
	}
	for _, name := range slices.Concat(c.XRegisters, c.HRegisters) {
		if _, ok := s.Attrs[name]; !ok && r.err == nil {
			r.err = fmt.Errorf("attributes \"Xt\" and \"Ht\" name the register %q, which is not there", name)
		}
	}
	if r.err == nil && c.LoadH != c.SaveH {
		r.err = errors.New("registers load_src_reg_1 and save_dst_reg_1 differ; h must be read as it was written")
	}
	return c, r.err
}
