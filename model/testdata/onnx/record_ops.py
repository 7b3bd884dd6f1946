#!/usr/bin/env python3
"""Records what onnxruntime makes of the operators that only move data or compute with constants, on random tensors.

Run in this folder with onnx 1.23 and onnxruntime 1.32 (PyPI): python3 record_ops.py

ops.onnx is one graph of many nodes, each with constants of its own and without connection to the others; ops.npz holds each
output under its name, with a shape of its own.
"""
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

generator = np.random.RandomState(5)
nodes, weights, outputs = [], [], []


def add(op, *inputs, count=1, kind=TensorProto.INT64, **attributes):
    number = len(nodes)
    names = []
    for i, v in enumerate(inputs):
        if v is None:
            names.append("")
            continue
        names.append(f"n{number}.i{i}")
        weights.append(numpy_helper.from_array(np.asarray(v), names[-1]))
    outs = [f"n{number}.o{i}" for i in range(count)]
    nodes.append(helper.make_node(op, names, outs, name=f"{op} {number}", **attributes))
    outputs.extend(helper.make_tensor_value_info(o, kind, None) for o in outs)


def tensor(*shape, kind="i8"):
    return generator.randint(-9, 10, shape).astype(kind)


def shape(rank):
    return tuple(int(d) for d in generator.randint(1, 5, rank))


INT, FLOAT, BOOL = TensorProto.INT64, TensorProto.FLOAT, TensorProto.BOOL
for n in range(8):
    rank = 1 + n % 4
    dims = shape(rank)
    add("Transpose", tensor(*dims), perm=generator.permutation(rank).tolist())
    axis = int(generator.randint(-rank, rank))
    size = dims[axis]
    add("Gather", tensor(*dims), generator.randint(-size, size, shape(n % 3)).astype("i8"), axis=axis)
    axes = generator.permutation(rank)[: 1 + n % rank].astype("i8")
    bounds = [generator.randint(-6, 7, len(axes)).astype("i8") for _ in range(2)]
    steps = generator.choice([-3, -2, -1, 1, 2, 3], len(axes)).astype("i8")
    if n % 3 == 0:
        # Beyond the end in the direction of the step; onnxruntime takes the other extreme for this one as well.
        bounds[1] = np.where(steps > 0, 2**63 - 1, -(2**63))
    add("Slice", tensor(*dims), *bounds, axes, steps)
    cut = int(generator.randint(0, size + 1))
    add("Split", tensor(*dims), np.array([cut, size - cut]), count=2, axis=axis)
    other = list(dims)
    other[axis] = int(generator.randint(1, 4))
    add("Concat", tensor(*dims), tensor(*other), tensor(*dims), axis=axis)
    add("Tile", tensor(*dims), generator.randint(0, 3, rank).astype("i8"))
    narrow = [d if generator.randint(2) else 1 for d in dims]
    add("Expand", tensor(*narrow), np.array(shape(n % 2) + tuple(d if generator.randint(2) else 1 for d in dims), "i8"))
    add("Unsqueeze", tensor(*dims), np.array([0, -1] if n % 2 else [1]))
    add("Squeeze", tensor(1, *dims, 1), np.array([0, -1] if n % 2 else [-1]))
    add("Squeeze", tensor(1, *dims, 1))
    add("Flatten", tensor(*dims), axis=int(generator.randint(-rank, rank + 1)))
    add("Reshape", tensor(*dims), np.array([0] * (rank - 1) + [1, -1]))
    add("Shape", tensor(*dims), start=int(generator.randint(-5, 5)), end=int(generator.randint(-5, 5)))
    a, b = tensor(*dims), tensor(*narrow[n % rank:])
    for op in ("Add", "Sub", "Mul"):
        add(op, a, b)
        add(op, b.astype("f4"), a.astype("f4"), kind=FLOAT)
    add("Div", a, np.where(b == 0, 1, b))
    for op in ("Equal", "Less", "Greater"):
        add(op, a, b, kind=BOOL)
        add(op, a.astype("f4"), b.astype("f4"), kind=BOOL)
    add("And", a > 0, b > 0, kind=BOOL)
    add("Or", a > 0, b > 0, kind=BOOL)
    add("Not", a > 0, kind=BOOL)
    add("Where", b > 0, a, a + 20)
    add("Neg", a)
    add("Cast", (tensor(*dims) / 4).astype("f4"), to=INT)
    add("Cast", a, to=FLOAT, kind=FLOAT)
    add("Cast", a // 4, to=BOOL, kind=BOOL)
    add("Range", np.int64(n - 6), np.int64(generator.randint(-9, 10)), np.int64(generator.choice([-3, -1, 1, 2])))
    add("ReduceProd", tensor(rank), keepdims=n % 2)
    add("Size", a)
    add("ConstantOfShape", np.array(dims), value=numpy_helper.from_array(np.array([n])))
    long, wide = int(generator.randint(1, 6)), int(generator.randint(1, 4))
    lengths = generator.randint(1, long + 1, wide).astype("i8")
    add("ReverseSequence", tensor(long, wide, *dims[:n % 2]), lengths, time_axis=0, batch_axis=1)
    add("ReverseSequence", tensor(wide, long, *dims[:n % 2]), lengths, time_axis=1, batch_axis=0)

graph = helper.make_graph(nodes, "ops", [], outputs, weights)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
onnx.save(model, "ops.onnx")
options = onnxruntime.SessionOptions()
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
values = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, {})
np.savez_compressed("ops.npz", **{o.name: v.astype("f4") if v.dtype == "f4" else v.astype("i2") for o, v in zip(outputs, values)})
