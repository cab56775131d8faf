/** Reading a configuration that was pasted, and laying it over the present one. */
import type { ShuntConfig } from "../../../app/contract/config.ts";

type ReadDocument =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** The JSON of a text, or what is wrong with it. */
export function readDocument(text: string): ReadDocument {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return {
      ok: false,
      message: `This is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

const collections = ["tunnels", "backends", "pools", "routes"] as const;

/**
 * The document that an import would save. `merge` keeps what is there and lets an imported row take the place of one
 * with its id. What does not look like a configuration is passed on as it is, for the check to refuse by path.
 */
export function mergeConfig(current: ShuntConfig, imported: unknown, way: "replace" | "merge"): ShuntConfig {
  if (!isDocument(imported)) return imported as ShuntConfig;
  const merged: Record<string, unknown> = { ...imported };
  for (const name of collections)
    merged[name] = mergeRows(way === "merge" ? current[name] : [], imported[name]);
  return merged as unknown as ShuntConfig;
}

function isDocument(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mergeRows(current: readonly { readonly id: string }[], imported: unknown): unknown {
  if (imported === undefined) return current;
  if (!Array.isArray(imported)) return imported;
  const rows = imported as readonly { readonly id?: unknown }[];
  const known = new Set<unknown>(current.map((row) => row.id));
  const first = new Map<unknown, unknown>();
  // Two imported rows of one id both stay, so that the check names the duplicate.
  const doubled: unknown[] = [];
  for (const row of rows) {
    if (first.has(row?.id)) doubled.push(row);
    else first.set(row?.id, row);
  }
  const kept = current.map((row) => first.get(row.id) ?? row);
  return [...kept, ...[...first].filter(([id]) => !known.has(id)).map(([, row]) => row), ...doubled];
}
