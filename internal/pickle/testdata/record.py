#!/usr/bin/python3
"""Writes the pickles that decoder_test.go reads: the same value in each protocol that Python can write, with and without memo.

Run with Python 3.11: python3 record.py, in this folder.
"""
import collections
import pickle


class Thing:
    pass


Thing.__module__ = "shop"
import sys
import types

sys.modules["shop"] = types.ModuleType("shop")
sys.modules["shop"].Thing = Thing

thing = Thing()
thing.price = 2.5
shared = [1, 2]
value = {
    "none": None,
    "true": True,
    "false": False,
    "integers": [0, 255, 256, 65535, 65536, -1, -(2**31), 2**31, -(2**63), 2**63 - 1],
    "long": 0x1950A86A20F9469CFC6C,
    "negative long": -(2**70),
    "floats": (1.5, -0.1),
    "text": "héé \\ 'quoted' \n ☃",
    "long text": "abc" * 300,
    "bytes": b"\x00\xff'",
    "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
    "set": {7},
    "frozenset": frozenset([8]),
    "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
    "default": collections.defaultdict(list, {"k": 3}),
    "shared": [shared, shared],
    "thing": thing,
    5: "integer key",
}
value["self"] = value
for protocol in range(6):
    with open(f"value-{protocol}.pkl", "wb") as f:
        pickle.dump(value, f, protocol)
