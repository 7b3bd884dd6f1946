package compile_test

import (
	"fmt"
	"strings"

	"rnnsim/xmodel"
)

// elementName names an element of a parameter as Blob.Locate does.
func elementName(label string, index int, spec xmodel.CellSpec) string {
	width := 0
	switch {
	case strings.HasPrefix(label, "weight_i"):
		width = spec.Input
	case strings.HasPrefix(label, "weight_h"):
		width = spec.Hidden
	default:
		return fmt.Sprintf("%s[%d]", label, index)
	}
	return fmt.Sprintf("%s[%d,%d]", label, index/width, index%width)
}
