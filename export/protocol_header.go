package export

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// readHeader reads the lines up to "begin".
func (s *ProtocolSource) readHeader() error {
	line, err := s.readLine()
	if err != nil {
		return err
	}
	if string(line) != protocolMagic {
		return s.errorf("%q is not %q, with which stimuli and answers begin", clip(line), protocolMagic)
	}
	for {
		line, err := s.readLine()
		if err != nil {
			return err
		}
		words := bytes.Fields(line)
		if len(words) == 1 && string(words[0]) == "begin" {
			return s.begin()
		}
		if err := s.readHeaderLine(words); err != nil {
			return s.errorf("%q: %w", clip(line), err)
		}
	}
}

var errLine = errors.New("it does not have the form that the protocol gives it")

func (s *ProtocolSource) readHeaderLine(words [][]byte) error {
	arguments := words[1:]
	switch string(words[0]) {
	case "model":
		if len(arguments) != 1 {
			return errLine
		}
		s.header.Model = string(arguments[0])
		return nil
	case "input":
		return s.readInput(arguments)
	case "cell":
		return s.readCell(arguments)
	case "node":
		return s.readNode(arguments)
	case "yields":
		return s.readYields(arguments)
	}
	return errors.New("a header has lines of model, input, cell, node and yields, and ends with begin")
}

// integers reads decimal numbers.
func integers(words ...[]byte) ([]int, error) {
	numbers := make([]int, len(words))
	for i, w := range words {
		n, err := strconv.ParseInt(string(w), 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%q is no number", clip(w))
		}
		numbers[i] = int(n)
	}
	return numbers, nil
}

func (s *ProtocolSource) readInput(words [][]byte) error {
	if len(words) != 3 || s.header.Features != 0 {
		return errLine
	}
	n, err := integers(words...)
	if err != nil {
		return err
	}
	s.header.Features, s.header.Grid = n[0], fixed.Format{Bits: n[1], Position: n[2]}
	if n[0] < 1 || n[0] > maxValues || n[1] > 16 {
		return fmt.Errorf("%d features of %d bits; there are up to %d of up to 16 bits", n[0], n[1], maxValues)
	}
	return s.header.Grid.Validate()
}

func (s *ProtocolSource) readCell(words [][]byte) error {
	if len(words) != 4 || string(words[3]) != "forward" && string(words[3]) != "backward" {
		return errLine
	}
	n, err := integers(words[0], words[2])
	if err != nil {
		return err
	}
	cells := s.header.Trace.Cells
	if n[0] != len(cells) {
		return fmt.Errorf("cell %d comes after %d cells", n[0], len(cells))
	}
	for _, c := range cells {
		if c.Graph == string(words[1]) {
			return fmt.Errorf("graph name %q is taken by an earlier cell", c.Graph)
		}
	}
	s.header.Trace.Cells = append(cells, dump.Cell{Graph: string(words[1]), Layer: n[1], Backward: string(words[3]) == "backward"})
	return nil
}

func (s *ProtocolSource) readNode(words [][]byte) error {
	if len(words) != 6 {
		return errLine
	}
	n, err := integers(words[0], words[2], words[3], words[4])
	if err != nil {
		return err
	}
	cells := s.header.Trace.Cells
	if n[0] < 0 || n[0] != len(cells)-1 {
		return fmt.Errorf("a node of cell %d comes after the line of cell %d", n[0], len(cells)-1)
	}
	name := string(words[1])
	node := dump.Node{Name: name, Label: xmodel.Label(name), Op: string(words[5]), Width: n[1], Bits: n[2], Position: n[3]}
	if node.Width < 1 || node.Width > maxValues || node.Bits > 16 {
		return fmt.Errorf("%d values of %d bits; there are up to %d of up to 16 bits", node.Width, node.Bits, maxValues)
	}
	if s.nodes[nodeKey{n[0], node.Name}] != nil {
		return fmt.Errorf("cell %d has a node %q already", n[0], node.Name)
	}
	cell := &cells[n[0]]
	cell.Nodes = append(cell.Nodes, node)
	s.nodes[nodeKey{n[0], node.Name}] = &node
	return fixed.Format{Bits: node.Bits, Position: node.Position}.Validate()
}

// readYields reads which nodes a cell's answers hold, in their order.
func (s *ProtocolSource) readYields(words [][]byte) error {
	if len(words) < 2 {
		return errLine
	}
	n, err := integers(words[0])
	if err != nil {
		return err
	}
	if n[0] < 0 || n[0] >= len(s.header.Trace.Cells) || s.answers[n[0]] != nil {
		return fmt.Errorf("cell %d is not described, or has a line of yields already", n[0])
	}
	described := s.header.Trace.Cells[n[0]]
	described.Nodes = nil
	seen := map[string]bool{}
	values := 0
	for _, w := range words[1:] {
		node := s.nodes[nodeKey{n[0], string(w)}]
		if node == nil || seen[node.Name] {
			return fmt.Errorf("cell %d has no node %q, or it is named twice", n[0], clip(w))
		}
		seen[node.Name] = true
		if values += node.Width; values > maxValues {
			return fmt.Errorf("more than %d values a frame", maxValues)
		}
		described.Nodes = append(described.Nodes, *node)
	}
	s.answers[n[0]] = &answer{index: len(s.trace.Cells), cell: described, values: values}
	s.trace.Cells = append(s.trace.Cells, described)
	return nil
}

// begin checks that the header is whole.
func (s *ProtocolSource) begin() error {
	switch {
	case s.header.Features == 0:
		return s.errorf("the header has no line of input")
	case len(s.answers) == 0:
		return s.errorf("the header has no line of yields: no device stands between the stimuli and this")
	}
	s.trace.Meta = map[string]string{"rnnsim.origin": "device"}
	if s.header.Model != "" {
		s.trace.Meta["rnnsim.model_digest"] = s.header.Model
	}
	return nil
}
