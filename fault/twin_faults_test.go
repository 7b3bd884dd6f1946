package fault_test

import (
	"fmt"
	"slices"
	"strings"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/golden"
)

// twinModel is a cell as it should be.
type twinModel struct {
	lstm    bool
	gates   []string
	order   []dump.Node
	nodes   map[string]dump.Node
	linears map[string]*twinLinear
	hidden  int
}

func newTwinModel(exact *golden.Exact, cell int) (twinModel, error) {
	m := twinModel{
		gates: []string{"i", "f", "g"}, order: exact.Header().Cells[cell].Nodes, nodes: map[string]dump.Node{}, linears: map[string]*twinLinear{},
	}
	for _, node := range m.order {
		m.nodes[node.Name] = node
		m.lstm = m.lstm || node.Name == "input_2"
		if node.Op != "matmul" {
			continue
		}
		info, err := exact.Describe(cell, node.Name)
		if err != nil {
			return m, err
		}
		l := &twinLinear{bits: info.Matmul.WeightFormat.Bits, position: info.Matmul.WeightFormat.Position, biasPosition: info.Matmul.BiasFormat.Position}
		for _, w := range info.Matmul.Weights {
			l.weights = append(l.weights, int64(w))
		}
		for _, v := range info.Matmul.Bias {
			l.bias = append(l.bias, int64(v))
		}
		m.hidden, l.columns = node.Width, len(l.weights)/node.Width
		m.linears[node.Name] = l
	}
	if m.lstm {
		m.gates = append(m.gates, "o")
	}
	return m, nil
}

// with gives the cell with faults.
func (m twinModel) with(cell int, faults []*fault.Fault) *twin {
	t := &twin{twinModel: m, kinds: map[string][]string{}, memory: map[string]*twinLinear{}}
	for name, l := range m.linears {
		t.memory[name] = l.clone()
	}
	for _, f := range faults {
		if f.Cell != fault.EveryCell && f.Cell != cell {
			continue
		}
		id := strings.TrimPrefix(f.ID, fmt.Sprintf("cell%d:", f.Cell))
		kind := strings.TrimPrefix(id, f.Place+"/")
		if slices.Contains([]string{"gates", "h", "c", "state", "inputs", "weights"}, f.Place) || f.Kind == "stuck-bit" {
			t.other = append(t.other, id)
			t.remember(f.Place, kind)
			continue
		}
		for _, node := range m.order {
			if m.covers(f.Place, node) && m.can(node, kind) {
				t.kinds[node.Name] = append(t.kinds[node.Name], kind)
				if l := t.memory[node.Name]; l != nil {
					l.spoil(kind)
				}
			}
		}
	}
	return t
}

// covers says whether a node is of a place.
func (m *twinModel) covers(place string, node dump.Node) bool {
	isTable := node.Op == "sigmoid" || node.Op == "tanh"
	switch place {
	case "everywhere":
		return true
	case "products":
		return node.Op == "matmul"
	case "x-products":
		return node.Op == "matmul" && strings.HasPrefix(node.Name, "w_i")
	case "h-products":
		return node.Op == "matmul" && strings.HasPrefix(node.Name, "w_h")
	case "biases":
		return node.Op == "matmul" && m.linears[node.Name].bias != nil
	case "sums":
		return node.Op == "add" || node.Op == "sub"
	case "multiplications":
		return node.Op == "mul"
	case "tables":
		return isTable
	case "sigmoids", "tanhs":
		return node.Op+"s" == place
	case "cuts":
		return node.Op == "fix"
	}
	return place == node.Name
}

