import { readFileSync } from "node:fs";

interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      /** The first field's are the names of its values. */
      readonly node_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
}

/** What a program makes; V8's code, which is compiled anew as it runs, and what lies outside its heap are not of these. */
const kinds = new Set([
  "array",
  "bigint",
  "closure",
  "concatenated string",
  "number",
  "object",
  "object shape",
  "regexp",
  "sliced string",
  "string",
  "symbol",
]);

/** MB of a program's own data in a heap snapshot, whose head describes its numbers (`v8.writeHeapSnapshot`). */
export function heapDataMb(file: string): number {
  const { snapshot, nodes } = JSON.parse(readFileSync(file, "utf8")) as HeapSnapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [typeAt, sizeAt] = [fields.indexOf("type"), fields.indexOf("self_size")];
  const counted = types[0].map((kind) => kinds.has(kind));
  let bytes = 0;
  for (let node = 0; node < nodes.length; node += fields.length)
    if (counted[nodes[node + typeAt] ?? -1]) bytes += nodes[node + sizeAt] ?? 0;
  return bytes / 1024 / 1024;
}
