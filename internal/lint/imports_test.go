package lint

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rooms is the table of ARCHITECTURE.md: for each package, which packages of the project it may import. Internal leaves that
// carry no arithmetic (readers of outside formats, helpers) may be imported anywhere; fixed may not.
var rooms = map[string][]string{
	"internal/fixed":        {},
	"model":                 {},
	"dump":                  {},
	"xmodel":                {"internal/fixed"},
	"quant":                 {"internal/fixed", "model", "xmodel"},
	"sim/kernel":            {"internal/fixed"},
	"sim":                   {"internal/fixed", "xmodel", "dump", "sim/kernel"},
	"sim/isa":               {},
	"sim/machine":           {"internal/fixed", "xmodel", "dump", "sim/isa", "sim/kernel"},
	"compile":               {"internal/fixed", "xmodel", "sim/isa"},
	"golden":                {"internal/fixed", "model", "xmodel", "dump"},
	"fault":                 {"internal/fixed", "xmodel", "dump"},
	"verify":                {"internal/fixed", "model", "dump", "xmodel", "quant", "sim", "sim/kernel", "sim/isa", "sim/machine", "compile", "golden", "fault", "coverage", "vectors"},
	"report":                {"verify", "coverage", "internal/fixed"},
	"vectors":               {"internal/fixed", "model", "dump"},
	"bench":                 {"internal/fixed", "xmodel", "dump", "sim", "sim/kernel"},
	"bench/compare":         {"internal/fixed", "model", "golden", "bench"},
	"coverage":              {"internal/fixed", "xmodel", "dump", "golden"},
	"export":                {"internal/fixed", "xmodel", "dump"},
	"selftest":              {"internal/fixed", "xmodel", "dump", "sim", "golden", "vectors", "verify", "suite"},
	"selftest/differential": {"internal/fixed", "xmodel", "dump", "sim", "sim/kernel", "golden", "verify"},
	"suite":                 {"internal/fixed", "verify", "vectors", "model", "xmodel", "dump", "quant", "golden", "sim", "export"},
	"rtl":                   {},
	"grade":                 {"internal/fixed", "xmodel", "dump", "golden", "fault", "coverage", "directed", "vectors"},
	"directed":              {"internal/fixed", "xmodel", "dump", "fault", "coverage", "vectors"},
}

type goPackage struct {
	ImportPath   string
	Name         string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.Command("go", "list", "-json=ImportPath,Name,Imports,TestImports,XTestImports", "rnnsim/...")
	out, err := list.Output()
	require.NoError(t, err, "go list")
	var packages []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p goPackage
		require.NoError(t, decoder.Decode(&p))
		packages = append(packages, p)
	}
	require.Greater(t, len(packages), 8, "go list found too few packages to mean anything")
	return packages
}

// owner gives the room that a package belongs to: itself, or the nearest room above it ("xmodel/internal/xir" is xmodel's).
func owner(path string) (room string, found bool) {
	for path != "" && path != "." {
		if _, ok := rooms[path]; ok {
			return path, true
		}
		cut := strings.LastIndexByte(path, '/')
		if cut < 0 {
			return "", false
		}
		path = path[:cut]
	}
	return "", false
}

func TestPackagesImportOnlyWhatTheirRoomAllows(t *testing.T) {
	for _, p := range listPackages(t) {
		path := strings.TrimPrefix(p.ImportPath, "rnnsim/")
		room, found := owner(path)
		if !found {
			isCommand := p.Name == "main"
			require.True(t, isCommand || strings.HasPrefix(path, "internal/") || strings.HasPrefix(path, "cmd/"),
				"package %s has no line in the table of rooms", path)
			continue
		}
		for _, imported := range p.Imports {
			target, ours := strings.CutPrefix(imported, "rnnsim/")
			if !ours || target == room || strings.HasPrefix(target, room+"/") && !isRoom(target) {
				continue
			}
			if strings.HasPrefix(target, "internal/") && target != "internal/fixed" {
				continue
			}
			require.True(t, slices.Contains(rooms[room], target), "%s imports %s, which the table of rooms does not allow", path, target)
		}
	}
}

func isRoom(path string) bool {
	_, ok := rooms[path]
	return ok
}

// TestInternalLeavesCarryNoArithmetic holds the other half of the exemption above: what anyone may import must not import fixed,
// or a room, or arithmetic could be shared through it.
func TestInternalLeavesCarryNoArithmetic(t *testing.T) {
	for _, p := range listPackages(t) {
		path := strings.TrimPrefix(p.ImportPath, "rnnsim/")
		if !strings.HasPrefix(path, "internal/") {
			continue
		}
		for _, imported := range p.Imports {
			target, ours := strings.CutPrefix(imported, "rnnsim/")
			leaf := strings.HasPrefix(target, "internal/") && target != "internal/fixed"
			require.True(t, !ours || leaf, "%s imports %s; internal packages import only one another, and not fixed", path, target)
		}
	}
}

func TestTheTwoSimulatorsNeverMeet(t *testing.T) {
	for _, p := range listPackages(t) {
		path := strings.TrimPrefix(p.ImportPath, "rnnsim/")
		all := slices.Concat(p.Imports, p.TestImports, p.XTestImports)
		switch room, _ := owner(path); room {
		case "golden":
			require.NotContains(t, all, "rnnsim/sim", path)
			require.NotContains(t, all, "rnnsim/sim/kernel", path)
		case "sim", "sim/kernel", "sim/machine":
			require.NotContains(t, all, "rnnsim/golden", path)
		}
	}
}
