package dump

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// widest is the largest position that the tool gives by default.
const widest = 12

// derivePosition gives the fix position at which integers are the real numbers beside them; it is not known if all are zero.
func derivePosition(stem string, values []int16, reals []float64) (position int, known bool, err error) {
	for i, q := range values {
		if q == 0 {
			continue
		}
		position, ok := positionOf(reals[i], q)
		if !ok {
			return 0, false, fmt.Errorf("%s: line %d: at no fix position is %d the number %g that %s says: %s", stem+fixSuffix, i+1, q, reals[i], path.Base(stem+textSuffix), dumpAgain)
		}
		return position, true, nil
	}
	return 0, false, nil
}

// deriveFormats finds the formats of the nodes from their values, as OpenDeployCheck says.
func (c *cellFolder) deriveFormats(fsys fs.FS, r *pairReader) error {
	nodes := c.cell.Nodes
	at := map[string]int{} // positions found, by node
	for i := range nodes {
		nodes[i].Bits = 16
		if isPreFix(nodes[i].Name) {
			nodes[i].Bits = 8
			continue
		}
		for frame := 0; frame < c.frames; frame++ {
			position, known, err := c.derivePair(fsys, frame, nodes[i], r)
			if err != nil {
				return err
			}
			if known {
				at[nodes[i].Name] = position
				break
			}
		}
	}
	for i, node := range nodes {
		if !isPreFix(node.Name) {
			nodes[i].Position = positionOrRule(node.Name, at)
			at[node.Name] = nodes[i].Position
		}
	}
	for i, node := range nodes {
		if isPreFix(node.Name) {
			shift, err := c.deriveShift(fsys, node)
			if err != nil {
				return err
			}
			nodes[i].Position = at[inputOf(node.Name)] - shift
		}
	}
	return nil
}

func (c *cellFolder) derivePair(fsys fs.FS, frame int, node Node, r *pairReader) (position int, known bool, err error) {
	stem := path.Join(c.frameDir(frame), nodeStem(c.cell.Graph, node.Name))
	values, err := readIntegers(fsys, stem+fixSuffix, nil, node.Width)
	if err != nil {
		return 0, false, err
	}
	if r.reals, err = readReals(fsys, stem+textSuffix, r.reals, node.Width); err != nil {
		return 0, false, err
	}
	return derivePosition(stem, values, r.reals)
}

// positionOrRule is the position that was found, or that of the tool's rule for a node that is zero throughout.
func positionOrRule(node string, at map[string]int) int {
	if p, ok := at[node]; ok {
		return p
	}
	if slices.Contains([]string{"it", "ft", "cct", "ot", "c_temp"}, node) {
		return 15
	}
	if p, ok := at["h_next"]; ok {
		return p
	}
	return widest
}

// deriveShift finds by how many bits a matmul's 8-bit input was shifted against the node that the matmul reads. It takes the
// smallest shift at which each value is one of the three that the tool may show: the input floored and saturated, as computed;
// or, as Misreports has it, an input that shows the 8-bit value shifted back; or one truncated and wrapped.
func (c *cellFolder) deriveShift(fsys fs.FS, pre Node) (int, error) {
	const most = 15
	possible := make([]bool, most+1)
	for i := range possible {
		possible[i] = true
	}
	input := Node{Name: inputOf(pre.Name), Width: pre.Width}
	var wide, narrow []int16
	for frame := 0; frame < c.frames; frame++ {
		var err error
		stem := path.Join(c.frameDir(frame), nodeStem(c.cell.Graph, input.Name))
		if wide, err = readIntegers(fsys, stem+fixSuffix, wide, input.Width); err != nil {
			return 0, err
		}
		name := path.Join(c.frameDir(frame), c.nodeFiles(pre)[0])
		if narrow, err = readIntegers(fsys, name, narrow, pre.Width); err != nil {
			return 0, err
		}
		for i, q := range narrow {
			for shift := range possible {
				possible[shift] = possible[shift] && fits(wide[i], q, shift)
			}
			if !slices.Contains(possible, true) {
				return 0, fmt.Errorf("%s: line %d: %d does not follow from %d of %s by the shift that fits all values before: %s", name, i+1, q, wide[i], input.Name, dumpAgain)
			}
		}
	}
	return slices.Index(possible, true), nil
}

