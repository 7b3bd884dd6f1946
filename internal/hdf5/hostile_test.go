package hdf5

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// readAll reads everything in a file, each object once, and gives the first error.
func readAll(f *File) error {
	root, err := f.Root()
	if err != nil {
		return err
	}
	seen := map[uint64]bool{}
	var first error
	keep := func(err error) {
		if first == nil {
			first = err
		}
	}
	var visit func(o *Object)
	visit = func(o *Object) {
		if seen[o.header.address] {
			return
		}
		seen[o.header.address] = true
		attributes, err := o.Attributes()
		keep(err)
		for _, a := range attributes {
			keep(readValues(a.Type, a))
		}
		if o.IsDataset() {
			kind, err := o.Type()
			keep(err)
			if err == nil {
				keep(readValues(kind, o))
			}
		}
		names, err := o.Names()
		keep(err)
		for _, name := range names {
			member, err := o.Object(name)
			keep(err)
			if err == nil {
				visit(member)
			}
		}
	}
	visit(root)
	return first
}

func readValues(kind Datatype, r reader) error {
	var err error
	switch kind.Class {
	case Float:
		_, err = r.Float64s()
	case Integer, Enum:
		_, err = r.Int64s()
	default:
		_, err = r.Strings()
	}
	return err
}

// resum puts the right checksums into the blocks of version 2, so that damage reaches what is behind them. Blocks whose length
// is not at hand keep theirs.
func resum(data []byte) {
	for _, one := range []struct {
		signature string
		size      int
	}{{"FRHP", 146}, {"BTHD", 38}, {"FAHD", 28}, {"EAHD", 72}} {
		for at := 0; ; at++ {
			next := bytes.Index(data[at:], []byte(one.signature))
			if next < 0 || at+next+one.size > len(data) {
				break
			}
			at += next
			block := data[at:][:one.size]
			binary.LittleEndian.PutUint32(block[one.size-4:], checksum(block[:one.size-4]))
		}
	}
	if len(data) > 48 && data[8] >= 2 {
		binary.LittleEndian.PutUint32(data[44:], checksum(data[:44]))
	}
}

// TestDamage changes bytes of each fixture at random, thousands of times: reading must end, soon, and within its budget.
func TestDamage(t *testing.T) {
	times := 1000
	if testing.Short() {
		times = 100
	}
	for _, name := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := content(t, name)
			random := rand.New(rand.NewPCG(1, uint64(len(whole))))
			// Interesting bytes are those that are not zero, most of which are not values.
			var places []int
			for i, b := range whole {
				if b != 0 {
					places = append(places, i)
				}
			}
			damaged := make([]byte, len(whole))
			for i := range times {
				copy(damaged, whole)
				for range 1 + random.IntN(4) {
					at := places[random.IntN(len(places))]
					if random.IntN(4) == 0 {
						at = random.IntN(len(whole))
					}
					switch random.IntN(3) {
					case 0:
						damaged[at] ^= 1 << random.IntN(8)
					case 1:
						damaged[at] = byte(random.IntN(256))
					default:
						damaged[at] = 0xff
					}
				}
				if i%2 == 0 {
					resum(damaged)
				}
				start := time.Now()
				f, err := Open(bytes.NewReader(damaged), int64(len(damaged)))
				if err == nil {
					err = readAll(f)
					require.GreaterOrEqual(t, f.left, int64(0))
				}
				if took := time.Since(start); took > 5*time.Second {
					t.Fatalf("mutation %d took %v (%v)", i, took, err)
				}
			}
		})
	}
}

func TestCutShort(t *testing.T) {
	for _, name := range []string{"links-old.h5", "indices.h5"} {
		whole := content(t, name)
		for n := 0; n < len(whole); n += 1 + len(whole)/200 {
			_, err := Open(bytes.NewReader(whole[:n]), int64(n))
			require.Error(t, err)
		}
	}
}

// edit gives a fixture with bytes behind every block of a signature replaced.
func edit(t *testing.T, name, signature string, offset int, with ...byte) []byte {
	t.Helper()
	data := bytes.Clone(content(t, name))
	require.Contains(t, string(data), signature)
	for at := 0; at < len(data); at++ {
		if bytes.HasPrefix(data[at:], []byte(signature)) && at+offset < len(data) {
			copy(data[at+offset:], with)
		}
	}
	return data
}

