/**
 * Reads values of AMPS's admin documents as they come: strings or numbers, flags in every spelling, rows as an array, one
 * object or nothing (amps-facts 4.2). What cannot be read is null, never a guess.
 */

export function readNumber(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const spellings: ReadonlyMap<string, boolean> = new Map([
  ...["1", "true", "yes", "on", "enabled", "connected"].map((word) => [word, true] as const),
  ...["0", "false", "no", "off", "disabled", "disconnected"].map((word) => [word, false] as const),
]);

export function readFlag(value: unknown): boolean | null {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return null;
  return spellings.get(String(value).trim().toLowerCase()) ?? null;
}

const longestText = 255;

export function readText(value: unknown): string | null {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text.trim() !== "" ? text.trim().slice(0, longestText) : null;
}

export type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field of an object; undefined where the value is none or the field is not its own. */
export function field(value: unknown, name: string): unknown {
  return isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** An empty collection may be `[]`, `""` or absent; null where the value is no collection at all. */
export function readRows(value: unknown): readonly Fields[] | null {
  if (value === undefined || value === null || value === "") return [];
  if (isFields(value)) return [value];
  if (!Array.isArray(value) || !value.every(isFields)) return null;
  return value;
}

/** `hh:mm:ss.uuuuuu` (hours may pass 24, days may be in front), in milliseconds. */
export function readSpan(value: unknown): number | null {
  const match =
    typeof value === "string" ? /^(?:(\d+)[d.:\s]+)?(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(value.trim()) : null;
  if (!match) return null;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = match;
  return Math.floor(
    ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1_000,
  );
}
