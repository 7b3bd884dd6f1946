#!/usr/bin/python3
"""Writes the fixtures of this folder with h5py, and what h5py itself reads from them: python3-h5py 3.7.0, HDF5 1.10.8 (Debian 12).

For each NAME.h5 there is NAME.json: every object by its path, with its attributes, and for datasets shape, type and values, as
h5py gives them. The values come from formulas, so that a second run writes the same.
"""
import ctypes
import json
import os

import h5py
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))


def values(n, dtype, seed=1):
    """Numbers that float16 holds exactly, no two neighbours alike."""
    return (((np.arange(n) * 37 + seed * 11) % 401 - 200) / 16).astype(dtype)


def plain(v):
    """A value as JSON has it."""
    if isinstance(v, h5py.Empty):
        return []
    if isinstance(v, bytes):
        return v.decode("utf-8")
    if isinstance(v, str):
        return v
    v = np.asarray(v)
    if v.dtype.kind in "SO":
        return [plain(x) for x in v.ravel()]
    if v.dtype.kind == "b":
        return [int(x) for x in v.ravel()]
    return [x.item() for x in v.ravel()]


def describe(name):
    with h5py.File(os.path.join(here, name + ".h5"), "r") as f:
        objects = {}

        def add(path, o):
            entry = {"attributes": {}}
            for key, value in o.attrs.items():
                flat = plain(value)
                entry["attributes"][key] = {
                    "shape": list(np.shape(value)) if not isinstance(value, h5py.Empty) else [],
                    "values": flat if isinstance(flat, list) else [flat],
                }
            if isinstance(o, h5py.Dataset):
                flat = plain(o[()])
                entry.update(shape=list(o.shape or ()), values=flat if isinstance(flat, list) else [flat])
            elif isinstance(o, h5py.Group):
                entry["members"] = sorted(o.keys())
            objects[path] = entry

        add("/", f)

        def walk(path, group):
            for key in group.keys():
                link = group.get(key, getlink=True)
                if isinstance(link, h5py.ExternalLink) or isinstance(link, h5py.SoftLink) and link.path == "/m0/target":
                    continue
                o = group[key]
                if isinstance(o, h5py.Datatype):
                    continue
                add(path + key, o)
                if isinstance(o, h5py.Group):
                    walk(path + key + "/", o)

        walk("/", f)
    with open(os.path.join(here, name + ".json"), "w") as f:
        json.dump(objects, f, indent=None, separators=(",", ":"), sort_keys=True)
        f.write("\n")


def write(name, fill, **options):
    with h5py.File(os.path.join(here, name + ".h5"), "w", **options) as f:
        fill(f)
    describe(name)


def narrow(name, sizes, fill, *, chunk_k=None):
    """Addresses and lengths of other sizes; a superblock of version 1, if the chunk trees are of another width."""
    creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    creation.set_sizes(*sizes)
    if chunk_k:
        # h5py has no call of its own for it; this is the library that it has loaded.
        assert ctypes.CDLL("libhdf5_serial.so.103").H5Pset_istore_k(ctypes.c_int64(creation.id), ctypes.c_uint(chunk_k)) >= 0
    path = os.path.join(here, name + ".h5")
    with h5py.File(h5py.h5f.create(path.encode(), h5py.h5f.ACC_TRUNC, fcpl=creation)) as f:
        fill(f)
    describe(name)


def types(f):
    for dtype in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
        f.create_dataset("float/" + dtype.replace("<", "little-").replace(">", "big-"), data=values(6, dtype).reshape(2, 3))
    for dtype in ["<i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "<u1", ">u2", "<u4", "<u8"]:
        v = np.array([0, 1, 100, 127], dtype)
        if dtype[1] == "i":
            v = np.append(v, [-1, -128]).astype(dtype)
        f.create_dataset("integer/" + dtype.replace("<", "little-").replace(">", "big-"), data=v)
    f.create_dataset("bool", data=np.array([True, False, True]))
    f.create_dataset("scalar", data=np.float32(2.5))
    f.create_dataset("empty", shape=(0, 3), dtype="f4")
    f.create_dataset("null", data=h5py.Empty("f4"))
    f.create_dataset("unwritten", shape=(2, 2), dtype="f4", fillvalue=1.5)
    f.create_dataset("text/fixed", data=np.array([b"one", b"three", b""], "S5"))
    f.create_dataset("text/variable", data=["ein", "", "längeres"], dtype=h5py.string_dtype())
    kind = h5py.h5t.C_S1.copy()
    kind.set_size(6)
    kind.set_strpad(h5py.h5t.STR_SPACEPAD)
    space = h5py.h5s.create_simple((2,))
    d = h5py.h5d.create(f.id, b"blanks", kind, space)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"ab    ", b"abcdef"], "S6"), mtype=kind)
    small = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    small.set_layout(h5py.h5d.COMPACT)
    d = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((2, 2)), small)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, values(4, "f4").reshape(2, 2))


