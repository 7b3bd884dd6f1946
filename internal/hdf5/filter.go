package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
)

// The filters that are read, with the format's numbers.
const (
	filterDeflate    = 1
	filterShuffle    = 2
	filterFletcher32 = 3
)

var filterNames = map[uint16]string{4: "szip", 5: "nbit", 6: "scaleoffset", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32015: "zstd"}

// filter is one step of the way from values to stored bytes.
type filter struct {
	id     uint16
	values []uint32
}

// filters reads a filter pipeline message.
func (f *File) filters(data []byte) ([]filter, error) {
	c := f.cursor(data)
	version, count := c.u8(), int(c.u8())
	switch {
	case c.err == nil && version != 1 && version != 2:
		return nil, fmt.Errorf("filters: version %d is not known: 1 and 2 are", version)
	case count > maxRank:
		return nil, fmt.Errorf("filters: there are %d, the limit is %d", count, maxRank)
	case version == 1:
		c.skip(6)
	}
	var all []filter
	for range count {
		one := filter{id: c.u16()}
		nameSize := 0
		if version == 1 || one.id >= 256 {
			nameSize = int(c.u16())
		}
		c.skip(2)
		parameters := int(c.u16())
		if version == 1 {
			nameSize = (nameSize + 7) / 8 * 8
		}
		c.skip(nameSize)
		for range min(parameters, c.left()/4) {
			one.values = append(one.values, c.u32())
		}
		if version == 1 && parameters%2 == 1 {
			c.skip(4)
		}
		all = append(all, one)
	}
	if c.err != nil {
		return nil, fmt.Errorf("filters: %w", c.err)
	}
	return all, nil
}

// unfilter undoes the filters of a chunk, the last first; the bits of the mask are those that were left out. want is how many
// bytes the chunk has.
func (f *File) unfilter(raw []byte, filters []filter, mask uint32, want int) ([]byte, error) {
	for i := len(filters) - 1; i >= 0; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		var err error
		switch one := filters[i]; one.id {
		case filterDeflate:
			raw, err = f.inflate(raw, want+4*i)
		case filterShuffle:
			if len(one.values) < 1 || one.values[0] == 0 {
				return nil, fmt.Errorf("filter shuffle: its size of a value is not given")
			}
			raw, err = f.unshuffle(raw, int(one.values[0]))
		case filterFletcher32:
			raw, err = checkFletcher32(raw)
		default:
			name := filterNames[one.id]
			if name == "" {
				name = "a private one"
			}
			err = fmt.Errorf("filter %d (%s) is not read: gzip, shuffle and fletcher32 are; save it without compression", one.id, name)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(raw) != want {
		return nil, fmt.Errorf("it has %d bytes, %d are wanted", len(raw), want)
	}
	return raw, nil
}

// inflate undoes gzip. most is how long the result may be: a chunk, and the checksums of the filters before.
func (f *File) inflate(raw []byte, most int) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("filter gzip: %w", err)
	}
	// The memory grows with what arrives, and what arrives is paid for.
	most = int(min(int64(most), f.left))
	out, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err != nil {
		return nil, fmt.Errorf("filter gzip: %w", err)
	}
	if len(out) > most {
		return nil, fmt.Errorf("filter gzip: it inflates to more than %d bytes", most)
	}
	return out, f.spend(int64(len(out)))
}

// unshuffle gathers the bytes of each value, which were stored by their place in the value. A rest that is no whole value
// stays as it is.
func (f *File) unshuffle(raw []byte, size int) ([]byte, error) {
	if err := f.spend(int64(len(raw))); err != nil {
		return nil, err
	}
	count := len(raw) / size
	if count == 0 || size == 1 {
		return raw, nil
	}
	out := make([]byte, len(raw))
	for place := range size {
		for i, b := range raw[place*count:][:count] {
			out[i*size+place] = b
		}
	}
	copy(out[count*size:], raw[count*size:])
	return out, nil
}

// checkFletcher32 takes the checksum from the end of a chunk and verifies it. Old versions of the library stored the bytes of
// its halves the other way round.
func checkFletcher32(raw []byte) ([]byte, error) {
	if len(raw) < 4 {
		return nil, fmt.Errorf("filter fletcher32: %w", errShort)
	}
	body := raw[:len(raw)-4]
	stored, sum := binary.LittleEndian.Uint32(raw[len(body):]), fletcher32(body)
	swapped := sum&0x00ff00ff<<8 | sum>>8&0x00ff00ff
	if stored != sum && stored != swapped {
		return nil, fmt.Errorf("filter fletcher32: the checksum is %08x, the bytes have %08x: the file is damaged", stored, sum)
	}
	return body, nil
}
