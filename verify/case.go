package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rnnsim/xmodel"
)

// caseFile describes a case; its folder is one because this file is in it.
const caseFile = "case.json"

// Case is a folder with a model and what was recorded of it: case.json; the float model (model.npz), or only its graphs
// (xmodel/); the stimulus (x.npy, or x_calib.npy and x_test.npy; with lengths.npy and states.npz where it has them). What else is
// there is verified: quant_info.json, exact.npz, deploy_check_data_int/ and deploy_check_f64/, h_last.npz, y_test.npy.
type Case struct {
	Dir  string `json:"-"`
	Name string `json:"case"`
	// Tool is what recorded the case.
	Tool           string `json:"tool"`
	WeightBits     int    `json:"weight_bits"`
	MaxFixPosition int    `json:"max_fix_position"`
	// DumpSequence is the test sequence that the deploy_check folders hold.
	DumpSequence int `json:"dump_sequence"`
	// Semantics is "vai2.0" or "sane"; where it is empty, Tool says it.
	Semantics string `json:"compat"`
	// QuantizedAccuracy is the recorded share of test sequences that the quantized model classifies rightly.
	QuantizedAccuracy *float64 `json:"quantized_accuracy"`
}

// IsCase says whether a path is the folder of a case.
func IsCase(path string) bool {
	info, err := os.Stat(filepath.Join(path, caseFile))
	return err == nil && info.Mode().IsRegular()
}

// OpenCase reads what a case folder says of itself. Errors name the file and what is wrong with it.
func OpenCase(dir string) (*Case, error) {
	path := filepath.Join(dir, caseFile)
	const most = 16 << 20
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open a case: %w", err)
	}
	if info.Size() > most {
		return nil, fmt.Errorf("open a case: %s has %d bytes, more than any description of a case", path, info.Size())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open a case: %w", err)
	}
	c, err := parseCase(text)
	if err != nil {
		return nil, fmt.Errorf("open a case: %s: %w", path, err)
	}
	c.Dir = dir
	if c.Name == "" {
		c.Name = filepath.Base(filepath.Clean(dir))
	}
	return c, nil
}

func parseCase(text []byte) (*Case, error) {
	c := &Case{}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, err
	}
	switch {
	case c.DumpSequence < 0:
		return nil, fmt.Errorf("dump_sequence is %d; sequences count from 0", c.DumpSequence)
	case c.WeightBits != 0 && c.WeightBits != 8 && c.WeightBits != 16:
		return nil, fmt.Errorf("weight_bits is %d; 8 and 16 are possible", c.WeightBits)
	case c.Semantics != "" && c.Semantics != CompatName(xmodel.VAI20) && c.Semantics != CompatName(xmodel.Sane):
		return nil, fmt.Errorf("compat is %q; %s and %s are possible", c.Semantics, CompatName(xmodel.Sane), CompatName(xmodel.VAI20))
	}
	return c, nil
}

// Compat is the semantics that the case was recorded under: the original's where the original tool recorded it.
func (c *Case) Compat() xmodel.Compat {
	if c.Semantics != "" {
		if c.Semantics == CompatName(xmodel.VAI20) {
			return xmodel.VAI20
		}
		return xmodel.Sane
	}
	if strings.Contains(c.Tool, "Vitis AI") {
		return xmodel.VAI20
	}
	return xmodel.Sane
}

// file gives the path of the first of the names that is in the case's folder, or "".
func (c *Case) file(names ...string) (string, error) {
	for _, name := range names {
		path := filepath.Join(c.Dir, name)
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("look into the case %s: %w", c.Name, err)
		}
	}
	return "", nil
}

// DeployCheckBeside gives the deploy_check folders that lie beside a model: in the folder itself, in the folder around its
// xmodel folder, or around the folder of a file.
func DeployCheckBeside(path string) []string {
	roots := []string{path}
	clean := filepath.Clean(path)
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		clean = filepath.Dir(clean)
		roots = []string{clean}
	}
	if filepath.Base(clean) == "xmodel" {
		roots = append(roots, filepath.Dir(clean))
	}
	var found []string
	for _, root := range roots {
		folder := filepath.Join(root, deployCheckFloat32)
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			found = append(found, folder)
		}
	}
	return found
}

const (
	deployCheckFloat32 = "deploy_check_data_int"
	deployCheckFloat64 = "deploy_check_f64"
)