def attributes(f):
    f.attrs["text"] = "a string of variable length"
    f.attrs["none"] = ""
    f.attrs["fixed"] = np.bytes_(b"fixed")
    f.attrs["names"] = np.array([b"embedding", b"lstm", b"dense"])
    f.attrs.create("variable names", ["kernel", "recurrent_kernel", "bias"], dtype=h5py.string_dtype())
    f.attrs["no names"] = np.array([])
    f.attrs["nothing"] = h5py.Empty("S3")
    f.attrs["float"] = 0.25
    f.attrs["floats"] = values(6, ">f4").reshape(2, 3)
    f.attrs["whole"] = np.int32(-7)
    f.attrs["flag"] = True
    f["type"] = np.dtype("<f4")
    f.attrs.create("committed", values(3, "f4"), dtype=f["type"])
    f.create_dataset("committed", data=values(4, "f4"), dtype=f["type"])


def many_attributes(f):
    """More attributes than an object header takes, which go to a fractal heap; one of them is too large for its blocks."""
    g = f.create_group("many")
    for i in range(60):
        g.attrs["attribute %02d" % i] = "value %d" % i
    g.attrs["long"] = np.bytes_(b"x" * 5000)
    g.attrs["names"] = np.array([b"a", b"bc"])


def links(f):
    g = f.create_group("many")
    for i in range(60):
        g.create_group("member number %02d" % i).attrs["i"] = i
    f["many/data"] = values(3, "f4")
    f["hard"] = f["many/data"]
    f["soft"] = h5py.SoftLink("/many/data")
    f["many/relative"] = h5py.SoftLink("data")
    f["chain"] = h5py.SoftLink("/soft")
    f["folder"] = h5py.SoftLink("/many")
    f["outside"] = h5py.ExternalLink("other.h5", "/x")


def thousand(f):
    """Enough members for trees of several levels."""
    for i in range(300 if f.libver[0] == "earliest" else 1300):
        f["m%d" % i] = h5py.SoftLink("/m0/target")


def chunked(f):
    v = values(7 * 5 * 3, "f4").reshape(7, 5, 3)
    f.create_dataset("plain", data=v, chunks=(2, 3, 2))
    f.create_dataset("gzip", data=v, chunks=(2, 3, 2), compression="gzip")
    f.create_dataset("gzip-shuffle", data=v, chunks=(4, 5, 3), compression="gzip", shuffle=True)
    f.create_dataset("fletcher32", data=v.astype("f2"), chunks=(3, 3, 3), fletcher32=True)
    f.create_dataset("all", data=v.astype(">f8"), chunks=(3, 3, 2), fletcher32=True, shuffle=True, compression="gzip")
    f.create_dataset("shuffle", data=values(9, "f8"), chunks=(4,), shuffle=True)
    d = f.create_dataset("holes", shape=(9, 8), chunks=(2, 3), dtype="f4", fillvalue=-3)
    d[3, 4] = 1
    d[8, 7] = 2
    d = f.create_dataset("grown", shape=(3, 3), maxshape=(None, 4), chunks=(2, 2), dtype="f4", fillvalue=9)
    d[...] = values(9, "f4").reshape(3, 3)
    d.resize((5, 4))
    d = f.create_dataset("shrunk", data=values(30, "f4").reshape(6, 5), maxshape=(None, None), chunks=(2, 2))
    d.resize((3, 3))
    f.create_dataset("never", shape=(5,), chunks=(2,), dtype="f4", fillvalue=4)
    f.create_dataset("one", data=values(5, "f4"), chunks=(5,))
    f.create_dataset("one gzip", data=values(5, "f4"), chunks=(5,), compression="gzip")


