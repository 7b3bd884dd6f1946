package dump

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// checkFrame checks that a frame has the files of all nodes. From frame_0 it takes which nodes have an 8-bit input too, and
// which parameters there are.
func (c *cellFolder) checkFrame(fsys fs.FS, k int, shapes []byte) error {
	entries, err := fs.ReadDir(fsys, c.frameDir(k))
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, entry := range entries {
		names[entry.Name()] = true
	}
	if k == 0 {
		c.addPreFix(names)
		if err := c.addParams(names); err != nil {
			return err
		}
	}
	want := []string{shapeFile}
	for _, node := range c.cell.Nodes {
		want = append(want, c.nodeFiles(node)...)
	}
	for _, name := range want {
		if !names[name] {
			return fmt.Errorf("%s is missing: %s", path.Join(c.frameDir(k), name), dumpAgain)
		}
	}
	if k == 0 {
		return nil
	}
	text, err := fs.ReadFile(fsys, path.Join(c.frameDir(k), shapeFile))
	if err != nil {
		return err
	}
	if !bytes.Equal(unixLines(text), unixLines(shapes)) {
		return fmt.Errorf("%s is not the same as that of frame_0: the frames are of different runs: %s", path.Join(c.frameDir(k), shapeFile), dumpAgain)
	}
	return nil
}

func unixLines(text []byte) []byte {
	return bytes.TrimRight(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), "\n")
}

// nodeFiles are the names of a node's files, that of the integers last.
func (c *cellFolder) nodeFiles(node Node) []string {
	stem := nodeStem(c.cell.Graph, node.Name)
	if isPreFix(node.Name) {
		return []string{stem + textSuffix}
	}
	return []string{stem + textSuffix, stem + fixSuffix}
}

// addPreFix puts the 8-bit inputs behind their matmuls. Their width is that of the node which the matmul reads.
func (c *cellFolder) addPreFix(names map[string]bool) {
	widths := map[string]int{}
	for _, node := range c.cell.Nodes {
		widths[node.Name] = node.Width
	}
	var nodes []Node
	for _, node := range c.cell.Nodes {
		nodes = append(nodes, node)
		pre := Node{Name: node.Name + preFixSuffix, Label: node.Label + preFixSuffix, Op: "fix", Width: widths[inputOf(node.Name)]}
		if names[c.nodeFiles(pre)[0]] {
			nodes = append(nodes, pre)
		}
	}
	c.cell.Nodes = nodes
}

// inputOf is the node that a matmul reads, by the matmul's name.
func inputOf(node string) string {
	if strings.Contains(node, "___input_0") {
		return "input_0"
	}
	return "input_1"
}

// addParams takes all other files of frame_0 for parameters.
func (c *cellFolder) addParams(names map[string]bool) error {
	known := map[string]bool{shapeFile: true}
	for _, node := range c.cell.Nodes {
		for _, name := range c.nodeFiles(node) {
			known[name] = true
		}
	}
	var stems []string
	for name := range names {
		stem, ok := strings.CutSuffix(name, fixSuffix)
		switch {
		case known[name] || strings.HasPrefix(name, "."):
		case ok && names[stem+textSuffix]:
			stems = append(stems, stem)
		case !ok && names[strings.TrimSuffix(name, textSuffix)+fixSuffix]:
		default:
			return fmt.Errorf("%s belongs to no node of shape.txt and has no counterpart with integers or real numbers: %s", path.Join(c.frameDir(0), name), dumpAgain)
		}
	}
	slices.Sort(stems)
	for _, stem := range stems {
		name, prefixed := strings.CutPrefix(stem, fileStem(c.cell.Graph)+"__")
		p := Param{Name: name, Label: name}
		if prefixed {
			p.Label = c.cell.Graph + "::" + name
		}
		c.cell.Params = append(c.cell.Params, p)
	}
	return nil
}