func TestDamageIsNamed(t *testing.T) {
	for name, one := range map[string]struct {
		data []byte
		path string
		want string
	}{
		"checksum of a superblock":    {edit(t, "links-new.h5", Signature, 40, 1), "", "superblock at byte 0: the checksum is"},
		"version of a superblock":     {edit(t, "links-new.h5", Signature, 8, 4), "", "superblock at byte 0: version 4 is not known: 0 to 3 are"},
		"checksum of a header":        {edit(t, "links-new.h5", "OHDR", 20, 0xaa), "many", "object header at address 48: at address 48: the checksum is"},
		"checksum of a heap":          {edit(t, "links-new.h5", "FRHP", 20, 0xaa), "many/data", `object "/many/data": group "/many": FRHP block: at address`},
		"checksum of a direct block":  {edit(t, "links-new.h5", "FHDB", 30, 0xaa), "many/data", "direct block at address"},
		"checksum of a tree":          {edit(t, "links-new.h5", "BTHD", 8, 0xaa), "many/data", "BTHD block: at address"},
		"checksum of a leaf":          {edit(t, "links-new.h5", "BTLF", 8, 0xaa), "many/data", "BTLF block: at address"},
		"a tree's cycle":              {cyclicTree(t), "many/data", "is named twice"},
		"a name without end":          {edit(t, "links-old.h5", "HEAP", 8, 9, 0), "many/data", "local heap"},
		"a symbol node's signature":   {edit(t, "links-old.h5", "SNOD", 0, 'X'), "many/data", `a block "SNOD" is wanted`},
		"a global heap's signature":   {edit(t, "types-old.h5", "GCOL", 0, 'X'), "text/variable", "global heap at address"},
		"compressed values":           {edit(t, "chunked-old.h5", "\x78\x5e", 2, 0xff, 0xff), "gzip", `object "/gzip": chunk [`},
		"a fixed array's checksum":    {edit(t, "indices.h5", "FADB", 20, 0xaa), "fixed wide", "FADB block: at address"},
		"an extensible one's":         {edit(t, "indices.h5", "EAIB", 20, 0xaa), "extensible", "EAIB block: at address"},
		"a checksum of chunk's bytes": {fletcher(t), "fletcher32", "filter fletcher32: the checksum is"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Open(bytes.NewReader(one.data), int64(len(one.data)))
			if err == nil {
				var o *Object
				if o, err = f.Object(one.path); err == nil {
					if _, err = o.Float32s(); err != nil && one.path == "text/variable" {
						_, err = o.Strings()
					}
				}
			}
			require.ErrorContains(t, err, one.want)
		})
	}
}

// cyclicTree makes the old group's tree lead to itself.
func cyclicTree(t *testing.T) []byte {
	data := bytes.Clone(content(t, "links-old.h5"))
	for at := 0; ; at++ {
		next := bytes.Index(data[at:], []byte("TREE"))
		if next < 0 {
			return data
		}
		at += next
		data[at+5] = 1 // a level higher, its children nodes of the level below
		binary.LittleEndian.PutUint64(data[at+24+8:], uint64(at))
	}
}

// fletcher changes a value of a chunk with a checksum.
func fletcher(t *testing.T) []byte {
	data := bytes.Clone(content(t, "chunked-new.h5"))
	v := []byte{0x50, 0xc9} // the first value, -11.8125 less a bit, is in chunk 0 of that dataset only
	f := open(t, data)
	o, err := f.Object("fletcher32")
	require.NoError(t, err)
	d, err := o.describe()
	require.NoError(t, err)
	a, err := f.fixedArray(d.layout.address, 54)
	require.NoError(t, err)
	place, err := a.at(0)
	require.NoError(t, err)
	copy(data[place.address:], v)
	return data
}

// TestMemory holds a file of a few bytes that claims large datasets to the stated bound.
func TestMemory(t *testing.T) {
	data := bytes.Clone(content(t, "chunked-new.h5"))
	f := open(t, data)
	d := &dataset{Type: Datatype{Size: 4}, space: dataspace{shape: []int{1 << 40}}, layout: layout{class: layoutChunked, address: undefined}}
	_, err := d.space.elements(4)
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d.count = 1 << 40
	_, err = f.raw(d)
	require.ErrorIs(t, err, errBudget)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))

	// The budget is that of the whole file, so that many names of one dataset are no way around it.
	f = open(t, data)
	o, err := f.Object("plain")
	require.NoError(t, err)
	for err == nil {
		_, err = o.Float32s()
	}
	require.ErrorIs(t, err, errBudget)
}

func FuzzOpen(f *testing.F) {
	for _, name := range []string{"attributes-new.h5", "attributes-old.h5", "chunked-new.h5", "many-attributes-new.h5", "types-new.h5", "types-old.h5", "tracked.h5"} {
		f.Add(content(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		resum(data)
		file, err := Open(bytes.NewReader(data), int64(len(data)))
		if err == nil {
			_ = readAll(file)
		}
	})
}
