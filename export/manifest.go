package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rnnsim/internal/fixed"
)

// ManifestName is the file that makes a folder one of hexadecimal words.
const ManifestName = "manifest.json"

const (
	manifestFormat  = "rnnsim-hex"
	manifestVersion = 1
	// maxManifest is far beyond what a network's manifest takes: some 8 kB a cell.
	maxManifest = 64 << 20
)

// Manifest says what the files of a folder hold. In each file the words of a frame, of a matrix row, or of a memory address lie on
// one line; all files are in the form of $readmemh, with paths relative to the folder.
type Manifest struct {
	Format  string `json:"format"` // "rnnsim-hex"
	Version int    `json:"version"`
	// Model is the digest of the model that the parameters are of.
	Model string `json:"model,omitempty"`
	// Meta is the provenance of the expected values, as the trace had it.
	Meta   map[string]string `json:"meta,omitempty"`
	Tables []TableFile       `json:"tables,omitempty"`
	Cells  []CellFiles       `json:"cells"`
}

// TableFile is an activation table: entry i is the value for an index of i.
type TableFile struct {
	Name          string `json:"name"`
	File          string `json:"file"`
	Bits          int    `json:"bits"`
	Position      int    `json:"position"`
	Entries       int    `json:"entries"`
	IndexPosition int    `json:"index_position"`
	Below         int    `json:"below"`
	Above         int    `json:"above"`
}

// CellFiles is one cell: its parameters, and a line a frame, in the order of execution, of all that changes.
type CellFiles struct {
	Graph    string `json:"graph"`
	Layer    int    `json:"layer"`
	Backward bool   `json:"backward"`
	// Kind is "lstm" or "gru", and empty for another cell.
	Kind string `json:"kind,omitempty"`
	// Frames is the number of frames that were exported.
	Frames int `json:"frames"`
	// Sequence and Step name the frames: 32 bits each. Step 0 is where the state is set back.
	Sequence string `json:"sequence,omitempty"`
	Step     string `json:"step,omitempty"`
	// Saturations holds 32 bits a node, in the order of Nodes: how many of its values were clamped.
	Saturations string          `json:"saturations,omitempty"`
	Stimuli     *StimuliFile    `json:"stimuli,omitempty"`
	Lanes       *LaneFiles      `json:"lanes,omitempty"`
	Parameters  []ParameterFile `json:"parameters,omitempty"`
	Nodes       []NodeFile      `json:"nodes"`
}

// StimuliFile is x as it enters the cell: finer than input_0, so that the cell's own quantization takes part in the test.
type StimuliFile struct {
	File     string `json:"file"`
	Width    int    `json:"width"`
	Bits     int    `json:"bits"`
	Position int    `json:"position"`
}

// LaneFiles are weights and biases packed for a row of multipliers. Unit u is lane u mod Lanes of group u div Lanes. The
// weights' word at address (group·4 + gate)·(input + hidden) + column holds a weight a lane, lane 0 in the lowest bits, with the columns of x
// before those of h; the biases' word at group·4 + gate likewise. Gates are in the order i, f, g, o. Lanes beyond the last
// unit hold zero.
type LaneFiles struct {
	Lanes   int    `json:"lanes"`
	Weights string `json:"weights"`
	Biases  string `json:"biases"`
}

// ParameterFile is a parameter, row-major.
type ParameterFile struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	File     string `json:"file"`
	Shape    []int  `json:"shape"`
	Bits     int    `json:"bits"`
	Position int    `json:"position"`
}

// NodeFile is a node's values, a line a frame.
type NodeFile struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Op    string `json:"op"`
	File  string `json:"file"`
	// Probe is the node's number in the generated package.
	Probe    int `json:"probe"`
	Width    int `json:"width"`
	Bits     int `json:"bits"`
	Position int `json:"position"`
}

// ReadManifest reads and checks the manifest of a folder.
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, ManifestName)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the folder of hex files: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	m, err := parseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return m, nil
}

func parseManifest(text []byte) (*Manifest, error) {
	if len(text) > maxManifest {
		return nil, fmt.Errorf("it has more than %d bytes", maxManifest)
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, err
	}
	if m.Format != manifestFormat || m.Version != manifestVersion {
		return nil, fmt.Errorf("format %q version %d: this program reads %q version %d", m.Format, m.Version, manifestFormat, manifestVersion)
	}
	graphs := map[string]bool{}
	for i := range m.Cells {
		c := &m.Cells[i]
		if c.Graph == "" || graphs[c.Graph] {
			return nil, fmt.Errorf("cell %d: graph name %q is empty or taken by an earlier cell", i, c.Graph)
		}
		graphs[c.Graph] = true
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("graph %q: %w", c.Graph, err)
		}
	}
	if len(m.Cells) == 0 {
		return nil, errors.New("it has no cells")
	}
	return m, nil
}

func (c *CellFiles) check() error {
	names := map[string]bool{}
	for _, n := range c.Nodes {
		switch {
		case n.Name == "" || names[n.Name]:
			return fmt.Errorf("node name %q is empty or taken by an earlier node", n.Name)
		case n.Width < 1:
			return fmt.Errorf("node %q has %d values a frame", n.Name, n.Width)
		case n.Bits < 1 || n.Bits > 16:
			return fmt.Errorf("node %q has bit width %d; a trace holds 1 to 16", n.Name, n.Bits)
		}
		if err := (fixed.Format{Bits: n.Bits, Position: n.Position}).Validate(); err != nil {
			return fmt.Errorf("node %q: %w", n.Name, err)
		}
		names[n.Name] = true
		if err := checkLocal(n.File); err != nil {
			return err
		}
	}
	for _, file := range []string{c.Sequence, c.Step, c.Saturations} {
		if file != "" {
			if err := checkLocal(file); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkLocal refuses a path that leaves the folder.
func checkLocal(file string) error {
	if !filepath.IsLocal(filepath.FromSlash(file)) {
		return fmt.Errorf("file %q does not lie in the folder", file)
	}
	return nil
}
