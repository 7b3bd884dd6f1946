// Opens a Parquet file with polars and prints its columns as JSON: {"rows", "columns": {name: [values]}}.
import pl from "nodejs-polars";

const plain = (value) => (typeof value === "bigint" ? Number(value) : value);
const frame = pl.readParquet(process.argv[2]);
const columns = {};
for (const name of frame.columns) {
  columns[name] = Array.from(frame.getColumn(name).toArray(), plain);
}
console.log(JSON.stringify({ rows: frame.height, columns }));
