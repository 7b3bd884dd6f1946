package dump

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// DeployCheckOptions say how a deploy_check folder is written.
type DeployCheckOptions struct {
	Style Style
	// VAI20 shows what Vitis AI 2.0 shows, faults included: Misreports, and a GRU's parameters without the graph's name.
	VAI20 bool
	// Sequence is the one that is written; the format holds one. The frames of all others are dropped.
	Sequence int
	Replace  bool // replace a dump that exists
}

// DeployCheckSink writes a folder of text like the vendor's deploy_check_data_int: <graph>/frame_<k>/ with two files a node,
// <name>.txt with real numbers and <name>_fix.txt with integers, one value a line; shape.txt; and the parameters in frame_0.
// The folder appears on Close, whole.
type DeployCheckSink struct {
	dir        string
	options    DeployCheckOptions
	header     Header
	staging    *staging
	checker    *frameChecker
	misreports []Misreports
	written    bool
	text       []byte
	writeFile  func(path string, text []byte) error
}

// NewDeployCheckSink gives a sink that writes the folder dir, which must not exist unless Replace is set.
func NewDeployCheckSink(dir string, options DeployCheckOptions) *DeployCheckSink {
	return &DeployCheckSink{dir: dir, options: options, writeFile: writeIntoFolder}
}

// writeIntoFolder writes a file whose folder may not exist yet.
func writeIntoFolder(path string, text []byte) error {
	err := os.WriteFile(path, text, 0o666)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		err = os.WriteFile(path, text, 0o666)
	}
	return err
}

// Begin makes the folder, beside its place.
func (s *DeployCheckSink) Begin(h Header) error {
	err := checkHeader(h)
	for _, cell := range h.Cells {
		for _, node := range cell.Nodes {
			if node.Float && err == nil {
				err = fmt.Errorf("graph %q: node %q holds floats, and the format wants integers", cell.Graph, node.Name)
			}
		}
		s.misreports = append(s.misreports, FindMisreports(cell))
	}
	if err != nil {
		return fmt.Errorf("write the deploy_check folder %s: %w", s.dir, err)
	}
	s.header, s.checker = h, newFrameChecker(h)
	s.staging, err = newStaging(s.dir, s.options.Replace)
	return err
}

// Write writes the folder of a frame.
func (s *DeployCheckSink) Write(f *Frame) error {
	if err := s.checker.check(f); err != nil {
		return err
	}
	number := f.Step - s.options.Style.firstStep()
	if f.Sequence != s.options.Sequence || number < 0 {
		return nil
	}
	if err := s.writeFrame(f, number); err != nil {
		return fmt.Errorf("write the deploy_check folder %s: %w", s.dir, err)
	}
	s.written = true
	return nil
}

func (s *DeployCheckSink) writeFrame(f *Frame, number int) error {
	cell := s.header.Cells[f.Cell]
	if s.options.Style == TensorFlow {
		cell.Graph = tensorFlowCell + strconv.Itoa(f.Cell)
	}
	if s.options.VAI20 {
		shown := *f
		shown.Fixed = append([][]int16(nil), f.Fixed...)
		s.misreports[f.Cell].Apply(&shown)
		f = &shown
	}
	dir := filepath.Join(s.staging.path, cell.Graph, framePrefix+strconv.Itoa(number))
	shapes := s.text[:0]
	for _, node := range cell.Nodes {
		if !isPreFix(node.Name) {
			shapes = fmt.Appendf(shapes, "(1, %d): %s::%s\n", node.Width, cell.Graph, node.Label)
		}
	}
	s.text = shapes
	if err := s.writeFile(filepath.Join(dir, shapeFile), shapes); err != nil {
		return err
	}
	for i, node := range cell.Nodes {
		if err := s.writeNode(filepath.Join(dir, nodeStem(cell.Graph, node.Name)), node, f.Fixed[i]); err != nil {
			return err
		}
	}
	if number > 0 && s.options.Style == PyTorch {
		return nil
	}
	bare := s.options.VAI20 && bareParams(cell)
	for _, p := range cell.Params {
		if err := s.writePair(filepath.Join(dir, paramStem(cell.Graph, p, bare)), p.Values, p.Position); err != nil {
			return err
		}
	}
	return nil
}

func (s *DeployCheckSink) writeNode(stem string, node Node, values []int16) error {
	if isPreFix(node.Name) {
		s.text = appendIntegers(s.text[:0], values)
		return s.writeFile(stem+textSuffix, s.text)
	}
	return s.writePair(stem, values, node.Position)
}

// writePair writes the file of real numbers and the file of integers.
func (s *DeployCheckSink) writePair(stem string, values []int16, position int) error {
	s.text = appendReals(s.text[:0], values, position)
	if err := s.writeFile(stem+textSuffix, s.text); err != nil {
		return err
	}
	s.text = appendIntegers(s.text[:0], values)
	return s.writeFile(stem+fixSuffix, s.text)
}

// Close makes the folder durable and lets it appear. A run without a frame of the sequence is an error.
func (s *DeployCheckSink) Close() error {
	if !s.written {
		err := fmt.Errorf("write the deploy_check folder %s: there was no frame of sequence %d from step %d on", s.dir, s.options.Sequence, s.options.Style.firstStep())
		return errors.Join(err, s.staging.discard())
	}
	return s.staging.publish()
}

// Abort removes what was written.
func (s *DeployCheckSink) Abort() error {
	if s.staging == nil {
		return nil
	}
	return s.staging.discard()
}
