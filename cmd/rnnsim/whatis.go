package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"rnnsim/model"
	"rnnsim/xmodel"
)

// notWanted improves the error of a reader that was given a file of quite another kind: the error then says what the file is,
// and what makes of it what is wanted. Where that cannot be told, or the file is of the right kind and broken, the error stays as it is.
func notWanted(path, wanted string, err error) error {
	is := whatIs(path, wanted)
	if is == "" {
		return err
	}
	return fmt.Errorf("read %s: it is %s; %s is wanted", path, is, wanted)
}

// whatIs says what a file is and what can be done with it, or nothing where it is of the wanted kind or cannot be told.
func whatIs(path, wanted string) string {
	const float, quantized = "a float model", "a quantized model"
	if hasStart(path, "\x93NUMPY") {
		return "a NumPy array, which goes with --input or --calib"
	}
	if hasStart(path, "ARROW1") {
		return "a trace, which compare and diagnose read"
	}
	if format, ok := model.Format(path); ok {
		if wanted == float || isTraceArchive(path) {
			return ""
		}
		return fmt.Sprintf("a float model (%s), which quantize reads", format)
	}
	if wanted == quantized {
		return ""
	}
	graph, err := xmodel.ReadFile(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("an .xmodel, a %s, which inspect explains", graph.FileKind())
}

func hasStart(path, start string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, len(start))
	_, err = io.ReadFull(file, head)
	return err == nil && bytes.Equal(head, []byte(start))
}
