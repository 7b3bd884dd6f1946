#!/usr/bin/env python3
"""Writes the Keras models of this folder as Keras saves them, and what Keras itself computes with them.

Run it once with each of these (python 3.11):
    tensorflow-cpu 2.15.1 (Keras 2.15.0)         keras2-*
    tensorflow-cpu 2.12.1 (Keras 2.12.0)         keras2.12-*
    keras 3.15.1 with jax 0.10.2 as its backend  keras3-*

NAME.npz holds x (features or token ids) and y (the model's output, float32), NAME-torch.npz the weights under PyTorch's names.
All weights come from a seeded generator. The first run records them; the others check that theirs are the same to 1e-6.
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "jax")
import h5py
import numpy as np

import keras

here = os.path.dirname(os.path.abspath(__file__))
L = keras.layers
version = "keras3" if keras.__version__.startswith("3.") else "keras2.12" if keras.__version__.startswith("2.12") else "keras2"
features = np.random.RandomState(1).uniform(-2, 2, (3, 5, 3)).astype("f4")
tokens = np.random.RandomState(2).randint(1, 7, (3, 5))


def path(name):
    return os.path.join(here, name)


def fill(model, seed):
    """Weights that use the whole range of the gates, biases included."""
    r = np.random.RandomState(seed)
    model.set_weights([r.uniform(-0.9, 0.9, w.shape).astype("f4") for w in model.get_weights()])
    return model


def chain(*layers):
    keras.backend.clear_session()
    return keras.Sequential(list(layers))


def functional(*layers):
    keras.backend.clear_session()
    x = layers[0]
    out = x
    for layer in layers[1:]:
        out = layer(out)
    return keras.Model(x, out)


def lstm():
    return fill(chain(L.Input((5, 3)), L.LSTM(4, name="rnn"), L.Dense(2, name="fc")), 3), features


def gru():
    return fill(chain(L.Input((5, 3)), L.GRU(4, name="rnn"), L.Dense(2, name="fc")), 4), features


def nobias():
    return fill(chain(L.Input((5, 3)), L.GRU(3, use_bias=False), L.Dense(2, use_bias=False), L.Activation("softmax")), 5), features


def stacked():
    return fill(functional(
        L.Input((5,)), L.Embedding(7, 3), L.SpatialDropout1D(0.2),
        L.Bidirectional(L.LSTM(2, return_sequences=True, dropout=0.1), name="rnn"), L.Dropout(0.1),
        L.Bidirectional(L.LSTM(2, return_sequences=True, recurrent_dropout=0.1)), L.TimeDistributed(L.Dense(2, activation="relu"))), 6), tokens


def backwards():
    """Against time, against time again, and forward by turning round twice."""
    return fill(chain(
        L.Input((5, 3)), L.GRU(3, go_backwards=True, return_sequences=True), L.GRU(2, return_sequences=True),
        L.GRU(2, go_backwards=True, return_sequences=True), L.GRU(2, go_backwards=True), L.Dense(2, activation="tanh")), 7), features


def bidirectional_gru():
    return fill(chain(L.Input((5, 3)), L.Bidirectional(L.GRU(2)), L.Dense(3, activation="sigmoid"), L.Dense(1)), 8), features


def masked():
    x = features.copy()
    x[0, 3:] = -1
    x[1, :2] = -1
    x[2, 2] = -1
    return fill(functional(
        L.Input((5, 3)), L.Masking(-1.0), L.Bidirectional(L.LSTM(2, return_sequences=True)), L.LSTM(2, stateful=False), L.Dense(2)), 9), x


def mask_zero():
    x = tokens.copy()
    x[0, 4:] = 0
    x[1, 0] = 0
    return fill(chain(L.Input((5,)), L.Embedding(7, 3, mask_zero=True), L.GRU(2), L.Dense(2)), 10), x


def torch_weights(model, gates):
    """The weights of a model of recurrent layers named rnn and a dense one named fc, as PyTorch has them."""
    order = {4: [0, 1, 2, 3], 3: [1, 0, 2]}[gates]

    def reorder(w):
        return np.concatenate([np.split(w, gates, axis=-1)[i] for i in order], axis=-1)

    kernel, recurrent, bias = model.get_layer("rnn").get_weights()
    both = bias if gates == 3 else np.stack([bias, np.zeros_like(bias)])
    fc, fc_bias = model.get_layer("fc").get_weights()
    return {
        "rnn.weight_ih_l0": reorder(kernel).T.copy(), "rnn.weight_hh_l0": reorder(recurrent).T.copy(),
        "rnn.bias_ih_l0": reorder(both[0]), "rnn.bias_hh_l0": reorder(both[1]), "fc.weight": fc.T.copy(), "fc.bias": fc_bias,
    }


def predict(model, x):
    """In batches of one, so that nothing of one sequence reaches another."""
    return np.concatenate([np.asarray(model.predict(x[i:i + 1], verbose=0)) for i in range(len(x))])


models = {"lstm": lstm, "gru": gru, "nobias": nobias, "stacked": stacked, "backwards": backwards,
          "bidirectional_gru": bidirectional_gru, "masked": masked, "mask_zero": mask_zero}
# Every model in the format that each version makes its own, some in the other as well.
formats = {"keras2": [".h5"], "keras3": [".keras"], "keras2.12": []}[version]
both = {"keras2": ["lstm", "stacked"], "keras3": ["gru", "stacked"], "keras2.12": ["stacked"]}[version]
for name, make in models.items():
    model, x = make()
    y = predict(model, x)
    values = {"x": x, "y": y.astype("f4")}
    if version == "keras2":
        np.savez(path(name + ".npz"), **values)
        if name in ("lstm", "gru"):
            np.savez(path(name + "-torch.npz"), **torch_weights(model, 4 if name == "lstm" else 3))
    else:
        recorded = np.load(path(name + ".npz"))
        for key in values:
            assert np.allclose(recorded[key], values[key], atol=1e-6), (name, key)
    for extension in [".h5", ".keras"]:
        if extension in formats or name in both and (version != "keras2.12" or extension == ".keras"):
            model.save(path(version + "-" + name + extension))
    if name == "bidirectional_gru" and version != "keras2.12":
        model.save_weights(path(version + "-numbered.weights.h5"))
    if name == "stacked" and version == "keras3":
        model.save_weights(path(version + "-unclear.weights.h5"))

if version != "keras2":
    sys.exit()

# Weights alone, in the older form.
model, x = lstm()
model.save_weights(path("keras2-weights.h5"))

# The same with the lists of names divided, as Keras divides those that are longer than an attribute can be.
with h5py.File(path("keras2-divided.h5"), "w") as to, h5py.File(path("keras2-lstm.h5"), "r") as source:
    to.attrs["model_config"] = source.attrs["model_config"]
    source.copy("model_weights", to)
    for group, key in (to["model_weights"], "layer_names"), (to["model_weights/rnn"], "weight_names"):
        names = list(group.attrs[key])
        del group.attrs[key]
        for i, name in enumerate(names):
            group.attrs[key + str(i)] = [name]

# Keras 1: one weight of each kind a gate, other names in the configuration. Keras 2 reads such a file, and must find the same model.
gates = {}
for letter, w in zip("WUb", model.get_layer("rnn").get_weights()):
    for gate, part in zip("ifco", np.split(w, 4, axis=-1)):
        gates[letter + "_" + gate] = part
with h5py.File(path("keras1-lstm.h5"), "w") as f:
    f.attrs["model_config"] = (
        '{"class_name": "Sequential", "config": [{"class_name": "LSTM", "config": {"name": "rnn", "output_dim": 4, "input_dim": 3, '
        '"batch_input_shape": [null, 5, 3], "return_sequences": false, "go_backwards": false, "stateful": false, "unroll": false, '
        '"activation": "tanh", "inner_activation": "sigmoid", "consume_less": "cpu", "dropout_W": 0.0, "dropout_U": 0.0}}, '
        '{"class_name": "Dense", "config": {"name": "fc", "output_dim": 2, "bias": true, "activation": "linear"}}]}').encode()
    g = f.create_group("model_weights")
    g.attrs["layer_names"] = [b"rnn", b"fc"]
    r = g.create_group("rnn")
    order = [letter + "_" + gate for gate in "icfo" for letter in "WUb"]
    r.attrs["weight_names"] = [("rnn_%s:0" % one).encode() for one in order]
    for one in order:
        r.create_dataset("rnn_%s:0" % one, data=gates[one])
    d = g.create_group("fc")
    d.attrs["weight_names"] = [b"fc_W:0", b"fc_b:0"]
    for key, w in zip(["fc_W:0", "fc_b:0"], model.get_layer("fc").get_weights()):
        d.create_dataset(key, data=w)
again, _ = lstm()
fill(again, 99)
again.load_weights(path("keras1-lstm.h5"))
assert np.array_equal(predict(again, x), predict(model, x))
