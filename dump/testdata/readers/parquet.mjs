// Opens a Parquet file with polars and with DuckDB and prints its columns as JSON: {"polars": table, "duckdb": table, "query": rows}; a
// table is {"rows", "columns": {name: [values]}}. The second argument is a query for DuckDB, which runs in the file's folder and gives
// the rows, lists of values.
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import pl from "nodejs-polars";

const plain = (value) => (typeof value === "bigint" ? Number(value) : value);

function byPolars(path) {
  const frame = pl.readParquet(path);
  const columns = {};
  for (const name of frame.columns) {
    columns[name] = Array.from(frame.getColumn(name).toArray(), plain);
  }
  return { rows: frame.height, columns };
}

const [, , path, query] = process.argv;
const polars = byPolars(path);
const connection = await (await DuckDBInstance.create(":memory:")).connect();
const read = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')`);
const columns = {};
for (const [name, values] of Object.entries(read.getColumnsObjectJS())) {
  columns[name] = Array.from(values, plain);
}
process.chdir(dirname(path));
const answer = await connection.runAndReadAll(query);
const rows = answer.getRowsJS().map((row) => row.map(plain));
console.log(JSON.stringify({ polars, duckdb: { rows: read.currentRowCount, columns }, query: rows }));
