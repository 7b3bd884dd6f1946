package dump

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Style is which of the vendor's tools a deploy_check folder is like.
type Style int

const (
	// PyTorch is the layout of the PyTorch binding: <graph>/frame_<k>/ from the first step on, the parameters in frame_0.
	PyTorch Style = iota
	// TensorFlow is the layout of the TensorFlow binding: rnn_cell_<n>/frame_<k>/, the first step left out, so that frame_0 is
	// the second one, and the parameters in every frame.
	TensorFlow
)

// ParseStyle reads the name of a style.
func ParseStyle(name string) (Style, error) {
	switch name {
	case "pytorch":
		return PyTorch, nil
	case "tensorflow":
		return TensorFlow, nil
	}
	return 0, fmt.Errorf("deploy_check style %q: it is pytorch or tensorflow", name)
}

// String gives the name that ParseStyle reads.
func (s Style) String() string {
	if s == TensorFlow {
		return "tensorflow"
	}
	return "pytorch"
}

// firstStep is the step that frame_0 holds.
func (s Style) firstStep() int {
	if s == TensorFlow {
		return 1
	}
	return 0
}

// Parts of the names in a deploy_check folder.
const (
	shapeFile      = "shape.txt"
	textSuffix     = ".txt"
	fixSuffix      = "_fix.txt"
	preFixSuffix   = "_pre_fix_i0" // of a node that is a matmul's 8-bit input; it has integers only
	dumpFolder     = "deploy_check_data_int"
	tensorFlowCell = "rnn_cell_"
)

func isPreFix(node string) bool { return strings.HasSuffix(node, preFixSuffix) }

// nodeStem is the name of a node's files up to their suffixes, made like the name of its op: from "<graph>::<node>".
func nodeStem(graph, node string) string { return fileStem(graph + "::" + node) }

// paramStem is the same for a parameter. The original writes a GRU's parameters without the graph's name.
func paramStem(graph string, p Param, bare bool) string {
	if bare {
		return fileStem(p.Name)
	}
	return nodeStem(graph, p.Name)
}

// bareParams tells whether the original leaves the graph's name off a cell's parameters.
func bareParams(cell Cell) bool {
	return strings.Contains(cell.Graph, "StandardGruCell") ||
		slices.ContainsFunc(cell.Params, func(p Param) bool { return p.Label == p.Name })
}

var graphName = regexp.MustCompile(`^(.*)_layer_([0-9]{1,6})_(forward|backward)$`)
