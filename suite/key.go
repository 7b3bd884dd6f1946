package suite

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"time"

	"rnnsim/internal/contain"
)

// Keyer gives the digests that name results.
type Keyer struct {
	root *os.Root
	dir  string
	// build names the program: results of another one are not believed.
	build string
	files map[string]string // digests of what was read already
	said  map[string]string // by devices' version commands
}

// NewKeyer begins to compute digests for the suite. build is rnnsim's version, or what else tells one program from another.
// Close it after use.
func NewKeyer(s *Suite, build string) (*Keyer, error) {
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the suite's folder: %w", err)
	}
	return &Keyer{root: root, dir: s.Dir, build: build, files: map[string]string{}, said: map[string]string{}}, nil
}

// Close ends the use of the suite's folder.
func (k *Keyer) Close() error { return k.root.Close() }

// Key is the digest, in hex, of everything that determines the result of a case: all bytes of model, stimulus and case folder,
// the expectation, the options, and the build. Limits of time and memory determine no result.
func (k *Keyer) Key(ctx context.Context, c *Case) (string, error) {
	names := map[string]string{
		"folder": c.Folder, "model": c.Model, "stimulus": c.Stimulus, "float": c.Float, "quant_info": quantInfoBeside(k.root, c.Model),
	}
	content := map[string]string{}
	if d := c.Device; d != nil {
		names["signals"] = d.Signals
		for i, file := range d.Files {
			names[fmt.Sprint("device ", i)] = file
		}
		var err error
		if content["device version"], err = k.versionOf(ctx, d); err != nil {
			return "", fmt.Errorf("the case %s: %w", c.Name, err)
		}
	}
	for role, name := range names {
		if name == "" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return "", err
		}
		digest, err := k.tree(ctx, name)
		if err != nil {
			return "", fmt.Errorf("the case %s: %w", c.Name, err)
		}
		content[role] = digest
	}
	bare := *c
	bare.TimeLimit, bare.MemoryLimit, bare.Tags = 0, 0, nil
	text, err := json.Marshal(struct {
		Schema  int
		Build   string
		Case    Case
		Content map[string]string
	}{ResultSchema, k.build, bare, content})
	if err != nil {
		return "", fmt.Errorf("the case %s: %w", c.Name, err)
	}
	digest := sha256.Sum256(text)
	return hex.EncodeToString(digest[:]), nil
}

// versionOf gives what the version command of a device says.
func (k *Keyer) versionOf(ctx context.Context, d *Device) (string, error) {
	if len(d.Version) == 0 {
		return "", nil
	}
	line := fmt.Sprintf("%q", d.Version)
	if said, known := k.said[line]; known {
		return said, nil
	}
	limited, cancel := context.WithTimeout(ctx, versionTime)
	defer cancel()
	process := exec.CommandContext(limited, d.Version[0], d.Version[1:]...)
	process.Dir = k.dir
	process.WaitDelay = time.Second
	var said bytes.Buffer
	process.Stdout, process.Stderr = &said, &said
	all := contain.New(process, true)
	err := all.Start()
	if err == nil {
		err = all.Wait()
	}
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", fmt.Errorf("ask the device %s for its version: %s: %w%s", d.Name, line, err, firstLine(said.String()))
	}
	k.said[line] = said.String()
	return said.String(), nil
}

// versionTime is how long a device may take to say its version.
const versionTime = 30 * time.Second

func (k *Keyer) tree(ctx context.Context, name string) (string, error) {
	if digest, known := k.files[name]; known {
		return digest, nil
	}
	sum := sha256.New()
	if err := k.add(ctx, sum, name, ".", 0); err != nil {
		return "", err
	}
	digest := hex.EncodeToString(sum.Sum(nil))
	k.files[name] = digest
	return digest, nil
}

// maxDepth ends a walk through links that lead in a circle.
const maxDepth = 32

func (k *Keyer) add(ctx context.Context, sum io.Writer, name, shown string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: folders are more than %d deep, or links lead in a circle", name, maxDepth)
	}
	info, err := k.root.Stat(name)
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		entries, err := k.entries(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "folder %q %d\n", shown, len(entries))
		for _, entry := range entries {
			if err := k.add(ctx, sum, path.Join(name, entry.Name()), path.Join(shown, entry.Name()), depth+1); err != nil {
				return err
			}
		}
		return nil
	case info.Mode().IsRegular():
		return k.addFile(ctx, sum, name, shown)
	}
	return fmt.Errorf("%s is neither a file nor a folder", name)
}

func (k *Keyer) entries(name string) ([]fs.DirEntry, error) {
	folder, err := k.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	entries, err := folder.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, nil
}

func (k *Keyer) addFile(ctx context.Context, sum io.Writer, name, shown string) error {
	file, err := k.root.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	one := sha256.New()
	size, err := io.Copy(one, &until{ctx, file})
	if err != nil {
		return err
	}
	fmt.Fprintf(sum, "file %q %d %x\n", shown, size, one.Sum(nil))
	return nil
}

// until is a reader that ends with a context.
type until struct {
	ctx context.Context
	io.Reader
}

func (u *until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}

// quantInfoBeside is the quant_info.json that a model is held against, or "": the one in its folder, or around its folder "xmodel".
func quantInfoBeside(root *os.Root, model string) string {
	if model == "" {
		return ""
	}
	if info, err := root.Stat(model); err != nil || !info.IsDir() {
		return ""
	}
	file := path.Join(model, quantInfoFile)
	if path.Base(model) == "xmodel" {
		file = path.Join(path.Dir(model), quantInfoFile)
	}
	if _, err := root.Stat(file); err != nil {
		return ""
	}
	return file
}

const quantInfoFile = "quant_info.json"
