"""A device for docs/protocol.md, an LSTM: rnnsim gen MODEL | python3 device.py FOLDER-OF-EXPORT-RTL | rnnsim verify MODEL -"""
import json, sys
manifest = json.load(open(sys.argv[1] + "/manifest.json"))
signed = lambda word, bits: (int(word, 16) ^ 1 << bits - 1) - (1 << bits - 1)
read = lambda f: [signed(w, f["bits"]) for w in open(sys.argv[1] + "/" + f["file"]).read().split()]
tables = {t["name"]: (read(t), t) for t in manifest["tables"]}
parameters = {p["name"]: (read(p), p["position"]) for p in manifest["cells"][0]["parameters"]}
node, value = {n["name"]: n for n in manifest["cells"][0]["nodes"]}, {}
at, shift = lambda name: node[name]["position"], lambda v, n: v >> n if n >= 0 else v << -n
def quantize(name, wide, position):  # shift right, which floors, then saturate
    half = 1 << node[name]["bits"] - 1
    value[name] = [max(-half, min(half - 1, shift(v, position - at(name)))) for v in wide]
def add(name, a, b, pa, pb):
    quantize(name, [shift(u, pa - max(pa, pb)) + shift(v, pb - max(pa, pb)) for u, v in zip(a, b)], max(pa, pb))
def multiply(name, a, b): quantize(name, [u * v for u, v in zip(value[a], value[b])], at(a) + at(b))
def linear(name, x, weight, bias=None):
    cut, (w, position) = name + "_pre_fix_i0", parameters[weight]
    if cut in node: quantize(cut, value[x], at(x)); x = cut  # products of 8 bits
    n = len(value[x])
    quantize(name, [sum(map(int.__mul__, w[i:i + n], value[x])) for i in range(0, len(w), n)], position + at(x))
    if bias in parameters: add(name, value[name], parameters[bias][0], at(name), parameters[bias][1])
def look_up(name, x, table):
    (entries, t), index = tables[table], [shift(v, at(x) - tables[table][1]["index_position"]) + 1024 for v in value[x]]
    quantize(name, [t["below"] if i < 0 else t["above"] if i > 2047 else entries[i] for i in index], t["position"])
for line in sys.stdin:
    if line.startswith("input "): x_bits, x_position = map(int, line.split()[2:])
    print("yields 0 " + " ".join(node) + "\n" + line if line == "begin\n" else line, end="")
    if not line.startswith("x "): continue
    sequence, step, *words = line.split()[1:]
    quantize("input_0", [signed(w, x_bits) for w in words], x_position)
    for old, new in (("input_1", "h_next"), ("input_2", "c_next")):
        quantize(old, [0] * node[new]["width"] if step == "0" else value[new], at(new))
    for k, out in zip("ifgo", ("it", "ft", "cct", "ot")):
        x, h = f"w_i{k}___input_0___bias_{k}", f"w_h{k}___input_1"
        linear(x, "input_0", "weight_i" + k, "bias_" + k); linear(h, "input_1", "weight_h" + k)
        add("y_" + k, value[x], value[h], at(x), at(h)); look_up(out, "y_" + k, "tanh" if k == "g" else "sigmoid")
    multiply("it_cct", "it", "cct"); multiply("ft_input_2", "ft", "input_2")
    add("c_next", value["it_cct"], value["ft_input_2"], at("it_cct"), at("ft_input_2")); look_up("c_temp", "c_next", "tanh")
    multiply("h_next", "ot", "c_temp")
    print("y 0", sequence, step, *(f"{v & (1 << n['bits']) - 1:0{(n['bits'] + 3) // 4}x}" for name, n in node.items() for v in value[name]))