def indices(f):
    """The chunk indices of version 4, small and large, with filters and without."""
    def early(name, v, chunk, most=None):
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk(chunk)
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        space = h5py.h5s.create_simple(v.shape, most or v.shape)
        d = h5py.h5d.create(f.id, name, h5py.h5t.IEEE_F32LE, space, plist)
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, v)

    early(b"implicit", values(35, "f4").reshape(7, 5), (2, 3))
    early(b"implicit wide", values(35, "f4").reshape(7, 5), (2, 3), (9, 20))
    f.create_dataset("fixed wide", data=values(35, "f4").reshape(7, 5), chunks=(2, 2), maxshape=(8, 21))
    d = f.create_dataset("fixed paged", shape=(3000,), chunks=(1,), dtype="i1")
    d[5:40] = np.arange(35)
    d[2900:] = np.arange(100)
    d = f.create_dataset("fixed paged gzip", shape=(1100,), chunks=(1,), dtype="i1", compression="gzip")
    d[::60] = 7
    for name, options in ("extensible", {}), ("extensible gzip", {"compression": "gzip"}):
        f.create_dataset(name, data=values(45, "f2").reshape(15, 3), chunks=(1, 2), maxshape=(None, 5), **options)
    f.create_dataset("extensible second", data=values(42, "f2").reshape(3, 14), chunks=(2, 1), maxshape=(5, None))
    d = f.create_dataset("extensible large", shape=(9000,), maxshape=(None,), chunks=(1,), dtype="i1")
    d[:300:7] = np.arange(43)
    d[8800:8900] = np.arange(100)
    f.create_dataset("tree", data=values(77, "f4").reshape(7, 11), maxshape=(None, None), chunks=(1, 1))
    f.create_dataset("tree gzip", data=values(77, "f4").reshape(7, 11), maxshape=(None, None), chunks=(3, 2), compression="gzip")
    d = f.create_dataset("tree deep", shape=(40, 40), maxshape=(None, None), chunks=(1, 1), dtype="i1")
    d[...] = (np.arange(1600) % 120).reshape(40, 40)


def paged(f):
    """An extensible array whose data blocks are so large that they have pages."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((1,))
    d = h5py.h5d.create(f.id, b"x", h5py.h5t.STD_I8LE, h5py.h5s.create_simple((140000,), (h5py.h5s.UNLIMITED,)), plist)
    f["x"][131000:131020] = np.arange(20)
    f["x"][139990:] = np.arange(10)


def describe_paged(name):
    """As describe, but only the values that are not zero."""
    with h5py.File(os.path.join(here, name + ".h5"), "r") as f:
        v = f["x"][()]
    with open(os.path.join(here, name + ".json"), "w") as f:
        json.dump({str(i): int(v[i]) for i in np.nonzero(v)[0]}, f)
        f.write("\n")


for version, options in ("old", {"libver": "earliest"}), ("new", {"libver": "latest"}), ("v108", {"libver": ("v108", "v108")}):
    write("links-" + version, links, **options)
    write("chunked-" + version, chunked, **options)
    if version != "v108":
        write("types-" + version, types, **options)
        write("attributes-" + version, attributes, **options)
        write("many-attributes-" + version, many_attributes, **options)
write("many-links-old", thousand, libver="earliest")
write("many-links-new", thousand, libver="latest")
write("indices", indices, libver="latest")
write("user-block-old", attributes, libver="earliest", userblock_size=512)
write("user-block-new", attributes, libver="latest", userblock_size=1024)
narrow("narrow", (4, 4), chunked)
narrow("narrow-2", (2, 4), attributes)
narrow("superblock-1", (8, 8), chunked, chunk_k=2)
write("tracked", links, libver="latest", track_order=True)
path = os.path.join(here, "paged.h5")
with h5py.File(path, "w", libver="latest") as f:
    paged(f)
describe_paged("paged")
