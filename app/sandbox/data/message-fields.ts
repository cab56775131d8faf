/** The fields of a message body, as filters and SOW keys see them. */
export type Fields = Readonly<Record<string, unknown>>;

/** Reads a body by its message type; null where the sandbox cannot look into it (composites, binary). */
export function readFields(messageType: string, body: Buffer): Fields | null {
  if (messageType === "json") return readJson(body);
  if (messageType === "nvfix" || messageType === "fix") return readNameValues(body);
  return null;
}

function readJson(body: Buffer): Fields | null {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function readNameValues(body: Buffer): Fields {
  const pairs = body.toString("utf8").split("\u0001");
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const at = pair.indexOf("=");
      return at > 0 ? [[pair.slice(0, at), pair.slice(at + 1)]] : [];
    }),
  );
}

/** The value at a path such as `/order/price`, or undefined. */
export function fieldAt(fields: Fields, path: readonly string[]): unknown {
  let value: unknown = fields;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Fields)[name];
  }
  return value;
}
