"""Runs float LSTMs in PyTorch for bench/compare.

torch_lstm.py WEIGHTS.bin THREADS X.bin STEPS BATCH INPUTS OUTPUT.bin UNITS...

WEIGHTS.bin is float32, per layer the weights for x, for h, and the bias, in PyTorch's order of gates. The output of the first run goes
to OUTPUT.bin. Then each line of standard input is a number of seconds, answered by the rate of the best run in that time, in
timesteps times sequences a second.
"""
import sys
import time

import numpy as np
import torch

weights, threads, x, steps, batch, inputs, output = sys.argv[1:8]
steps, batch, inputs = int(steps), int(batch), int(inputs)
torch.set_num_threads(int(threads))
torch.set_grad_enabled(False)

rest = np.fromfile(weights, dtype="<f4")
layers = []
for hidden in map(int, sys.argv[8:]):
    layer = torch.nn.LSTM(inputs, hidden)
    for parameter in (layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0):
        parameter.copy_(torch.from_numpy(rest[: parameter.numel()].copy()).reshape(parameter.shape))
        rest = rest[parameter.numel():]
    layer.bias_hh_l0.zero_()
    layers.append(layer)
    inputs = hidden
x = torch.from_numpy(np.fromfile(x, dtype="<f4")).reshape(steps, batch, -1)


def run():
    h = x
    for layer in layers:
        h, _ = layer(h)
    return h


run().numpy().astype("<f4").tofile(output)
print("ready", torch.__version__, flush=True)
for line in sys.stdin:
    end, best, now = time.perf_counter() + float(line), 0.0, 0.0
    while now < end:
        start = time.perf_counter()
        run()
        now = time.perf_counter()
        best = max(best, steps * batch / (now - start))
    print(best, flush=True)
