// Opens Arrow files with apache-arrow, each and the file that it was before a bit was flipped, and prints what of the one is other in
// the other, as a list of JSON: "same", "refused: …", "metadata", or "columns: NAMES". The arguments come in pairs: spoilt, before.
import { readFileSync } from "node:fs";
import { plain, tableFromIPC } from "./arrow.mjs";

function open(path) {
  const table = tableFromIPC(readFileSync(path));
  const columns = new Map();
  const described = [["", [...table.schema.metadata]]];
  for (const field of table.schema.fields) {
    described.push([field.name, String(field.type), [...field.metadata]]);
    columns.set(field.name, JSON.stringify([table.numRows, Array.from(table.getChild(field.name), plain)]));
  }
  return { described: JSON.stringify(described), columns };
}

function difference(spoilt, before) {
  const want = open(before);
  let got;
  try {
    got = open(spoilt);
  } catch (problem) {
    return `refused: ${problem.message}`;
  }
  const names = [...want.columns.keys(), ...got.columns.keys()].filter((name) => want.columns.get(name) !== got.columns.get(name));
  if (names.length > 0) {
    return `columns: ${[...new Set(names)].join(" ")}`;
  }
  return got.described === want.described ? "same" : "metadata";
}

const paths = process.argv.slice(2);
const found = [];
for (let i = 0; i < paths.length; i += 2) {
  found.push(difference(paths[i], paths[i + 1]));
}
console.log(JSON.stringify(found));
