#!/usr/bin/python3
"""Writes the arrays that npy_test.go reads: each type, byte order, memory order and format version that NumPy can write.

Run with NumPy 1.24 (Debian 12): python3 record.py, in this folder.
"""
import numpy as np
from numpy.lib import format as npy

rng = np.arange(24).reshape(2, 3, 4)


def save(name, array, version=None):
    with open(name + ".npy", "wb") as f:
        npy.write_array(f, array, version=version)


for code in ["i1", "i2", "i4", "i8", "f2", "f4", "f8"]:
    save(f"{code}-little", (rng - 7).astype("<" + code))
    save(f"{code}-big", (rng - 7).astype(">" + code))
for code in ["u1", "u2", "u4", "u8"]:
    save(f"{code}-little", rng.astype("<" + code))
    save(f"{code}-big", rng.astype(">" + code))
save("bool", rng % 3 == 0)
save("fortran", np.asfortranarray((rng - 7).astype("<i4")))
save("fortran-big", np.asfortranarray((rng - 7).astype(">f8")))
save("version-2", (rng - 7).astype("<i2"), (2, 0))
save("version-3", (rng - 7).astype("<i2"), (3, 0))
save("scalar", np.float32(1.5))
save("vector", np.arange(-2, 3, dtype="<i2"))
save("empty", np.zeros((0, 8), "<f4"))
np.save("object.npy", np.array([{}, None]), allow_pickle=True)
np.save("structured.npy", np.zeros(2, [("a", "<i2"), ("b", "<f4")]))
np.savez("stored.npz", **{"a.weight": rng.astype("<f4"), "b": rng.astype(">i2")})
np.savez_compressed("deflated.npz", **{"a.weight": rng.astype("<f4"), "b": rng.astype(">i2")})
