#!/usr/bin/python3
"""Writes the small models that the tests read: the same networks in every form that PyTorch and NumPy save them in.

Run with PyTorch 1.13 and NumPy 1.24 (Debian 12): python3 record.py, in this folder. The weights are multiples of 1/8, which every
float format holds, so that all forms of a network must give the same one.
"""
import argparse
import io
import json
import pathlib
import struct
import warnings
import zipfile
from collections import OrderedDict

import numpy as np
import torch
from torch import nn

warnings.filterwarnings("ignore")
generator = np.random.RandomState(7)


def fill(module):
    for p in module.parameters():
        p.data = torch.from_numpy((generator.randint(-16, 16, tuple(p.shape)) / 8).astype("f4"))
    return module


class Net(nn.Module):
    """One recurrent layer and one dense one, nothing else."""

    def __init__(self, kind=nn.LSTM, **options):
        super().__init__()
        self.rnn = kind(3, 2, **options)
        self.fc = nn.Linear(4 if options.get("bidirectional") else 2, 2)

    def forward(self, x):
        y, _ = self.rnn(x)
        return self.fc(y[-1])


class Full(nn.Module):
    """Embedding, two bidirectional layers, a head of two dense layers."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 3)
        self.encoder = nn.ModuleDict({"rnn": nn.GRU(3, 2, num_layers=2, bidirectional=True)})
        self.head = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))


def npz(name, state):
    np.savez(name, **{k: v.detach().numpy() for k, v in state.items()})


def big_endian(data):
    """The archive as a big-endian machine writes it: swapped storages and an entry that says so."""
    source = zipfile.ZipFile(io.BytesIO(data))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if "/data/" in name:
                content = np.frombuffer(content, "<f4").astype(">f4").tobytes()
            target.writestr(zipfile.ZipInfo(name), content)
        target.writestr(zipfile.ZipInfo(source.namelist()[0].split("/")[0] + "/byteorder"), "big")
    return out.getvalue()


def safetensors(name, tensors):
    """The format's whole rule: the header's length, the header, the values."""
    header, values = {"__metadata__": {"format": "pt"}}, b""
    for key, (kind, shape, data) in sorted(tensors.items()):
        header[key] = {"dtype": kind, "shape": shape, "data_offsets": [len(values), len(values) + len(data)]}
        values += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(name, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + values)


# The LSTM in every form.
net = fill(Net())
state = net.state_dict()
npz("lstm.npz", state)
torch.save(state, "lstm-zip.pth")
torch.save(state, "lstm-legacy.pth", _use_new_zipfile_serialization=False)
for name, kind in {"double": torch.double, "half": torch.half, "bfloat16": torch.bfloat16}.items():
    converted = OrderedDict((k, v.to(kind)) for k, v in state.items())
    torch.save(converted, f"lstm-{name}.pth")
    torch.save(converted, f"lstm-{name}-legacy.pth", _use_new_zipfile_serialization=False)
for protocol in (4, 5):
    torch.save(state, f"lstm-protocol-{protocol}.pth", pickle_protocol=protocol)
buffer = io.BytesIO()
torch.save(state, buffer)
with open("lstm-big-endian.pth", "wb") as f:
    f.write(big_endian(buffer.getvalue()))

# Views: all tensors in one storage, some transposed, some with gaps, one behind an offset.
views = OrderedDict()
pool = torch.zeros(sum(v.numel() * 2 for v in state.values()))
at = 1
for i, (key, value) in enumerate(state.items()):
    if value.dim() == 2 and i % 2 == 0:
        view = pool[at : at + value.numel()].view(value.shape[1], value.shape[0]).t()
        at += value.numel()
    elif value.dim() == 1:
        view = pool[at : at + 2 * value.numel() : 2]
        at += 2 * value.numel()
    else:
        view = pool[at : at + value.numel()].view(value.shape)
        at += value.numel()
    view.copy_(value)
    views[key] = view
torch.save(views, "lstm-views.pth")
torch.save(views, "lstm-views-legacy.pth", _use_new_zipfile_serialization=False)

torch.save(OrderedDict((k, nn.Parameter(v)) for k, v in state.items()), "lstm-parameters.pth")
torch.save(OrderedDict((k, nn.Parameter(v)) for k, v in state.items()), "lstm-parameters-legacy.pth", _use_new_zipfile_serialization=False)
torch.save(dict(state), "lstm-dict.pth")
torch.save(OrderedDict(("module." + k, v) for k, v in state.items()), "lstm-data-parallel.pth")

# Checkpoints, with what people keep beside the weights.
optimizer = torch.optim.Adam(net.parameters())
net(torch.ones(4, 1, 3)).sum().backward()
optimizer.step()
net.load_state_dict(torch.load("lstm-zip.pth"))
beside = {
    "epoch": 3,
    "optimizer": optimizer.state_dict(),
    "best": np.float64(0.75),
    "arguments": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("runs/1")),
    "device": torch.device("cpu"),
    "random": torch.get_rng_state()[:4].clone(),
    "shape": torch.Size([1, 2]),
    "history": {"loss": [1.0, 0.5]},
    "ids": {1, 2},
}
torch.save({**beside, "state_dict": state}, "checkpoint-state_dict.pth")
torch.save({"model": state, "epoch": 3}, "checkpoint-model.pth")
torch.save({"run": {"weights": {"net": state}}}, "checkpoint-deep.pth")
torch.save((3, [state]), "checkpoint-sequence.pth")
torch.save(argparse.Namespace(weights=state), "checkpoint-object.pth")
torch.save({"ema": OrderedDict((k, v + 1) for k, v in state.items()), "state_dict": state}, "checkpoint-ema.pth")
torch.save({"encoder": state, "decoder": fill(Net(nn.GRU)).state_dict()}, "checkpoint-two.pth")

# Whole modules, and TorchScript. The legacy form and TorchScript carry the classes' source, which is left out.
def without_source(*_):
    raise OSError


torch.serialization.get_source_lines_and_file = without_source


def script(module, name):
    buffer = io.BytesIO()
    torch.jit.save(module, buffer)
    source = zipfile.ZipFile(buffer)
    with zipfile.ZipFile(name, "w") as target:
        for entry in source.namelist():
            if "/code/" not in entry:
                target.writestr(zipfile.ZipInfo(entry), source.read(entry))


torch.save(net, "module.pth")
torch.save(net, "module-legacy.pth", _use_new_zipfile_serialization=False)
torch.save({"model": net, "epoch": 3}, "checkpoint-module.pth")
script(torch.jit.script(net), "scripted.pt")
script(torch.jit.trace(net, torch.ones(4, 1, 3)), "traced.pt")
script(torch.jit.freeze(torch.jit.script(net.eval())), "frozen.pt")

# safetensors in each float type; bfloat16 is the upper half of a float32.
arrays = {k: v.numpy() for k, v in state.items()}
for kind, code in {"F64": "<f8", "F32": "<f4", "F16": "<f2"}.items():
    safetensors(f"lstm-{kind}.safetensors", {k: (kind, list(v.shape), v.astype(code).tobytes()) for k, v in arrays.items()})
safetensors("lstm-BF16.safetensors", {k: ("BF16", list(v.shape), (v.view("<u4") >> 16).astype("<u2").tobytes()) for k, v in arrays.items()})

# Other networks.
full = fill(Full()).state_dict()
npz("full.npz", full)
torch.save(full, "full.pth")
torch.save(full, "full-legacy.pth", _use_new_zipfile_serialization=False)
safetensors("full.safetensors", {k: ("F32", list(v.shape), v.numpy().tobytes()) for k, v in full.items()})
npz("bidirectional.npz", fill(Net(bidirectional=True)).state_dict())
npz("nobias.npz", fill(nn.GRU(3, 2, bias=False)).state_dict())
torch.save(fill(nn.LSTMCell(3, 2)).state_dict(), "lstm-cell.pth")
torch.save(nn.ModuleDict({"step": fill(nn.GRUCell(3, 2, bias=False))}).state_dict(), "gru-cell.pth")

# Networks that the accelerator does not have.
torch.save(fill(nn.LSTM(3, 2, proj_size=1)).state_dict(), "projection.pth")
torch.save(fill(nn.RNN(3, 2)).state_dict(), "plain-rnn.pth")
torch.save(nn.Linear(3, 2).state_dict(), "no-rnn.pth")
torch.save(torch.ones(3), "tensor.pth")
torch.save(torch.quantization.quantize_dynamic(net, {nn.LSTM, nn.Linear}).state_dict(), "quantized.pth")
