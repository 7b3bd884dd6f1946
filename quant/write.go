package quant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"rnnsim/internal/atomicfile"
	"rnnsim/xmodel"
)

// Names inside a result folder.
const (
	infoFile     = "quant_info.json"
	xmodelFolder = "xmodel"
	graphSuffix  = "_int.xmodel"
)

// WriteResult writes a result as a folder: dir/quant_info.json and dir/xmodel/<graph>_int.xmodel, one a cell. The folder's
// parent must exist.
//
// The folder appears whole or not at all: it is built under a temporary name beside dir and renamed. A dir that exists is
// refused, unless force is set and it holds nothing but an earlier result, which is then replaced. After an error, or when
// the context is cancelled, nothing is left behind and an earlier result is untouched.
func WriteResult(ctx context.Context, dir string, result *Result, force bool) error {
	if err := writeResult(ctx, dir, result, force); err != nil {
		return fmt.Errorf("writing the result %s: %w", dir, err)
	}
	return nil
}

func writeResult(ctx context.Context, dir string, result *Result, force bool) (err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	exists, err := checkTarget(dir, force)
	if err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*.tmp")
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("its parent folder does not exist, create it: %w", err)
	}
	if err != nil {
		return err
	}
	keep := false
	defer func() {
		if !keep {
			err = errors.Join(err, os.RemoveAll(temporary))
		}
	}()

	fresh := filepath.Join(temporary, "new")
	if err := fill(ctx, fresh, result); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !exists {
		return os.Rename(fresh, dir)
	}
	// The earlier result steps aside, and comes back if the new one cannot take its place.
	earlier := filepath.Join(temporary, "earlier")
	if err := os.Rename(dir, earlier); err != nil {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		if back := os.Rename(earlier, dir); back != nil {
			keep = true
			return fmt.Errorf("the earlier result is now %s: %w", earlier, errors.Join(err, back))
		}
		return err
	}
	return nil
}

// checkTarget says whether the folder exists, and refuses it where it must not be replaced.
func checkTarget(dir string, force bool) (exists bool, err error) {
	stat, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !stat.IsDir():
		return true, errors.New("it exists and is not a folder: choose another name")
	case !force:
		return true, errors.New("it exists already: choose another name, or force its replacement")
	}
	foreign, err := foreignFile(dir)
	if err != nil {
		return true, err
	}
	if foreign != "" {
		return true, fmt.Errorf("it holds %s, which is no part of a result and would be lost: move it away or choose another name", foreign)
	}
	return true, nil
}

// foreignFile names something in the folder that an earlier result does not have, "" when there is nothing.
func foreignFile(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if !(e.Name() == infoFile && e.Type().IsRegular()) && !(e.Name() == xmodelFolder && e.IsDir()) {
			return e.Name(), nil
		}
	}
	entries, err = os.ReadDir(filepath.Join(dir, xmodelFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || filepath.Ext(e.Name()) != filepath.Ext(graphSuffix) {
			return filepath.Join(xmodelFolder, e.Name()), nil
		}
	}
	return "", nil
}

// fill writes the files of a result into a new folder.
func fill(ctx context.Context, dir string, result *Result) error {
	if err := os.MkdirAll(filepath.Join(dir, xmodelFolder), 0o755); err != nil {
		return err
	}
	for _, cell := range result.Model.Cells {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := xmodel.WriteFile(filepath.Join(dir, xmodelFolder, cell.Graph.Name+graphSuffix), cell.Graph); err != nil {
			return err
		}
	}
	return atomicfile.Write(filepath.Join(dir, infoFile), func(w io.Writer) error {
		_, err := w.Write(result.Info.Marshal())
		return err
	})
}
