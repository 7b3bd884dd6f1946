package model

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func readBytes(t testing.TB, data []byte, opts ReadOptions) (*Network, error) {
	t.Helper()
	return readSource(&source{path: "memory", file: bytes.NewReader(data), size: int64(len(data))}, opts)
}

func content(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(fixture(name))
	require.NoError(t, err)
	return data
}

// edited gives an archive whose entries were passed through the function; nil leaves one out.
func edited(t testing.TB, name string, edit func(entry string, content []byte) []byte) []byte {
	t.Helper()
	data := content(t, name)
	from, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	var file bytes.Buffer
	to := zip.NewWriter(&file)
	for _, entry := range from.File {
		r, err := entry.Open()
		require.NoError(t, err)
		old, err := io.ReadAll(r)
		require.NoError(t, err)
		if changed := edit(entry.Name, old); changed != nil {
			w, err := to.CreateHeader(&zip.FileHeader{Name: entry.Name, Method: zip.Store})
			require.NoError(t, err)
			_, err = w.Write(changed)
			require.NoError(t, err)
		}
	}
	require.NoError(t, to.Close())
	return file.Bytes()
}

// withPickle puts a pickle in the place of an archive's own.
func withPickle(t testing.TB, text string) []byte {
	return edited(t, "lstm-zip.pth", func(entry string, old []byte) []byte {
		if strings.HasSuffix(entry, "data.pkl") {
			return []byte(text)
		}
		return old
	})
}

// tensorPickle is a state dictionary with one tensor over storage 0, which has 24 values of float32.
func tensorPickle(count int, offset, shape, strides string) string {
	return fmt.Sprintf("}S'rnn.weight_ih_l0'\nctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI%d\ntQ%s%s%sI00\nNtRs.",
		count, offset, shape, strides)
}

func TestBadFiles(t *testing.T) {
	legacy, archive, tensors := content(t, "lstm-legacy.pth"), content(t, "lstm-zip.pth"), content(t, "lstm-F32.safetensors")
	replaced := func(data []byte, old, new string) []byte {
		require.Contains(t, string(data), old)
		return bytes.Replace(data, []byte(old), []byte(new), 1)
	}
	tar := make([]byte, 1024)
	copy(tar[257:], "ustar")
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":         {nil, "the file is empty"},
		"one byte":      {[]byte{0x80}, "starts with 80"},
		"garbage":       {[]byte("\x01\x02\x03\x04 no model at all"), "starts with 01 02 03 04"},
		"LFS pointer":   {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "Git LFS pointer"},
		"web page":      {[]byte("<!DOCTYPE html><html>404</html>"), "web page"},
		"tar":           {tar, "tar archive"},
		"single array":  {[]byte("\x93NUMPY\x01\x00"), "single array"},
		"truncated zip": {archive[:len(archive)-30], "cannot be opened as one"},
		"foreign zip":   {edited(t, "lstm-zip.pth", func(e string, old []byte) []byte { return keep(!strings.HasSuffix(e, "data.pkl"), old) }), `it holds "lstm-zip/data/0"`},
		"no storage":    {edited(t, "lstm-zip.pth", func(e string, old []byte) []byte { return keep(!strings.HasSuffix(e, "data/0"), old) }), `storage "0": the file has no values`},
		"short storage": {edited(t, "lstm-zip.pth", func(e string, old []byte) []byte { return cutEntry(e, "data/0", old) }), "take 96 bytes, the file has 95"},
		"storage lies":  {edited(t, "lstm-zip.pth", func(e string, old []byte) []byte { return bytes.Replace(old, []byte("K\x18t"), []byte("K\x19t"), 1) }), `storage "0": 25 values of float32 take 100 bytes, the file has 96`},
		"byte order":    {edited(t, "lstm-big-endian.pth", func(e string, old []byte) []byte { return swapEntry(e, "byteorder", old, "middle") }), `"middle"`},
		"no number": {edited(t, "lstm-zip.pth", func(e string, old []byte) []byte {
			return swapEntry(e, "data/0", old, strings.Repeat("\x00\x00\xc0\x7f", 24))
		}), `"rnn.weight_ih_l0": value 0 is NaN`},
		"truncated legacy":  {legacy[:len(legacy)-1], "the file is cut short"},
		"truncated pickle":  {legacy[:300], "the file is cut short"},
		"only the magic":    {legacy[:15], "the protocol: pickle, byte 15"},
		"other pickle":      {[]byte("\x80\x02}."), "none of PyTorch"},
		"legacy protocol":   {replaced(legacy, "M\xe9\x03.", "M\xea\x03."), "the protocol is 1002"},
		"legacy count":      {replaced(legacy, "\x18\x00\x00\x00\x00\x00\x00\x00", "\x19\x00\x00\x00\x00\x00\x00\x00"), "says it has 25 values"},
		"legacy huge count": {replaced(replaced(legacy, "\x18\x00\x00\x00\x00\x00\x00\x00", "\x00\x00\x00\x40\x00\x00\x00\x00"), "K\x18", "J\x00\x00\x00\x40"), "cut short"},
		"npz without rnn":   {edited(t, "lstm.npz", func(e string, old []byte) []byte { return keep(strings.HasPrefix(e, "fc."), old) }), `"fc.weight", "fc.bias"`},
		"npz without hh":    {edited(t, "lstm.npz", func(e string, old []byte) []byte { return keep(e != "rnn.weight_hh_l0.npy", old) }), "weight_hh_l0 is missing"},
		"npz without ih":    {edited(t, "lstm.npz", func(e string, old []byte) []byte { return keep(e != "rnn.weight_ih_l0.npy", old) }), "weight_ih_l0 is missing"},
		"npz half a bias":   {edited(t, "lstm.npz", func(e string, old []byte) []byte { return keep(e != "rnn.bias_hh_l0.npy", old) }), "bias_hh_l0 is missing"},
		"npz bad array":     {edited(t, "lstm.npz", func(e string, old []byte) []byte { return cutEntry(e, "rnn.bias_hh_l0.npy", old) }), "cut short"},
		"safetensors cut":   {tensors[:len(tensors)-1], "lie outside"},
		"header cut":        {tensors[:100], "the header says it is"},
		"header huge":       {append(binary.LittleEndian.AppendUint64(nil, 1<<39), '{', '}'), "the header says it is 549755813888 bytes long"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "model")
			require.NoError(t, os.WriteFile(path, c.data, 0o644))
			_, err := Read(path, ReadOptions{})
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, path)
		})
	}
	_, err := Read(filepath.Join(t.TempDir(), "none.pth"), ReadOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Read(t.TempDir(), ReadOptions{})
	require.ErrorContains(t, err, "not a regular file")
}

