// apache-arrow with a decompressor, of which it brings none, and its values as plain ones: a number, or the list of a row.
import { CompressionType, compressionRegistry, tableFromIPC } from "apache-arrow";
import { decompress } from "fzstd";

compressionRegistry.set(CompressionType.ZSTD, { decode: (data) => decompress(data) });

export const plain = (value) => {
  if (typeof value === "bigint") {
    return Number(value);
  }
  return typeof value === "object" && value?.[Symbol.iterator] ? Array.from(value, plain) : value;
};

export { tableFromIPC };