// can says whether a node has what a fault of a place of several nodes is about.
func (m *twinModel) can(node dump.Node, kind string) bool {
	isTable := node.Op == "sigmoid" || node.Op == "tanh"
	l := m.linears[node.Name]
	switch {
	case slices.Contains(roundingKinds, kind) || kind == "shifts-each-product":
		return m.dropsBits(node)
	case kind == "wraps" || kind == "no-negatives" || kind == "shifts-one-more" || kind == "shifts-one-less":
		return !isTable
	case kind == "symmetric":
		return node.Op != "sigmoid"
	case kind == "weights-bytes-swapped":
		return l.bits > 8
	case kind == "operand-not-narrowed":
		_, narrowed := m.nodes[node.Name+"_pre_fix_i0"]
		return narrowed
	case kind == "operand-bytes-swapped":
		cut, narrowed := m.nodes[node.Name+"_pre_fix_i0"]
		return !narrowed || cut.Bits > 8
	case strings.HasPrefix(kind, "first-") || strings.HasPrefix(kind, "second-"):
		which, what, _ := strings.Cut(kind, "-")
		return node.Op != "mul" || what != "one-exact" || m.nodes[m.operands(node.Name)[which]].Position == 15
	case strings.HasPrefix(kind, "accumulator-"):
		bits := atoi(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(kind, "accumulator-"), "saturates-"), "-bits"))
		return l.reach() >= 1<<(bits-1)
	}
	return true
}

// operands are those of an elementwise product.
func (m *twinModel) operands(node string) map[string]string {
	return map[string]map[string]string{
		"it_cct": {"first": "it", "second": "cct"}, "ft_input_2": {"first": "ft", "second": "input_2"}, "h_next": {"first": "ot", "second": "c_temp"},
		"it__w_hg___input_1___bias_hg_": {"first": "it", "second": "w_hg___input_1___bias_hg"}, "ft_cct": {"first": "ft", "second": "cct"},
		"ft_input_1": {"first": "ft", "second": "input_1"},
	}[node]
}

// reach is the most that a sum of products can come to.
func (l *twinLinear) reach() int64 {
	var most int64
	for row := range slices.Chunk(l.weights, l.columns) {
		var sum int64
		for _, w := range row {
			sum += max(w, -w) * 32768
		}
		most = max(most, sum)
	}
	return most
}

// dropsBits says that what comes to a node can lie between two of its values.
func (m *twinModel) dropsBits(node dump.Node) bool {
	finest := func(names ...string) (position int) {
		position = -100
		for _, name := range names {
			position = max(position, m.nodes[name].Position)
		}
		return position
	}
	x, h := "w_i"+strings.TrimPrefix(node.Name, "y_"), "w_h"+strings.TrimPrefix(node.Name, "y_")
	switch {
	case node.Name == "input_0":
		return true
	case node.Name == "input_1":
		return finest("h_next") > node.Position
	case node.Name == "input_2":
		return finest("c_next") > node.Position
	case node.Op == "fix":
		return m.nodes[inputOf(node.Name)].Position > node.Position
	case node.Op == "matmul":
		l := m.linears[node.Name]
		operand := inputOf(node.Name)
		if _, narrowed := m.nodes[node.Name+"_pre_fix_i0"]; narrowed {
			operand = node.Name + "_pre_fix_i0"
		}
		return m.nodes[operand].Position+l.position > node.Position || l.bias != nil && l.biasPosition > node.Position
	case node.Op == "sigmoid" || node.Op == "tanh":
		return node.Position < 15
	case node.Op == "mul":
		operands := m.operands(node.Name)
		return m.nodes[operands["first"]].Position+m.nodes[operands["second"]].Position > node.Position
	case node.Name == "c_next":
		return finest("it_cct", "ft_input_2") > node.Position
	case node.Name == "cct_ft_cct":
		return finest("cct", "ft_cct") > node.Position
	case node.Name == "h_next":
		return finest("cct_ft_cct", "ft_input_1") > node.Position
	case node.Name == "y_g" && !m.lstm:
		return finest(m.called(x), "it__w_hg___input_1___bias_hg_") > node.Position
	}
	return finest(m.called(x), m.called(h)) > node.Position
}

func inputOf(linear string) string {
	if strings.HasPrefix(linear, "w_i") {
		return "input_0"
	}
	return "input_1"
}

// called gives the full name of a linear.
func (m *twinModel) called(prefix string) string {
	for _, node := range m.order {
		if node.Op == "matmul" && strings.HasPrefix(node.Name, prefix+"___") {
			return node.Name
		}
	}
	panic("no linear " + prefix)
}