func keep(yes bool, content []byte) []byte {
	if yes {
		return content
	}
	return nil
}

func cutEntry(entry, which string, content []byte) []byte {
	if strings.HasSuffix(entry, which) {
		return content[:len(content)-1]
	}
	return content
}

func swapEntry(entry, which string, content []byte, by string) []byte {
	if strings.HasSuffix(entry, which) {
		return []byte(by)
	}
	return content
}

func TestBadPickles(t *testing.T) {
	nested := strings.Repeat("]", 40) + strings.Repeat("a", 39) + "."
	// Each module holds the one before it twenty times.
	laughs := "c__torch__\nM\n)\x81q\x00"
	for i := range 20 {
		laughs += "0c__torch__\nM\n)\x81}"
		for j := range 20 {
			laughs += fmt.Sprintf("S'a%d'\nh%cs", j, i)
		}
		laughs += fmt.Sprintf("bq%c", i+1)
	}
	laughs += "."
	for name, c := range map[string]struct {
		pickle string
		want   string
	}{
		"os.system":          {"cos\nsystem\n(S'echo'\ntR.", "it calls os.system, which is refused"},
		"torch.load":         {"ctorch\nload\n(S'other'\ntR.", "it calls torch.load, which is refused"},
		"remedy":             {"cshop\nmake\n)R.", "save the weights alone: torch.save(model.state_dict(), PATH)"},
		"unknown class":      {"cshop\nThing\n)\x81.", `an object of class "shop.Thing": save its state_dict instead`},
		"nothing":            {"N.", "a value of type <nil>"},
		"a list":             {"].", "a sequence"},
		"a dictionary":       {"}S'epoch'\nI3\ns.", `a dictionary with the keys "epoch"`},
		"an empty one":       {"}.", "a dictionary with the keys nothing"},
		"nested tuples":      {")" + strings.Repeat("\x85", 40) + ".", "nested too deep"},
		"holds itself":       {"]q\x01h\x01a.", "a sequence"},
		"nested":             {nested, "nested too deep"},
		"million references": {laughs, "repeats itself"},
		"huge storage":       {tensorPickle(1<<40, "I0\n", "(I4\nI3\nt", "(I3\nI1\nt"), "weight_hh_l0 is missing"},
		"outside":            {tensorPickle(24, "I13\n", "(I4\nI3\nt", "(I3\nI1\nt"), "lies outside its storage of 24 values"},
		"offset":             {tensorPickle(24, "I-1\n", "(I4\nI3\nt", "(I3\nI1\nt"), "lies outside"},
		"offset overflow":    {tensorPickle(24, "I-9223372036854775808\n", "(I4\nI3\nt", "(I3\nI1\nt"), "lies outside"},
		"offset at the end":  {tensorPickle(24, "I9223372036854775807\n", "(I4\nI3\nt", "(I3\nI1\nt"), "lies outside"},
		"scalar outside":     {tensorPickle(24, "I24\n", ")", ")"), "lies outside"},
		"stride overflow":    {tensorPickle(24, "I0\n", "(I4\nI3\nt", "(I9223372036854775807\nI1\nt"), "lies outside"},
		"negative stride":    {tensorPickle(24, "I0\n", "(I4\nI3\nt", "(I-3\nI1\nt"), "negative stride -3"},
		"negative shape":     {tensorPickle(24, "I0\n", "(I-4\nI3\nt", "(I3\nI1\nt"), "negative dimension"},
		"huge shape":         {tensorPickle(24, "I0\n", "(I4294967296\nI4294967296\nt", "(I0\nI0\nt"), "too large"},
		"strides missing":    {tensorPickle(24, "I0\n", "(I4\nI3\nt", "(I3\nt"), "has 1 strides"},
		"shape of text":      {tensorPickle(24, "I0\n", "S'4'\n", ")"), "a tensor is made from"},
		"negative count":     {tensorPickle(-1, "I0\n", ")", ")"), "-1 values"},
		"parameter":          {"ctorch._utils\n_rebuild_parameter\n(I1\ntR.", "a tensor expected as first argument"},
		"few arguments":      {"ctorch._utils\n_rebuild_tensor_v2\n)R.", "_rebuild_tensor_v2: 0 arguments"},
		"subclass":           {"ctorch._tensor\n_rebuild_from_type_v2\n)R.", "the arguments are not known"},
		"subclass calls":     {"ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nN(S'echo'\ntNtR.", "_rebuild_from_type_v2 calls os.system, which is refused"},
		"size":               {"ctorch\nSize\n)R.", "one argument"},
		"script list":        {"ctorch.jit._pickle\nbuild_intlist\n)R.", "takes an argument"},
		"persistent number":  {"I1\nQ.", "is a tuple, not int64"},
		"persistent kind":    {"(S'file'\ntQ.", `begins with "file"`},
		"persistent fields":  {"(S'storage'\nNNNNtQ.", "described by"},
		"storage class":      {"(S'storage'\ncos\nFloatStorage\nS'0'\nS'cpu'\nI1\ntQ.", "os.FloatStorage is not known"},
		"storage kinds":      {"((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI1\ntQ(S'storage'\nctorch\nHalfStorage\nS'0'\nS'cpu'\nI1\ntQt.", "is once 1 values of float32, once 1 of float16"},
		"storage view":       {"(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI4\n(S'v'\nI3\nI2\nttQ.", "lies outside its 4 values"},
		"storage view type":  {"(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI4\nI3\ntQ.", "no tuple of 3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readBytes(t, withPickle(t, c.pickle), ReadOptions{})
			require.ErrorContains(t, err, c.want)
		})
	}
}

// A few bytes of pickle can name a large view of a small storage as often as they like.
func TestViewsThatRepeat(t *testing.T) {
	var text strings.Builder
	text.WriteString("}q\x01(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI24\ntQq\x000")
	add := func(name, shape, strides string) {
		fmt.Fprintf(&text, "S'%s'\nctorch._utils\n_rebuild_tensor_v2\n(h\x00I0\n%s%sI00\nNtRs", name, shape, strides)
	}
	for layer := range 64 {
		add(fmt.Sprintf("weight_ih_l%d", layer), "(I1200\nI300\nt", "(I0\nI0\nt")
		add(fmt.Sprintf("weight_hh_l%d", layer), "(I1200\nI300\nt", "(I0\nI0\nt")
	}
	text.WriteString(".")
	_, err := readBytes(t, withPickle(t, text.String()), ReadOptions{})
	require.ErrorContains(t, err, "save contiguous copies")
	assert.NotContains(t, err.Error(), "l63")
}
