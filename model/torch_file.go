package model

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"path"
	"strings"

	"rnnsim/internal/pickle"
	"rnnsim/internal/safezip"
)

// torchZipFormat is what torch.save has written since version 1.6, and torch.jit.save: a zip archive with one folder, in it
// data.pkl, which describes the object, and data/KEY, the values of a storage.
var torchZipFormat = format{
	name:  "PyTorch archive (.pth, .pt)",
	sniff: func(src *source) bool { return len(dataPickles(src)) > 0 },
	read:  readTorchZip,
}

// torchLegacyFormat is what torch.save wrote before: pickles one after another (a magic number, the protocol, the machine, the
// object, the storages' keys), then the storages.
var torchLegacyFormat = format{
	name:  "PyTorch file of the legacy form (.pth, .pt)",
	sniff: func(src *source) bool { return len(src.head) > 1 && src.zip == nil && isPickle(src.head) },
	read:  readTorchLegacy,
}

// isPickle tells whether the file begins like a pickle of protocol 2 or later, which starts with its version.
func isPickle(head []byte) bool { return head[0] == 0x80 && head[1] >= 2 && head[1] <= 5 }

func dataPickles(src *source) []*zip.File {
	var found []*zip.File
	if src.zip == nil {
		return nil
	}
	for _, entry := range src.zip.File {
		if path.Base(entry.Name) == "data.pkl" && strings.Count(entry.Name, "/") <= 1 {
			found = append(found, entry)
		}
	}
	return found
}

func readTorchZip(src *source, opts ReadOptions) (*Network, error) {
	main := dataPickles(src)
	if len(main) > 1 {
		return nil, fmt.Errorf("it holds several models: %q and %q", main[0].Name, main[1].Name)
	}
	folder := strings.TrimSuffix(main[0].Name, "data.pkl")
	entries := map[string]*zip.File{}
	for _, entry := range src.zip.File {
		if entries[entry.Name] != nil {
			return nil, fmt.Errorf("it holds the entry %q twice", clipText(entry.Name))
		}
		entries[entry.Name] = entry
	}
	order, err := byteOrder(entries[folder+"byteorder"])
	if err != nil {
		return nil, err
	}
	r := newTorchReader(order, func(key string) func() ([]byte, error) {
		entry := entries[folder+"data/"+key]
		if entry == nil {
			return nil
		}
		return func() ([]byte, error) {
			raw, err := safezip.ReadAll(entry)
			if errors.Is(err, zip.ErrChecksum) {
				return nil, fmt.Errorf("%w: the file is damaged, or was saved without checksums (torch.serialization.set_crc32_options)", err)
			}
			return raw, err
		}
	})
	data, err := safezip.Open(main[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", main[0].Name, err)
	}
	defer data.Close()
	root, err := pickle.NewDecoder(data, r.hooks()).Decode()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", main[0].Name, advise(err))
	}
	network, err := assembleTorch(root, opts)
	if errors.Is(err, errNoRecurrent) && entries[folder+"constants/0"] != nil {
		return nil, fmt.Errorf("%w: the module was frozen (torch.jit.freeze), which drops the weights' names: save it before", err)
	}
	return network, err
}

// byteOrder reads the entry that tells the storages' byte order; archives without it are from little-endian machines.
func byteOrder(entry *zip.File) (binary.ByteOrder, error) {
	if entry == nil {
		return binary.LittleEndian, nil
	}
	text, err := safezip.ReadAll(entry)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", entry.Name, err)
	}
	switch string(bytes.TrimSpace(text)) {
	case "little":
		return binary.LittleEndian, nil
	case "big":
		return binary.BigEndian, nil
	}
	return nil, fmt.Errorf("%s: the byte order is %q, neither little nor big", entry.Name, clipText(string(text)))
}

// legacyMagic and legacyProtocol are the first two values of a file of the legacy form.
var legacyMagic, _ = new(big.Int).SetString("1950a86a20f9469cfc6c", 16)

const legacyProtocol = int64(1001)

func readTorchLegacy(src *source, opts ReadOptions) (*Network, error) {
	r := newTorchReader(binary.LittleEndian, func(string) func() ([]byte, error) { return nil })
	d := pickle.NewDecoder(io.NewSectionReader(src.file, 0, src.size), r.hooks())
	next := func(what string) (any, error) {
		value, err := d.Decode()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, advise(err))
		}
		return value, nil
	}
	magic, err := next("the magic number")
	if err != nil {
		return nil, err
	}
	if number, ok := magic.(*big.Int); !ok || number.Cmp(legacyMagic) != 0 {
		return nil, errors.New("it is a pickle, but none of PyTorch (its magic number is missing): save the weights with torch.save(model.state_dict(), PATH)")
	}
	protocol, err := next("the protocol")
	if err != nil {
		return nil, err
	}
	if protocol != legacyProtocol {
		return nil, fmt.Errorf("the protocol is %v, %d is wanted", protocol, legacyProtocol)
	}
	// What the machine was does not matter: values are little endian in this form, whichever machine wrote them.
	if _, err := next("the machine's description"); err != nil {
		return nil, err
	}
	root, err := next("the object")
	if err != nil {
		return nil, err
	}
	keys, err := next("the list of storages")
	if err != nil {
		return nil, err
	}
	if err := r.locate(src, keys, d.Offset()); err != nil {
		return nil, err
	}
	return assembleTorch(root, opts)
}

// locate finds the storages from the offset on, in the order of the keys: each a count of values in 8 bytes, then the values.
func (r *torchReader) locate(src *source, keys any, offset int64) error {
	list, ok := keys.(*pickle.List)
	if !ok {
		return fmt.Errorf("the list of storages is a %T", keys)
	}
	for _, item := range list.Items {
		key, _ := item.(string)
		s := r.storages[key]
		if s == nil || s.read != nil {
			return fmt.Errorf("storage %q is in the list twice, or no tensor uses it", clipText(key))
		}
		var raw [8]byte
		if _, err := src.file.ReadAt(raw[:], offset); err != nil {
			return fmt.Errorf("storage %q, byte %d: the file is cut short: %w", s.key, offset, err)
		}
		count := int64(binary.LittleEndian.Uint64(raw[:]))
		if count != s.count {
			return fmt.Errorf("storage %q, byte %d: it says it has %d values, its tensors want %d", s.key, offset, count, s.count)
		}
		start, length := offset+8, count*int64(s.kind.size)
		if length > src.size-start {
			return fmt.Errorf("storage %q, byte %d: its %d values take %d bytes, %d follow: the file is cut short", s.key, offset, count, length, src.size-start)
		}
		s.read = func() ([]byte, error) {
			raw := make([]byte, length)
			_, err := src.file.ReadAt(raw, start)
			return raw, err
		}
		offset = start + length
	}
	return nil
}

// advise adds the way out, which is the same for whatever else people pickle.
func advise(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return fmt.Errorf("%w (save the weights alone: torch.save(model.state_dict(), PATH))", err)
}
