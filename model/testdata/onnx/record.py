#!/usr/bin/env python3
"""Writes small ONNX models, as PyTorch and Keras export them and by hand, and records what their frameworks compute.

Run in this folder, each part with what it needs:

    /usr/bin/python3 record.py torch      PyTorch 1.13 and onnx 1.12 (Debian 12): torch-*.onnx, torch.npz
    python3 record.py handmade            onnx 1.23 and onnxruntime 1.32 (PyPI): hand-*.onnx, handmade.npz
    python3 record.py keras               tensorflow-cpu 2.21, tf-keras, tf2onnx 1.17 (PyPI): keras-*.onnx, keras.npz

Keys of the archives are "<model>/<what>": "x" is what the network is given, [batch, steps, features] or token ids
[batch, steps]; "y" what it yields, [batch, steps, features] or, for the last step alone, [batch, features]; "h0" and "c0"
[cells, batch, units] the initial states where there are any; "lengths" the sequences' lengths.
"""
import sys

import numpy as np

BATCH, STEPS, INPUT, HIDDEN, TOKENS = 2, 5, 3, 2, 7
generator = np.random.RandomState(11)
recorded = {}


def normal(*shape):
    return generator.standard_normal(shape).astype("f4")


def keep(name, **arrays):
    for what, a in arrays.items():
        recorded[f"{name}/{what}"] = np.asarray(a)


