package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/quant"
	"rnnsim/xmodel"
)

func inspectCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "inspect",
		Category:  categoryLook,
		Usage:     "explain a model, a trace or a quant_info.json",
		ArgsUsage: "FILE|DIR...",
		Description: "What a file is is told by its content: a quantized graph or compiled model (.xmodel), a float model, a trace (Arrow or\n" +
			"deploy_check), a quant_info.json. A DIR is a quantized model or a trace.\n\n" +
			"Examples:\n" +
			"  rnnsim inspect quantized\n" +
			"  rnnsim inspect model.pth quantized/quant_info.json trace\n" +
			"  rnnsim inspect --plan quantized\n" +
			"  rnnsim inspect --disassemble --segment loop compiled.xmodel\n" +
			"  rnnsim inspect --lift -o lifted compiled.xmodel",
		Flags:  slices.Concat(floatFlags(), planFlags(), compiledFlags()),
		Action: func(c *cli.Context) error { return inspect(c, s) },
	}
}

func inspect(c *cli.Context, s streams) error {
	paths, err := someArguments(c, "something to explain")
	if err != nil {
		return err
	}
	if c.Bool("plan") {
		return inspectPlan(c, s.out, paths)
	}
	if done, err := inspectCompiled(c, s, paths); done || err != nil {
		return err
	}
	for i, path := range paths {
		// Nothing half explained is printed where a file turns out to be broken.
		var text bytes.Buffer
		if i > 0 {
			fmt.Fprintln(&text)
		}
		if err := inspectPath(c, &text, path); err != nil {
			return err
		}
		if _, err := text.WriteTo(s.out); err != nil {
			return err
		}
	}
	return nil
}

func inspectPath(c *cli.Context, w io.Writer, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	if info.IsDir() {
		return inspectFolder(c.Context, w, path)
	}
	kind, err := sniff(path)
	if err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	switch kind {
	case kindTrace:
		return inspectTrace(c.Context, w, path)
	case kindQuantInfo:
		info, err := quant.ReadInfo(path)
		if err != nil {
			return err
		}
		return writeQuantInfo(w, path, info)
	case kindNetwork:
		network, err := lookAtFloat(c, path)
		if err != nil {
			return err
		}
		return writeNetwork(w, path, network)
	}
	return inspectGraph(w, path)
}

func inspectFolder(ctx context.Context, w io.Writer, path string) error {
	for _, pattern := range []string{"*.xmodel", "xmodel/*.xmodel"} {
		if found, _ := filepath.Glob(filepath.Join(path, pattern)); len(found) > 0 {
			quantized, err := readQuantized(path)
			if err != nil {
				return err
			}
			return writeModel(w, path, quantized)
		}
	}
	return inspectTrace(ctx, w, path)
}

func inspectGraph(w io.Writer, path string) error {
	graph, err := xmodel.ReadFile(path)
	if err != nil {
		return err
	}
	switch graph.FileKind() {
	case xmodel.CompiledRNN:
		compiled, err := xmodel.ReadCompiled(path)
		if err != nil {
			return err
		}
		return writeCompiled(w, path, compiled)
	case xmodel.CellGraph:
		if _, err := (&xmodel.Cell{Graph: graph}).Input(); err == nil {
			return writeCellGraph(w, path, graph)
		}
	}
	return writeOtherGraph(w, path, graph)
}

func inspectTrace(ctx context.Context, w io.Writer, path string) (err error) {
	source, err := dump.Open(path, dump.OpenOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	return writeTrace(ctx, w, path, source)
}

// writeDigest prints the SHA-256 of a file, which tells whether two people speak of the same one.
func writeDigest(w io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return fmt.Errorf("inspect %s: %w", path, err)
	}
	_, err = fmt.Fprintf(w, "sha256 %x\n", hash.Sum(nil))
	return err
}
