package xmodel

import "fmt"

// The graph of a compiled model is one data op without meaning, whose subgraphs carry everything.
const (
	compiledGraphName = "LSTM_Runtime_XModel" // for GRUs too
	dummyOp           = "dummy_data"
	dummyShape        = 2147483647
)

// WriteCompiled writes a compiled model as the vendor's compiler does. The file appears whole or not at all.
func WriteCompiled(path string, c *Compiled) error { return WriteFile(path, c.Graph()) }

// Graph is the inverse of NewCompiled. A model of one cell has the form of the known files. How one of several is written is not
// known: here each further cell has a dummy op of its own, which reads the one before, so that a topological order of the subgraphs
// is the order of the cells.
func (c *Compiled) Graph() *Graph {
	g := &Graph{Name: compiledGraphName, Root: &Subgraph{Name: "root", Attrs: Attrs{
		"target": string(c.Target), "batch": int32(c.Batch), "cell_size": int32(len(c.Cells)), "model_type": c.ModelType,
		"weights": full(c.Weights), "end_bin_instr": full(c.End),
		"input_float2fix": int32(c.InputPosition), "output_fix2float": int32(c.OutputPosition),
		"runner":     fullMap(c.Runner),
		"git_branch": map[string]string{"compiler": c.Branch}, "git_commit": map[string]string{"compiler": c.Commit},
	}}}
	for i := range c.Cells {
		cell := &c.Cells[i]
		op := &Op{
			Name: dummyOp, Type: "data", Attrs: Attrs{"data_type": "FLOAT32", "shape": []int32{dummyShape}},
		}
		if i > 0 {
			op = &Op{Name: fmt.Sprintf("%s_%d", dummyOp, i), Type: "relu", Args: []Arg{{Name: "input", Ops: []string{g.Ops[i-1].Name}}}}
		}
		op.Output = Tensor{Name: op.Name, Shape: []int32{dummyShape}, Type: Float, BitWidth: 32}
		g.Ops = append(g.Ops, op)
		g.Root.Children = append(g.Root.Children, &Subgraph{Name: "subgraph_" + op.Name, Ops: []string{op.Name}, Attrs: Attrs{
			"init_bin_instr": full(cell.Init), "loop_bin_instr": full(cell.Loop),
			"load_src_reg_0": cell.LoadX.registers(), "load_src_reg_1": cell.LoadH.registers(), "save_dst_reg_1": cell.SaveH.registers(),
			"load_dst_reg_0": full(cell.XLanes), "load_dst_reg_1": full(cell.HLanes),
			"Xt": full(cell.XRegisters), "Ht": full(cell.HRegisters),
		}})
	}
	return g
}

// registers is the register map of a transfer.
func (t Transfer) registers() map[string]uint32 {
	dir := uint32(0)
	if t.Forward {
		dir = 1
	}
	return map[string]uint32{"dir": dir, "aligned_size": uint32(t.Aligned), "original_size": uint32(t.Original)}
}
