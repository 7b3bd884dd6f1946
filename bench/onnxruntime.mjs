// Runs an ONNX model for bench/compare: node onnxruntime.mjs MODEL.onnx THREADS X.bin STEPS BATCH INPUTS OUTPUT.bin
// The output of the first run goes to OUTPUT.bin. Then each line of standard input is a number of seconds, answered by the rate
// of the best run in that time, in timesteps times sequences a second.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const require = createRequire(process.env.ORT_DIR + "/");
const ort = require("onnxruntime-node");
const [model, threads, input, steps, batch, inputs, output] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, {
  executionMode: "sequential",
  graphOptimizationLevel: "all",
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
});
const raw = readFileSync(input);
const values = new Float32Array(raw.buffer, raw.byteOffset, raw.byteLength / 4);
const x = new ort.Tensor("float32", values, [Number(steps), Number(batch), Number(inputs)]);
const run = async () => (await session.run({ x })).y;

const first = (await run()).data;
writeFileSync(output, Buffer.from(first.buffer, first.byteOffset, first.byteLength));
const manifest = process.env.ORT_DIR + "/node_modules/onnxruntime-node/package.json";
console.log("ready", JSON.parse(readFileSync(manifest)).version);
for await (const line of createInterface({ input: process.stdin })) {
  const end = performance.now() + Number(line) * 1000;
  let best = 0;
  for (let now = 0; now < end; ) {
    const start = performance.now();
    await run();
    now = performance.now();
    best = Math.max(best, (Number(steps) * Number(batch) * 1000) / (now - start));
  }
  console.log(best);
}
