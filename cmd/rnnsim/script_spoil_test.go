package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"rnnsim/xmodel"
)

// spoilers are the faults that a graph can be given. Each is given the op whose name ends as the script says.
var spoilers = map[string]func(g *xmodel.Graph, op *xmodel.Op){
	"dangling":   func(_ *xmodel.Graph, op *xmodel.Op) { op.Args[0].Ops[0] = "nowhere" },
	"cyclic":     func(g *xmodel.Graph, op *xmodel.Op) { op.Args[0].Ops[0] = g.Ops[len(g.Ops)-1].Name },
	"itself":     func(_ *xmodel.Graph, op *xmodel.Op) { op.Args[0].Ops[0] = op.Name },
	"duplicated": func(g *xmodel.Graph, op *xmodel.Op) { g.Ops = append(g.Ops, op) },
	"removed": func(g *xmodel.Graph, op *xmodel.Op) {
		g.Ops = slices.DeleteFunc(g.Ops, func(o *xmodel.Op) bool { return o == op })
		g.Root = nil
	},
	"short":   func(_ *xmodel.Graph, op *xmodel.Op) { op.Attrs["data"] = op.Attrs["data"].([]byte)[4:] },
	"long":    func(_ *xmodel.Graph, op *xmodel.Op) { op.Attrs["data"] = append(op.Attrs["data"].([]byte), 0, 0, 0, 0) },
	"reshape": func(_ *xmodel.Graph, op *xmodel.Op) { op.Output.Shape[len(op.Output.Shape)-1]++ },
	"conv":    func(_ *xmodel.Graph, op *xmodel.Op) { op.Type = "conv2d" },
	"wide":    func(_ *xmodel.Graph, op *xmodel.Op) { op.Attrs["bit_width"] = int32(33) },
	"far":     func(_ *xmodel.Graph, op *xmodel.Op) { op.Attrs["fix_point"] = int32(99) },
	"moved":   func(_ *xmodel.Graph, op *xmodel.Op) { op.Attrs["fix_point"] = op.Attrs["fix_point"].(int32) - 1 },
}

// spoil writes a copy of an .xmodel with a fault: "spoil FAULT OP FROM TO".
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 || spoilers[args[0]] == nil {
		ts.Fatalf("usage: spoil FAULT OP FROM TO")
	}
	from, err := filepath.Glob(ts.MkAbs(args[2]))
	ts.Check(err)
	if len(from) != 1 {
		ts.Fatalf("%s is %d files", args[2], len(from))
	}
	g, err := xmodel.ReadFile(from[0])
	ts.Check(err)
	at := slices.IndexFunc(g.Ops, func(op *xmodel.Op) bool { return strings.HasSuffix(op.Name, args[1]) })
	if at < 0 {
		ts.Fatalf("no op ends in %s", args[1])
	}
	spoilers[args[0]](g, g.Ops[at])
	data, err := g.Marshal()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), data, 0o644))
}

// cut copies the first part of a file: "cut PERCENT FROM TO".
func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cut PERCENT FROM TO")
	}
	percent, err := strconv.Atoi(args[0])
	ts.Check(err)
	data := ts.ReadFile(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(data[:len(data)*percent/100]), 0o644))
}

// edit replaces a text in a file, once: "edit FILE OLD NEW".
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not have %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o644))
}
