#!/usr/bin/env python3
"""Records what PyTorch computes, in float64, with nn.LSTM and nn.GRU of every form, and with two whole networks.

Run in this folder with Debian's python3-torch (recorded with torch 1.13, numpy 1.24):

    /usr/bin/python3 record.py

It writes torch.npz. Keys are "<case>/<what>", a case being for example "gru-2-bi-bias-init-packed": kind, layers, direction,
bias, initial state, lengths. "params" is all parameters (float32 values) one after another, for each layer and direction
weight_ih, weight_hh, bias_ih, bias_hh. "output" is [batch, steps, directions * hidden], zero behind a sequence's end; "hn"
and "cn" are [layers * directions, batch, hidden]. The inputs x, h0, c0 and lengths are the same for all cases.
"""
import itertools

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

INPUT, HIDDEN, BATCH, STEPS = 2, 3, 3, 5
LENGTHS = [3, 5, 1]


def float32_params(module):
    """Draws parameters that are float32 numbers, to be computed with in float64."""
    for p in module.parameters():
        p.data = (torch.randn_like(p.data) * 0.7).float().double()
    return np.concatenate([p.detach().numpy().ravel() for p in module.parameters()]).astype(np.float32)


def rnn_cases(record):
    forms = itertools.product(("lstm", "gru"), (1, 2), ("uni", "bi"), ("nobias", "bias"), ("zero", "init"), ("full", "packed"))
    x = torch.randn(BATCH, STEPS, INPUT).float().double()
    h0, c0 = torch.randn(4, BATCH, HIDDEN).float().double(), torch.randn(4, BATCH, HIDDEN).float().double()
    record.update({"x": x.numpy(), "h0": h0.numpy(), "c0": c0.numpy(), "lengths": np.array(LENGTHS)})
    for kind, layers, direction, bias, initial, lengths in forms:
        rnn = {"lstm": nn.LSTM, "gru": nn.GRU}[kind](
            INPUT, HIDDEN, layers, bias=bias == "bias", bidirectional=direction == "bi", batch_first=True).double()
        name = "-".join((kind, str(layers), direction, bias, initial, lengths))
        record[name + "/params"] = float32_params(rnn)
        cells = layers * (2 if direction == "bi" else 1)
        state = None
        if initial == "init":
            state = (h0[:cells], c0[:cells]) if kind == "lstm" else h0[:cells]
        given = x
        if lengths == "packed":
            given = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
        output, final = rnn(given, state)
        if lengths == "packed":
            output, _ = pad_packed_sequence(output, batch_first=True, total_length=STEPS)
        hn, cn = final if kind == "lstm" else (final, None)
        record[name + "/output"], record[name + "/hn"] = output.detach().numpy(), hn.detach().numpy()
        if cn is not None:
            record[name + "/cn"] = cn.detach().numpy()


def network_cases(record):
    """An embedding, a bidirectional RNN, and two dense layers, which read every step or the last one of each direction."""
    embedding, rnn = nn.Embedding(10, INPUT).double(), nn.LSTM(INPUT, HIDDEN, bidirectional=True, batch_first=True).double()
    dense, last = nn.Linear(2 * HIDDEN, 4).double(), nn.Linear(4, 3).double()
    tokens = torch.tensor([[3, 0, 9, 9, 1]])
    for part, module in (("embedding", embedding), ("rnn", rnn), ("dense", dense), ("last", last)):
        record["network/" + part] = float32_params(module)
    output, (hn, _) = rnn(embedding(tokens))
    record["network/tokens"] = tokens.numpy()
    for name, features in (("steps", output), ("final", torch.cat([hn[0], hn[1]], dim=1))):
        hidden = dense(features)
        for activation, f in (("relu", torch.relu), ("tanh", torch.tanh), ("sigmoid", torch.sigmoid), ("", lambda v: v)):
            record[f"network/{name}/{activation}"] = torch.softmax(last(f(hidden)), dim=-1).detach().numpy()


def main():
    torch.manual_seed(20)
    record = {}
    with torch.no_grad():
        rnn_cases(record)
        network_cases(record)
    np.savez_compressed("torch.npz", **record)


if __name__ == "__main__":
    main()