def torch_part():
    import itertools
    import warnings

    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    warnings.filterwarnings("ignore")
    torch.manual_seed(11)

    class Bare(nn.Module):
        def __init__(self, kind, **options):
            super().__init__()
            self.rnn = kind(INPUT, HIDDEN, **options)

        def forward(self, x):
            return self.rnn(x)

    class Classifier(nn.Module):
        """Token ids to a class: the last state of each direction through two dense layers."""

        def __init__(self, kind):
            super().__init__()
            self.embedding = nn.Embedding(TOKENS, INPUT)
            self.rnn = kind(INPUT, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
            self.head = nn.Sequential(nn.Linear(2 * HIDDEN, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 1), nn.Sigmoid())

        def forward(self, tokens):
            _, state = self.rnn(self.embedding(tokens))
            h = state[0] if isinstance(state, tuple) else state
            return self.head(torch.cat((h[-2], h[-1]), dim=1))

    class Tagger(nn.Module):
        """A class for every step, tokens given step by step."""

        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(TOKENS, INPUT)
            self.encoder = nn.ModuleDict({"rnn": nn.GRU(INPUT, HIDDEN, bidirectional=True)})
            self.out = nn.Linear(2 * HIDDEN, 4, bias=False)

        def forward(self, tokens):
            y, _ = self.encoder["rnn"](self.embedding(tokens.t()))
            return torch.softmax(self.out(y), dim=-1).transpose(0, 1)

    class LateStep(nn.Module):
        """The dense layer before the last step is taken."""

        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(INPUT, HIDDEN, batch_first=True)
            self.fc = nn.Linear(HIDDEN, 4)

        def forward(self, x):
            y, _ = self.rnn(x)
            return torch.tanh(self.fc(y)[:, -1])

    class Stateful(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(INPUT, HIDDEN, num_layers=2, batch_first=True)

        def forward(self, x, h0, c0):
            return self.rnn(x, (h0, c0))

    class Packed(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(INPUT, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
            self.fc = nn.Linear(2 * HIDDEN, 3)

        def forward(self, x, lengths):
            _, h = self.rnn(pack_padded_sequence(x, lengths, batch_first=True))
            return self.fc(torch.cat((h[-2], h[-1]), dim=1))

    def export(name, net, args, inputs, axes, **options):
        options.setdefault("opset_version", 14)
        torch.onnx.export(net.eval(), args, f"{name}.onnx", input_names=inputs, dynamic_axes=axes, **options)

    with torch.no_grad():
        for n, (kind, layers, both, bias) in enumerate(itertools.product((nn.LSTM, nn.GRU), (1, 2), (False, True), (False, True))):
            first = bin(n).count("1") % 2 == 0
            net = Bare(kind, num_layers=layers, bidirectional=both, bias=bias, batch_first=first)
            x = torch.from_numpy(normal(BATCH, STEPS, INPUT))
            given = x if first else x.transpose(0, 1).contiguous()
            name = f"torch-{kind.__name__.lower()}-{layers}-{'bi' if both else 'uni'}-{'bias' if bias else 'nobias'}-{'batch' if first else 'steps'}"
            b, t = (0, 1) if first else (1, 0)
            # Half of the models have fixed sizes.
            export(name, net, given, ["x"], {"x": {b: "batch", t: "steps"}} if n % 4 < 2 else None)
            y = net(given)[0]
            keep(name, x=x, y=y if first else y.transpose(0, 1))
        tokens = torch.from_numpy(generator.randint(0, TOKENS, (BATCH, STEPS)))
        dynamic = {"tokens": {0: "batch", 1: "steps"}}
        for kind, opset in ((nn.LSTM, 9), (nn.GRU, 11), (nn.LSTM, 13), (nn.GRU, 17)):
            net = Classifier(kind)
            name = f"torch-classifier-{kind.__name__.lower()}-{opset}"
            export(name, net, tokens, ["tokens"], dynamic, opset_version=opset)
            keep(name, x=tokens, y=net.eval()(tokens))
        for name, options in (("torch-tagger", {}), ("torch-tagger-unfolded", {"do_constant_folding": False})):
            net = Tagger()
            export(name, net, tokens, ["tokens"], dynamic, **options)
            keep(name, x=tokens, y=net(tokens))
        x = torch.from_numpy(normal(BATCH, STEPS, INPUT))
        net = LateStep()
        export("torch-late-step", net, x, ["x"], {"x": {0: "batch", 1: "steps"}})
        keep("torch-late-step", x=x, y=net(x))
        h0, c0 = torch.from_numpy(normal(2, BATCH, HIDDEN)), torch.from_numpy(normal(2, BATCH, HIDDEN))
        net = Stateful()
        export("torch-stateful", net, (x, h0, c0), ["x", "h0", "c0"], {"x": {0: "batch", 1: "steps"}, "h0": {1: "batch"}, "c0": {1: "batch"}})
        keep("torch-stateful", x=x, h0=h0, c0=c0, y=net(x, h0, c0)[0])
        lengths = torch.tensor([5, 3])
        net = Packed()
        export("torch-packed", net, (x, lengths), ["x", "lengths"], {"x": {0: "batch", 1: "steps"}, "lengths": {0: "batch"}})
        keep("torch-packed", x=x, lengths=lengths, y=net(x, lengths))
    np.savez_compressed("torch.npz", **recorded)


def handmade_part():
    import onnx
    import onnx.reference
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    def model(name, nodes, inputs, outputs, weights, opset=14, **options):
        graph = helper.make_graph(nodes, name, inputs, outputs, [numpy_helper.from_array(v, k) for k, v in weights.items()])
        m = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, producer_name="by hand")
        onnx.checker.check_model(m)
        onnx.save(m, f"{name}.onnx", **options)
        return m

    def info(name, *shape, kind=TensorProto.FLOAT):
        return helper.make_tensor_value_info(name, kind, shape)

    def cell(kind, directions, features=INPUT):
        gates = 4 if kind == "LSTM" else 3
        return {"W": normal(directions, gates * HIDDEN, features), "R": normal(directions, gates * HIDDEN, HIDDEN),
                "B": normal(directions, 2 * gates * HIDDEN)}

    def run(m, **inputs):
        return onnxruntime.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, inputs)

    x = normal(BATCH, STEPS, INPUT)
    by_step = np.ascontiguousarray(x.transpose(1, 0, 2))
    for kind, extra in (("LSTM", {}), ("GRU", {"linear_before_reset": 1})):
        lower = kind.lower()
        # One cell that walks backwards.
        name = f"hand-{lower}-reverse"
        weights = cell(kind, 1)
        m = model(name, [helper.make_node(kind, ["x", "W", "R", "B"], ["y"], name="cell", hidden_size=HIDDEN, direction="reverse", **extra)],
                  [info("x", "steps", "batch", INPUT)], [info("y", "steps", 1, "batch", HIDDEN)], weights)
        keep(name, x=x, y=run(m, x=by_step)[0][:, 0].transpose(1, 0, 2))
        # Both directions, batch first; onnxruntime lacks this layout, so it computes the other one.
        name = f"hand-{lower}-layout"
        weights = cell(kind, 2)
        nodes = [helper.make_node(kind, ["x", "W", "R", "B"], ["y"], name="cell", hidden_size=HIDDEN, direction="bidirectional", layout=1, **extra),
                 helper.make_node("Reshape", ["y", "shape"], ["joined"], name="join")]
        model(name, nodes, [info("x", "batch", "steps", INPUT)], [info("joined", "batch", "steps", 2 * HIDDEN)],
              dict(weights, shape=np.array([0, 0, 2 * HIDDEN])))
        plain = helper.make_graph([helper.make_node(kind, ["x", "W", "R", "B"], ["y"], hidden_size=HIDDEN, direction="bidirectional", **extra)],
                                  name, [info("x", "s", "b", INPUT)], [info("y", "s", 2, "b", HIDDEN)], [numpy_helper.from_array(v, k) for k, v in weights.items()])
        plain = helper.make_model(plain, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
        keep(name, x=x, y=run(plain, x=by_step)[0].transpose(2, 0, 1, 3).reshape(BATCH, STEPS, -1))
        # Sequences of different lengths, both directions, every step.
        name = f"hand-{lower}-lengths"
        nodes = [helper.make_node(kind, ["x", "W", "R", "B", "lengths"], ["y"], name="cell", hidden_size=HIDDEN, direction="bidirectional", **extra),
                 helper.make_node("Transpose", ["y"], ["turned"], perm=[2, 0, 1, 3]), helper.make_node("Reshape", ["turned", "shape"], ["joined"], name="join")]
        m = model(name, nodes, [info("x", "steps", "batch", INPUT), info("lengths", "batch", kind=TensorProto.INT32)],
                  [info("joined", "batch", "steps", 2 * HIDDEN)], dict(weights, shape=np.array([0, 0, 2 * HIDDEN])))
        lengths = np.array([4, 2], "i4")
        keep(name, x=x, lengths=lengths, y=run(m, x=by_step, lengths=lengths)[0])
        # One cell in each direction, each an operator of its own, the backward one fed and read through a reversal.
        name = f"hand-{lower}-two-operators"
        one, two = cell(kind, 1), cell(kind, 1)
        weights = {f"{k}0": v for k, v in one.items()} | {f"{k}1": v for k, v in two.items()}
        weights |= {"ends": np.array([-2**31]), "minus": np.array([-1]), "zero": np.array([0]), "one": np.array([1]),
                    "D": normal(2 * HIDDEN, 3), "d": normal(3)}
        nodes = [helper.make_node(kind, ["x", "W0", "R0", "B0"], ["y0", "h0"], name="forward", hidden_size=HIDDEN, **extra),
                 helper.make_node("Slice", ["x", "minus", "ends", "zero", "minus"], ["reversed"]),
                 helper.make_node(kind, ["reversed", "W1", "R1", "B1"], ["y1"], name="backward", hidden_size=HIDDEN, **extra),
                 helper.make_node("Slice", ["y1", "minus", "ends", "zero", "minus"], ["back"]),
                 helper.make_node("Concat", ["y0", "back"], ["both"], axis=-1), helper.make_node("Squeeze", ["both", "one"], ["squeezed"]),
                 helper.make_node("MatMul", ["squeezed", "D"], ["product"], name="/tags/MatMul"), helper.make_node("Add", ["d", "product"], ["sum"]),
                 helper.make_node("Transpose", ["sum"], ["tags"], perm=[1, 0, 2])]
        m = model(name, nodes, [info("x", "steps", "batch", INPUT)], [info("tags", "batch", "steps", 3)], weights)
        keep(name, x=x, y=run(m, x=by_step)[0])
    # The same cell with its weights in every form that a tensor has.
    weights = cell("LSTM", 1)
    weights = {k: np.round(v * 8) / 8 for k, v in weights.items()}
    node = [helper.make_node("LSTM", ["x", "W", "R", "B"], ["y"], name="cell", hidden_size=HIDDEN)]
    ends = [info("x", "steps", "batch", INPUT)], [info("y", "steps", 1, "batch", HIDDEN)]
    m = model("hand-raw", node, *ends, weights)
    keep("hand-raw", x=x, y=run(m, x=by_step)[0][:, 0].transpose(1, 0, 2))
    model("hand-external", node, *ends, weights, save_as_external_data=True, location="hand-external.bin", size_threshold=0)
    for form, kind in (("float", TensorProto.FLOAT), ("float16", TensorProto.FLOAT16), ("bfloat16", TensorProto.BFLOAT16), ("double", TensorProto.DOUBLE)):
        for raw in (False, True):
            if form == "float" and raw:
                continue
            dtype = {"float": "f4", "float16": "f2", "double": "f8"}.get(form)
            tensors = []
            for k, v in weights.items():
                if form == "bfloat16":
                    bits = (v.astype("f4").view("u4") >> 16).astype("u2")
                    t = TensorProto(name=k, data_type=kind, dims=v.shape)
                    if raw:
                        t.raw_data = bits.tobytes()
                    else:
                        t.int32_data.extend(bits.ravel().tolist())
                else:
                    values = v.astype(dtype)
                    t = helper.make_tensor(k, kind, v.shape, values.tobytes() if raw else values.ravel(), raw=raw)
                tensors.append(t)
            # No cast: that the operator's inputs differ in type does not matter to a reader of weights.
            graph = helper.make_graph(node, "types", *ends, tensors)
            onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8), f"hand-{form}{'-raw' if raw else ''}.onnx")
    np.savez_compressed("handmade.npz", **recorded)


def keras_part():
    import os

    os.environ["TF_CPP_MIN_LOG_LEVEL"], os.environ["TF_USE_LEGACY_KERAS"], os.environ["CUDA_VISIBLE_DEVICES"] = "3", "1", ""
    import tensorflow as tf
    import tf2onnx
    import tf_keras
    from tf_keras import layers

    tf.random.set_seed(11)

    def record(name, stack, x, kind="float32", opset=13):
        net = tf_keras.Sequential([tf_keras.Input(x.shape[1:] if kind == "float32" else (None,), dtype=kind), *stack])
        for w in net.weights:
            w.assign(normal(*w.shape))
        signature = [tf.TensorSpec((None,) + tuple(x.shape[1:] if kind == "float32" else (None,)), kind, name="x")]
        tf2onnx.convert.from_function(tf.function(lambda x: net(x)), signature, opset=opset, output_path=f"{name}.onnx")
        keep(name, x=x, y=net(x))

    x = normal(BATCH, STEPS, INPUT)
    tokens = generator.randint(0, TOKENS, (BATCH, STEPS)).astype("i4")
    record("keras-lstm", [layers.LSTM(HIDDEN, return_sequences=True), layers.LSTM(HIDDEN), layers.Dense(3, activation="softmax")], x)
    record("keras-lstm-steps", [layers.LSTM(HIDDEN, return_sequences=True), layers.TimeDistributed(layers.Dense(3, activation="tanh"))], x)
    record("keras-gru", [layers.GRU(HIDDEN), layers.Dense(3, activation="sigmoid")], x)
    record("keras-bidirectional", [layers.Embedding(TOKENS, INPUT), layers.Bidirectional(layers.LSTM(HIDDEN, return_sequences=True)),
                                   layers.Bidirectional(layers.LSTM(HIDDEN)), layers.Dense(4, activation="relu"), layers.Dense(1)], tokens, "int32")
    record("keras-bidirectional-gru", [layers.Bidirectional(layers.GRU(HIDDEN, return_sequences=True)), layers.Dense(2)], x, opset=17)
    record("keras-backwards", [layers.LSTM(HIDDEN, go_backwards=True), layers.Dense(3)], x)
    record("keras-reset-before", [layers.GRU(HIDDEN, reset_after=False), layers.Dense(3)], x)
    np.savez_compressed("keras.npz", **recorded)


if __name__ == "__main__":
    {"torch": torch_part, "handmade": handmade_part, "keras": keras_part}[sys.argv[1]]()
