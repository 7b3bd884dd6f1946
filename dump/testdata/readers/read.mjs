// Opens Arrow files with apache-arrow and with polars and prints what each of them finds, as JSON: a list with an object a
// file, {"arrow": table, "polars": table}; a table is {"rows", "metadata", "columns": {name: {"metadata", "values"}}}, a value being a
// number or the list of a row.
import { readFileSync } from "node:fs";
import pl from "nodejs-polars";
import { plain, tableFromIPC } from "./arrow.mjs";

function byArrow(path) {
  const table = tableFromIPC(readFileSync(path));
  const columns = {};
  for (const field of table.schema.fields) {
    const values = Array.from(table.getChild(field.name), plain);
    columns[field.name] = { metadata: Object.fromEntries(field.metadata), values };
  }
  return { rows: table.numRows, metadata: Object.fromEntries(table.schema.metadata), columns };
}

function byPolars(path) {
  const frame = pl.readIPC(readFileSync(path));
  const columns = {};
  for (const name of frame.columns) {
    columns[name] = { values: Array.from(frame.getColumn(name).toArray(), plain) };
  }
  return { rows: frame.height, columns };
}

const [, , ...paths] = process.argv;
console.log(JSON.stringify(paths.map((path) => ({ arrow: byArrow(path), polars: byPolars(path) }))));
