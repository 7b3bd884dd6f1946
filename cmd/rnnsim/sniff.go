package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"rnnsim/internal/npy"
	"rnnsim/xmodel"
)

// fileKind is what a file is, as far as its first bytes tell.
type fileKind int

const (
	kindXmodel fileKind = iota
	kindTrace
	kindQuantInfo
	kindNetwork
)

// sniff tells the kind of a file by its content. A file that opens as an .xmodel is one; what is neither that, nor text, nor
// Arrow is left to the readers of float models, which say what they expect.
func sniff(path string) (fileKind, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	head := make([]byte, 64)
	n, err := io.ReadFull(file, head)
	if err != nil && n == 0 {
		return 0, fmt.Errorf("%s is empty", path)
	}
	head = head[:n]
	switch text := bytes.TrimLeft(head, " \t\r\n"); {
	case bytes.HasPrefix(head, []byte("ARROW1")):
		return kindTrace, nil
	case n > 8 && head[8] == '{' && bytes.HasPrefix(head[5:], []byte{0, 0, 0}):
		return kindNetwork, nil // safetensors: the length of the header, which may look like text, and the header
	case bytes.HasPrefix(text, []byte(`{`)):
		return kindQuantInfo, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && isTraceArchive(path):
		return kindTrace, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\x89HDF\r\n\x1a\n")), bytes.HasPrefix(head, []byte("\x80")):
		return kindNetwork, nil
	}
	if looksLikeXmodel(path) {
		return kindXmodel, nil
	}
	return kindNetwork, nil
}

// looksLikeXmodel says whether a file should be given to the .xmodel reader, whose errors are then the ones to show.
func looksLikeXmodel(path string) bool {
	if len(path) > 7 && path[len(path)-7:] == ".xmodel" {
		return true
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	_, err = xmodel.Sniff(content)
	return err == nil
}

// isTraceArchive says whether a .npz is a trace; a float model may be one too.
func isTraceArchive(path string) bool {
	archive, err := npy.OpenZip(path)
	if err != nil {
		return false // the reader of models says what is wrong with it
	}
	defer archive.Close()
	return archive.Has("rnnsim_header")
}