// fits tells whether q can be the 8-bit form of a 16-bit value at a shift.
func fits(wide, q int16, shift int) bool {
	floored := min(max(wide>>shift, -128), 127)
	return q == floored || shiftLeft(q, shift) == int64(wide) || q == wrapToByte(wide, shift)
}

// takeFormats puts the cells into the order of the model, with the model's nodes and formats.
func (s *DeployCheckSource) takeFormats(model Header, all bool) error {
	var ordered []cellFolder
	for number, cell := range model.Cells {
		i := slices.IndexFunc(s.cells, func(c cellFolder) bool { return c.isOf(cell, number) })
		if i < 0 {
			if !all {
				continue
			}
			return fmt.Errorf("the folder of graph %q of the model is missing: %s", cell.Graph, dumpAgain)
		}
		c := s.cells[i]
		if c.cell.Graph != cell.Graph {
			c.graph = cell.Graph
		}
		if err := c.takeFormats(cell); err != nil {
			return fmt.Errorf("%s: %w", c.dir, err)
		}
		ordered = append(ordered, c)
		s.cells = slices.Delete(s.cells, i, i+1)
	}
	if len(s.cells) > 0 {
		return fmt.Errorf("graph %q is not in the model: it is the dump of another one", s.cells[0].cell.Graph)
	}
	s.cells = ordered
	return nil
}

// isOf tells whether the folder is that of a cell of the model. The TensorFlow binding numbers the cells of a model that has other
// names for them.
func (c *cellFolder) isOf(cell Cell, number int) bool {
	if c.cell.Graph == cell.Graph {
		return true
	}
	return c.style == TensorFlow && !strings.HasPrefix(cell.Graph, tensorFlowCell) && c.cell.Graph == tensorFlowCell+strconv.Itoa(number)
}

func (c *cellFolder) takeFormats(model Cell) error {
	dumped := map[string]Node{}
	for _, node := range c.cell.Nodes {
		dumped[node.Name] = node
	}
	for _, node := range model.Nodes {
		other, ok := dumped[node.Name]
		if !ok {
			return fmt.Errorf("node %q of the model is not in %s: %s", node.Name, path.Join(c.frameDir(0), shapeFile), dumpAgain)
		}
		if other.Width != node.Width {
			return fmt.Errorf("node %q has %d values, and %d in the model: it is the dump of another one", node.Name, other.Width, node.Width)
		}
		delete(dumped, node.Name)
	}
	for _, node := range c.cell.Nodes {
		if _, ok := dumped[node.Name]; ok {
			return fmt.Errorf("node %q is not in the model: it is the dump of another one", node.Name)
		}
	}
	params, err := c.paramFormats(model.Params)
	if err != nil {
		return err
	}
	c.cell.Layer, c.cell.Backward, c.cell.Nodes, c.cell.Params = model.Layer, model.Backward, model.Nodes, params
	return nil
}

// paramFormats gives the parameters that were dumped the order and the formats of the model's. A dump may have none of them,
// but not some; where the model has none, their formats are derived.
func (c *cellFolder) paramFormats(model []Param) ([]Param, error) {
	if len(model) == 0 || len(c.cell.Params) == 0 {
		return c.cell.Params, nil
	}
	dumped := map[string]Param{}
	for _, p := range c.cell.Params {
		dumped[p.Name] = p
	}
	var params []Param
	for _, m := range model {
		p, ok := dumped[m.Name]
		if !ok {
			return nil, fmt.Errorf("the files of parameter %q are missing in %s: %s", m.Name, c.frameDir(0), dumpAgain)
		}
		delete(dumped, m.Name)
		p.Shape, p.Bits, p.Position = m.Shape, m.Bits, m.Position
		params = append(params, p)
	}
	for name := range dumped {
		return nil, fmt.Errorf("parameter %q is not in the model: it is the dump of another one", name)
	}
	return params, nil
}
